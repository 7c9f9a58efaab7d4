"""One factory for each model; the default is the smallest valid thing.

Factories write rows directly: they are the one place outside actions and reference loads that may.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import itertools
import secrets
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone

from budgets.models import Allocation, FundingStream
from partnerships.changing.agreement import refresh_summaries
from partnerships.models import (
    Agreement,
    AgreementPlace,
    AgreementStatus,
    Clause,
    Deed,
    Document,
    Function,
    Partner,
    Pool,
    PoolTerms,
    Precondition,
    Publication,
    Scheme,
    SchemeFunction,
    SchemeTerms,
)
from partnerships.terms import ClauseKind
from pooledcare.directory.access import Actor, person_actor, system_actor
from pooledcare.directory.models import (
    ApiKey,
    AreaTransfer,
    Membership,
    Organisation,
    OrganisationCode,
    Overlap,
    Place,
    PlaceCouncil,
    Population,
    Region,
    ShortName,
    Source,
    Succession,
    User,
)
from pooledcare.directory.wording import letters_of
from pooledcare.uploads.models import LayoutQuestion, Upload, UploadLayout, UploadLayoutVersion
from pooledcare.uploads.proposals.shapes import (
    HeadRow,
    Option,
    Proposal,
    ProposedColumn,
    ProposedSheet,
    Question,
    Role,
    ValueColumn,
)

_numbers = itertools.count(1)
PASSWORD = "correct horse battery staple"
TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def number() -> int:
    return next(_numbers)


def source(**fields: Any) -> Source:
    n = number()
    values = {
        "slug": f"source-{n}",
        "title": f"Publication {n}",
        "publisher": "Office of Examples",
        "licence": "Open Government Licence v3.0",
        "dated": dt.date(2024, 4, 1),
    }
    return Source.objects.create(**values | fields)


def region(**fields: Any) -> Region:
    n = number()
    return Region.objects.create(**{"code": f"Y{n}", "name": f"Region {n}", "kind": "nhs"} | fields)


def organisation(**fields: Any) -> Organisation:
    """An open organisation with one code, valid for as long as the organisation exists."""
    n = number()
    values: dict[str, Any] = {"name": f"Example Organisation {n}", "kind": "icb", "code": f"X{n:04d}"}
    made = Organisation.objects.create(**values | fields)
    OrganisationCode.objects.create(
        organisation=made,
        scheme="gss" if made.is_council else "ods",
        code=made.code,
        valid_from=made.opened,
        valid_to=made.closed,
    )
    return made


def council(**fields: Any) -> Organisation:
    return organisation(**{"kind": "unitary", "code": f"E06{number():06d}"} | fields)


def nhs_england() -> Organisation:
    """The publisher of NHS allocations."""
    found = Organisation.objects.filter(code="X24").first()
    return found or organisation(name="NHS England", kind="nhs_england", code="X24")


def mhclg() -> Organisation:
    """The publisher of councils' returns."""
    found = Organisation.objects.filter(code="MHCLG").first()
    return found or organisation(
        name="Ministry of Housing, Communities and Local Government", kind="government_department", code="MHCLG"
    )


def place(**fields: Any) -> Place:
    n = number()
    return Place.objects.create(**{"slug": f"place-{n}", "name": f"Place {n}"} | fields)


def place_council(**fields: Any) -> PlaceCouncil:
    values = {"role": "upper_tier"} | fields
    values.setdefault("place", None)
    values["place"] = values["place"] or place()
    values.setdefault("organisation", None)
    values["organisation"] = values["organisation"] or council()
    return PlaceCouncil.objects.create(**values)


def overlap(*, organisation: Organisation, place: Place, **fields: Any) -> Overlap:
    values: dict[str, Any] = {
        "measure": "small_areas",
        "as_at": dt.date(2021, 4, 1),
        "quantity": 100,
        "share": Decimal("0.5"),
        "share_of_place": Decimal("1"),
    }
    return Overlap.objects.create(organisation=organisation, place=place, **values | fields)


