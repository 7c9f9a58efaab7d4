"""What the tests of agreements' pages share: readers, agreements that everybody may read, what a visit costs."""

from __future__ import annotations

import datetime as dt
import io
import zipfile

from django.test import Client

from partnerships.changing.agreement import refresh_summaries
from partnerships.models import Agreement, Deed, Scheme, SchemeFunction, SchemeTerms
from pooledcare.directory.models import Organisation, User
from tests import factories
from tests.budgets.public import printed_tables
from tests.kernel.documents.papers import pages_of_pdf
from tests.world import World

TABS_OF_ALL = [
    "", "schemes/", "schemes/reablement/", "terms/", "findings/", "versions/", "deeds/0/", "governance/",
    "summary/",
]  # fmt: skip
TABS_OF_PARTNERS = ["tasks/", "history/"]
EVERY_TAB = [*TABS_OF_ALL, *TABS_OF_PARTNERS, "summary.docx", "summary.pdf"]

PROPOSED = "/agreements/proposals/?with=dental-ophthalmic-pharmaceutical-2015"


def logged_in(user: User) -> Client:
    client = Client()
    factories.log_in(client, user)
    return client


def published(board: Organisation, county: Organisation, **fields) -> Agreement:
    given = {"title": "Mereshire joint arrangements", "places": [factories.place(name="Mereshire")]} | fields
    return factories.signed_agreement(partners=[board, county], is_published=True, **given)


def dental(world: World) -> SchemeTerms:
    """A published deed by which a scheme comes to hold primary dental services."""
    made = world.story
    Deed.objects.filter(agreement=made, number=2).update(state="withdrawn")
    deed = Deed.objects.create(agreement=made, number=3, kind="variation", effective_on=dt.date(2025, 9, 1))
    terms = SchemeTerms.objects.create(
        deed=deed, scheme=Scheme.objects.create(agreement=made, slug="dental"), name="Dental care at home",
        flexibilities=["pooled_fund"],
    )  # fmt: skip
    held = {"function": factories.function("primary-dental"), "holder": world.icb.organisation}
    SchemeFunction.objects.create(terms=terms, **held)
    deed.state, deed.signed_on, deed.published_on = "signed", dt.date(2025, 8, 1), dt.date(2025, 8, 1)
    deed.save()
    refresh_summaries([made])
    return terms


def page_of(client: Client, made: Agreement, tab: str = "", **asked):
    return client.get(f"/agreements/{made.reference}/{tab}", asked)


def everything_in(answer) -> str:
    """The words of an answer, of packed files and PDFs too."""
    body = answer.getvalue()
    if body.startswith(b"%PDF-"):
        return " ".join(pages_of_pdf(body))
    if body[:2] != b"PK":
        return body.decode()
    packed = zipfile.ZipFile(io.BytesIO(body))
    return " ".join(packed.read(name).decode(errors="replace") for name in packed.namelist())


def listed(client, **asked) -> list[str]:
    return [row[0] for row in printed_tables(client.get("/agreements/", asked)).get("Agreements", [])[1:]]
