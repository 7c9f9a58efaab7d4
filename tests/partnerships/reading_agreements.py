"""What the tests of agreements' pages share: readers, agreements that everybody may read, what a visit costs."""

from __future__ import annotations

import datetime as dt

from django.test import Client

from partnerships.changing.agreement import refresh_summaries
from partnerships.models import Agreement, Deed, Scheme, SchemeFunction, SchemeTerms
from pooledcare.directory.models import Organisation, User
from tests import factories
from tests.partnerships.whole_story import Story


def logged_in(user: User) -> Client:
    client = Client()
    factories.log_in(client, user)
    return client


def published(board: Organisation, county: Organisation, **fields) -> Agreement:
    given = {"title": "Mereshire joint arrangements", "places": [factories.place(name="Mereshire")]} | fields
    return factories.signed_agreement(partners=[board, county], is_published=True, **given)


def dental(told: Story) -> SchemeTerms:
    """A published deed by which a scheme comes to hold primary dental services."""
    made = told.agreement
    Deed.objects.filter(agreement=made, number=2).update(state="withdrawn")
    deed = Deed.objects.create(agreement=made, number=3, kind="variation", effective_on=dt.date(2025, 9, 1))
    terms = SchemeTerms.objects.create(
        deed=deed, scheme=Scheme.objects.create(agreement=made, slug="dental"), name="Dental care at home",
        flexibilities=["pooled_fund"],
    )  # fmt: skip
    SchemeFunction.objects.create(terms=terms, function=factories.function("primary-dental"), holder=told.board)
    deed.state, deed.signed_on, deed.published_on = "signed", dt.date(2025, 8, 1), dt.date(2025, 8, 1)
    deed.save()
    refresh_summaries([made])
    return terms