def succession(*, predecessor: Organisation, successor: Organisation, **fields: Any) -> Succession:
    values = {"effective_on": dt.date(2022, 7, 1)} | fields
    return Succession.objects.create(predecessor=predecessor, successor=successor, **values)


def short_name(*, organisation: Organisation, name: str, **fields: Any) -> ShortName:
    return ShortName.objects.create(
        **{"organisation": organisation, "letters": letters_of(name), "name": name} | fields
    )


def area_transfer(*, giver: Organisation, receiver: Organisation, **fields: Any) -> AreaTransfer:
    values = {"effective_on": dt.date(2022, 7, 1), "area": "North Mere"} | fields
    return AreaTransfer.objects.create(giver=giver, receiver=receiver, **values)


def population(*, organisation: Organisation, persons: int, **fields: Any) -> Population:
    values = {"measure": "resident_estimate", "as_at": dt.date(2023, 6, 30)} | fields
    return Population.objects.create(organisation=organisation, persons=persons, **values)


def person(**fields: Any) -> User:
    n = number()
    return User.objects.create_user(
        **{"email": f"person{n}@example.org", "password": PASSWORD, "name": f"Person {n} (example)"} | fields
    )


def second_factor(user: User) -> Authenticator:
    secret = get_adapter().encrypt(TOTP_SECRET)
    return Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": secret})


def member(*, organisation: Organisation, roles: list[str], **fields: Any) -> User:
    """A person with a second factor and one membership."""
    user = person(**fields)
    second_factor(user)
    Membership.objects.create(user=user, organisation=organisation, roles=roles)
    return user


def actor(user: User) -> Actor:
    """The actor that a request of this person would carry now."""
    return person_actor(User.objects.get(pk=user.pk))


def log_in(client: Client, user: User) -> None:
    """As after password and second factor."""
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")


def api_key(
    *, created_by: User, organisation: Organisation, permissions: list[str], **fields: Any
) -> tuple[ApiKey, str]:
    """A key and the token that a client would send."""
    prefix, secret = secrets.token_hex(4), secrets.token_urlsafe(32)
    token = f"pc_{prefix}_{secret}"
    values: dict[str, Any] = {
        "name": "Example system",
        "prefix": prefix,
        "secret_hash": hashlib.sha256(token.encode()).hexdigest(),
        "expires_at": timezone.now() + dt.timedelta(days=90),
    }
    key = ApiKey.objects.create(
        created_by=created_by, organisation=organisation, permissions=permissions, **values | fields
    )
    return key, token


def stream(**fields: Any) -> FundingStream:
    n = number()
    values: dict[str, Any] = {
        "code": f"stream-{n}",
        "name": f"Stream {n}",
        "description": "An example stream.",
        "holder_kinds": ["icb"],
        "funder": "X24",
        "functions": "Commissioning of examples",
        "ring_fenced": False,
        "nature": "revenue",
        "gross_or_net": "not_applicable",
        "first_year": 2013,
        "position": n,
    }
    return FundingStream.objects.create(**values | fields)


def upload(*, organisation: Organisation, **fields: Any) -> Upload:
    """An accepted upload of that organisation, prepared and accepted by PooledCare itself."""
    n = number()
    values: dict[str, Any] = {
        "kind": "allocations",
        "channel": "reference",
        "filename": f"figures-{n}.csv",
        "stored_name": f"stored-{n}",
        "size": 100,
        "sha256": hashlib.sha256(str(n).encode()).hexdigest(),
        "state": "accepted",
        "prepared_actor": system_actor("example-preparer").reference,
        "accepted_actor": system_actor("example-accepter").reference,
        "accepted_at": timezone.now(),
        "published_on": dt.date(2024, 4, 1),
    }
    return Upload.objects.create(organisation=organisation, **values | fields)


def asked(*, organisation: Organisation, **fields: Any) -> Upload:
    """An upload whose file waits for its layout: codes in column A, amounts in column B, and its year is not said."""
    content = b"Code,Core (\xc2\xa3k)\nQXM,1234\nQXN,5\n"
    stored = default_storage.save(f"asked-{number()}", ContentFile(content))
    values: dict[str, Any] = {"state": "needs_layout", "accepted_actor": "", "accepted_at": None, "channel": "page"}
    waiting = upload(organisation=organisation, stored_name=stored, size=len(content), **values | fields)
    question = Question("year", "", "Which financial year are the figures for?")
    sheet = ProposedSheet(
        "",
        use=True,
        reason="Column A has codes of boards.",
        header_row=1,
        columns=(
            ProposedColumn(0, "A", "Code", Role.CODE, "2 of 2 cells are codes of boards."),
            ProposedColumn(1, "B", "Core (£k)", Role.AMOUNT, "Its cells are numbers.", {"stream": "nhs-core"}),
        ),
        rows=2,
        known=2,
        head=(HeadRow(1, ("Code", "Core (£k)")), HeadRow(2, ("QXM", "1234")), HeadRow(3, ("QXN", "5"))),
    )
    columns = (
        ValueColumn("stream", "Stream", True, (Option("nhs-core", "Core"),)),
        ValueColumn("financial_year", "Year", True),
    )
    proposal = Proposal(
        (sheet,),
        columns,
        unit="1000",
        unit_reason="The heading says £k.",
        values={"basis": "allocation"},
        questions=(question,),
    )
    LayoutQuestion.objects.create(upload=waiting, asked="reading", proposal=proposal.as_json())
    return waiting


def layout(*, organisation: Organisation, stated: dict[str, Any] | None = None, **fields: Any) -> UploadLayoutVersion:
    """The first version of a saved layout: boards in column “Board”, core services in “Core (£k)”."""
    name = fields.pop("name", f"Layout {number()}")
    saved = UploadLayout.objects.create(organisation=organisation, kind=fields.pop("kind", "allocations"), name=name)
    values: dict[str, Any] = {
        "number": 1,
        "step": "saved",
        "stated": {"title": name, "publisher": organisation.name, **(stated or LAYOUT)},
        "made_actor": "user:1",
    }
    return UploadLayoutVersion.objects.create(layout=saved, **values | fields)


LAYOUT: dict[str, Any] = {
    "summary": "",
    "unit": 1000,
    "defaults": {"basis": "allocation", "recurrence": "recurrent"},
    "sheets": [{"code": "Board", "figures": [{"heading": r"Core\ \(£k\)", "stream": "nhs-core"}]}],
}


def allocation(**fields: Any) -> Allocation:
    """A current, published figure of an integrated care board, from NHS England."""
    values: dict[str, Any] = {
        "financial_year": 2024,
        "basis": "allocation",
        "gross_or_net": "not_applicable",
        "recurrence": "recurrent",
        "amount": Decimal("1000.00"),
        "version": 1,
        "published_on": dt.date(2024, 4, 1),
    } | fields
    values["organisation"] = values.get("organisation") or organisation()
    values["stream"] = values.get("stream") or stream()
    values["source"] = values.get("source") or nhs_england()
    values["upload"] = values.get("upload") or upload(
        organisation=values["source"], published_on=values["published_on"]
    )
    return Allocation.objects.create(**values)


# --- agreements ------------------------------------------------------------------------------------------------------

FIRST_DAY = dt.date(2024, 4, 1)


def function(code: str = "nhs-s3", **fields: Any) -> Function:
    """A function by its code: the one that was loaded with the law, else an example."""
    found = Function.objects.filter(code=code).first()
    values = {"name": f"Example function {code}", "side": "nhs", "provision": "Example Act s 1", "position": 1}
    return found or Function.objects.create(code=code, **values | fields)


def agreement(**fields: Any) -> Agreement:
    """A draft, far from finished: a title, a first day, and two partners, an integrated care board and a council.

    The first partner has begun it. `of_agreement` are columns of the agreement, the rest are columns of its deed.
    """
    return _restated(_begun(**fields))


def whole_agreement(**fields: Any) -> Agreement:
    """A draft that is lawful: an NHS body hosts a fund, one scheme has functions of both sides, and every clause."""
    return _restated(_whole(**fields))


def signed_agreement(**fields: Any) -> Agreement:
    """A whole one that was signed before its first day; published by every partner if `is_published`."""
    return _restated(_signed(**fields))


def _restated(made: Agreement) -> Agreement:
    refresh_summaries([made])
    return made


def _begun(
    *, partners: Sequence[Organisation] = (), places: Sequence[Place] = (), of_agreement: Any = None, **of_deed: Any
) -> Agreement:
    joining = list(partners) or [organisation(), council()]
    made = Agreement.objects.create(**{"power": "s75", "prepared_by": joining[0]} | (of_agreement or {}))
    AgreementStatus.objects.create(agreement=made, state=made.state, actor=system_actor("example").reference)
    values = {"title": f"Example agreement {number()}", "effective_on": FIRST_DAY}
    deed = Deed.objects.create(agreement=made, number=0, kind="original", **values | of_deed)
    for each in joining:
        Partner.objects.create(agreement=made, deed=deed, organisation=each, role="commissioner")
    for there in places:
        AgreementPlace.objects.create(agreement=made, place=there)
    return made


def _whole(*, slug: str = "reablement", **fields: Any) -> Agreement:
    made = _begun(**{"notice_months": 6, "sets_end": True} | fields)
    deed, joined = open_deed(made), [each.organisation for each in made.partners.order_by("pk")]
    nhs = next((each for each in joined if each.is_nhs), joined[0])
    other = next((each for each in joined if each.is_council), joined[-1])
    fund = PoolTerms.objects.create(
        deed=deed, pool=Pool.objects.create(agreement=made, slug=slug), name="Example fund", kind="pooled",
        host=nhs, manager="Head of joint commissioning", manager_employer=nhs,
    )  # fmt: skip
    terms = SchemeTerms.objects.create(
        deed=deed, scheme=Scheme.objects.create(agreement=made, slug=slug), name="Example scheme",
        aims="Fewer stays in hospital.", services="Reablement at home.", flexibilities=["pooled_fund"], lead=nhs,
        pool=fund.pool,
    )  # fmt: skip
    for code, side, holder in (("nhs-s3", "nhs", nhs), ("social-services", "local_authority", other)):
        SchemeFunction.objects.create(terms=terms, function=function(code, side=side), holder=holder)
    for kind in ClauseKind:
        Clause.objects.create(deed=deed, kind=kind, text=f"What is agreed on: {kind.label.lower()}.")
    for condition in ("improvement", "joint_consultation"):
        Precondition.objects.create(
            agreement=made, kind=condition, met_on=FIRST_DAY, evidence="Paper 1", organisation=nhs,
            actor=system_actor("example").reference,
        )  # fmt: skip
    return made


def open_deed(made: Agreement) -> Deed:
    return made.deeds.get(state__in=["draft", "changes_requested", "approved"])


def _signed(*, is_published: bool = False, state: str = "in_operation", **fields: Any) -> Agreement:
    made = _whole(**fields)
    deed = open_deed(made)
    deed.state, deed.signed_on = "signed", (deed.effective_on or FIRST_DAY) - dt.timedelta(days=30)
    if is_published:
        deed.published_on = deed.signed_on
        for each in made.partners.all():
            Publication.objects.create(deed=deed, organisation=each.organisation, actor="system:example")
    deed.save()
    made.state = state
    made.operating_since = None if state == "signed" else deed.effective_on
    made.save()
    AgreementStatus.objects.create(agreement=made, state=state, actor=system_actor("example").reference)
    return made


def document(made: Agreement, *, content: bytes = b"An example paper.", **fields: Any) -> Document:
    """A paper kept with an agreement; exempt, so for its partners alone."""
    name = default_storage.save(f"agreements/example-{number()}", ContentFile(content))
    values: dict[str, Any] = {
        "organisation": made.prepared_by,
        "actor": system_actor("example").reference,
        "kind": "decision_paper",
        "title": f"Example paper {number()}",
        "filename": "paper.pdf",
        "content_type": "application/pdf",
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "scan": "not_scanned",
    }
    return Document.objects.create(agreement=made, stored_name=name, **values | fields)
