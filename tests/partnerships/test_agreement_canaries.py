"""Marks in every free text that partners keep to themselves: no page, answer, export, search or feed shows them others.

Three agreements carry them: a draft, one that is signed and not published, and one that is published, whose next deed
is under work. The partners are asked the same, so that nothing passes because nothing was shown to anybody.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import itertools
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import pytest
from django.apps import apps
from django.db import models, transaction
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

from partnerships.changing.agreement import refresh_summaries
from partnerships.models import Agreement, Deed
from partnerships.terms import ClauseKind
from pooledcare.directory.access import ROLES
from pooledcare.directory.history import announce
from pooledcare.directory.models import Organisation
from pooledcare.uploads.models import Upload
from tests import factories
from tests.asking import Api, key
from tests.kernel.documents.papers import pages_of_pdf
from tests.partnerships import agreement_rows as make
from tests.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

STEM = "canary"
DAY = dt.date(2024, 4, 1)
PERMISSIONS = ("read_unpublished", "prepare_agreements", "approve_agreements")
# Texts that nobody writes: codes, hashes, names of files of ours, who did something, and what is worked out.
NOT_WRITTEN = {
    "Deed": {"sealed_hash", "edited_by"},
    "AgreementStatus": {"actor"},
    "Approval": {"content_hash", "actor"},
    "Publication": {"actor"},
    "Precondition": {"actor"},
    "Decision": {"actor"},
    "TrustConsent": {"actor"},
    "Notice": {"actor"},
    "Occurrence": {"actor"},
    "ImpactAssessment": {"actor"},
    "IntegrationMark": {"actor"},
    "Document": {"actor", "stored_name", "content_type", "sha256"},
    "Reminder": {"scheme"},
    "AgreementSummary": {"title", "edited_by"},
    "UploadedRow": {"sheet", "slug"},
    "Pool": {"slug"},
    "Scheme": {"slug"},
}
OF_THE_LAW = {"Instrument", "Function", "Rule"}
OF_MONEY = {"Provider", "ProviderMatch"}  # shown with the money of a fund, to partners alone


def written(model: type[models.Model]) -> list[str]:
    """The fields of a model in which people write freely."""
    found = [
        each.name
        for each in model._meta.concrete_fields
        if isinstance(each, (models.TextField, models.CharField)) and not each.choices
    ]
    return [name for name in found if name not in NOT_WRITTEN.get(model.__name__, set())]


@dataclass
class Marks:
    """Every mark, and where it was written."""

    where: dict[str, str] = field(default_factory=dict)
    filled: set[tuple[str, str]] = field(default_factory=set)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(100))

    def new(self, where: str) -> str:
        mark = f"{STEM}{next(self._numbers)}z"
        self.where[mark] = where
        return mark

    def fill(self, maker: Callable[..., Any], model: str, about: str, **given: Any) -> Any:
        """A row with a mark in each of its texts."""
        values = dict(given)
        for name in written(apps.get_model("partnerships", model)):
            mark = self.new(f"{about}: {model}.{name}")
            values.setdefault(name, f"https://example.org/{mark}" if name == "url" else mark)
            self.filled.add((model, name))
        return maker(**values)


@dataclass
class Planted:
    """An agreement with marks, and what its addresses name."""

    agreement: Agreement
    numbers: list[int]
    pks: list[int]
    upload: Upload


class Planting:
    """The world, with the three agreements of its board and its council in which marks are planted."""

    def __init__(self, world: World) -> None:
        self.marks = Marks()
        self.place = world.place
        self.icb, self.county, stranger = (each.organisation for each in (world.icb, world.council, world.elsewhere))
        self.planted = [self._draft(), self._signed(), self._varied()]
        refresh_summaries([each.agreement for each in self.planted])
        self.partner, self.outsider = world.icb.person(*ROLES), world.elsewhere.person(*ROLES)
        self.partner_key = key(self.partner, self.icb, *PERMISSIONS)
        self.outsider_key = key(self.outsider, stranger, *PERMISSIONS)

    def _draft(self) -> Planted:
        agreement = make.agreement(prepared_by=self.icb)
        deed = self.marks.fill(make.deed, "Deed", "draft", agreement=agreement, effective_on=DAY)
        self._join(agreement, deed)
        return self._plant("draft", agreement, deed)

    def _signed(self) -> Planted:
        agreement = make.agreement(prepared_by=self.icb, state="in_operation", operating_since=DAY)
        deed = self.marks.fill(make.deed, "Deed", "signed", agreement=agreement, effective_on=DAY)
        self._join(agreement, deed)
        planted = self._plant("signed", agreement, deed)
        make.sign(deed)
        return planted

    def _varied(self) -> Planted:
        """Published, and with a deed under work that says everything anew."""
        agreement = factories.signed_agreement(
            is_published=True, partners=[self.icb, self.county], places=[self.place], slug="published"
        )
        deed = self.marks.fill(
            make.deed, "Deed", "varied", agreement=agreement, number=1, effective_on=dt.date(2030, 4, 1)
        )
        return self._plant("varied", agreement, deed)

    def _join(self, agreement: Agreement, deed: Deed) -> None:
        for body in (self.icb, self.county):
            make.partner(deed=deed, organisation=body)
        agreement.places.create(place=self.place)

    def _plant(self, about: str, agreement: Agreement, deed: Deed) -> Planted:
        fill = self.marks.fill
        for kind in ClauseKind:
            fill(make.clause, "Clause", f"{about} {kind}", deed=deed, kind=kind)
        pool = make.pool(agreement=agreement, slug="reablement")
        fund = fill(make.pool_terms, "PoolTerms", about, deed=deed, pool=pool, host=self.icb, manager_employer=self.icb)
        limit = fill(make.delegated_limit, "DelegatedLimit", about, terms=fund, partner=self.icb)
        fill(make.limit_deputy, "LimitDeputy", about, limit=limit)
        terms = fill(
            make.scheme_terms, "SchemeTerms", about, deed=deed, pool=fund.pool, lead=self.icb,
            scheme=make.scheme(agreement=agreement, slug="reablement"), flexibilities=["pooled_fund"],
        )  # fmt: skip
        function = factories.function("nhs-s3")
        fill(make.scheme_function, "SchemeFunction", about, terms=terms, function=function, holder=self.icb)
        fill(make.approval, "Approval", about, deed=deed, organisation=self.county)
        fill(make.status, "AgreementStatus", about, agreement=agreement)
        recorded = {"agreement": agreement, "organisation": self.icb}
        for maker, model in (
            (make.precondition, "Precondition"), (make.decision, "Decision"), (make.trust_consent, "TrustConsent"),
            (make.occurrence, "Occurrence"),
        ):  # fmt: skip
            fill(maker, model, about, **recorded)
        notice = fill(make.notice, "Notice", about, **recorded)
        fill(make.impact_assessment, "ImpactAssessment", about, deed=deed, organisation=self.icb)
        content = self.marks.new(f"{about}: content of a paper").encode()
        paper = fill(factories.document, "Document", about, made=agreement, content=content)
        board = fill(make.board, "Board", about, agreement=agreement)
        fill(make.seat, "BoardSeat", about, board=board, organisation=self.icb)
        upload = self._uploaded(about, agreement)
        announce(
            resource="agreements", reference=agreement.reference, event=self.marks.new(f"{about}: entry of the feed"),
            public=False, organisation=self.icb.code, readers=[self.icb.pk, self.county.pk],
        )  # fmt: skip
        return Planted(agreement, [deed.number], [notice.pk, paper.pk, board.pk], upload)

    def _uploaded(self, about: str, agreement: Agreement) -> Upload:
        mark = self.marks.new(f"{about}: preview of an upload")
        line = {"row": 2, "agreement": agreement.reference, "name": mark, "what": "changed", "fields": []}
        return factories.upload(
            organisation=self.icb, kind="agreements", published_on=None,
            filename=f"{self.marks.new(f'{about}: name of an upload')}.csv",
            preview={"drafts": [{**line, "fields": [{"label": "Title", "before": "", "after": mark}]}], "more": 0},
        )  # fmt: skip


# --- everything that can be asked ------------------------------------------------------------------------------------


def routes(resolver: URLResolver | None = None, namespace: str = "") -> Iterator[tuple[str, set[str]]]:
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            yield from routes(entry, f"{namespace}{entry.namespace}:" if entry.namespace else namespace)
        elif isinstance(entry, URLPattern):
            yield namespace + str(entry.name), set(entry.pattern.converters)


@cache
def all_names() -> dict[str, set[str]]:
    """Every route by name, with the names of its parameters."""
    found = {}
    for name, _ in routes():
        lookup = get_resolver()
        for part in name.split(":")[:-1]:
            lookup = lookup.namespace_dict[part][1]
        for possibility, *_ in lookup.reverse_dict.getlist(name.split(":")[-1]):
            found[name] = set(possibility[0][1])
    return found


def queries_of(name: str) -> tuple[str, ...]:
    """What else may be asked at an address: another day, and what is under work."""
    if name.startswith("api:"):
        return ("", "?as_at=2031-01-01", "?draft=true")
    files = ("agreement-summary-docx", "agreement-summary-pdf")
    reads = ("agreement-detail", "scheme-detail", "agreement-terms", "agreement-findings", *files)
    if name.endswith("agreement-versions"):
        return ("", "?as_at=2024-04-01&compare=2031-01-01")
    return ("", "?as_at=2031-01-01") if name.rpartition(":")[2] in reads else ("",)


def addresses_of(planted: Planted) -> list[str]:
    """Every address that names the agreement, whatever else it names."""
    found = []
    choices: dict[str, list[Any]] = {
        "reference": [],
        "slug": ["reablement"],
        "number": planted.numbers,
        "position": [1],
        "pk": planted.pks,
        "code": ["QMS", "nhs-s3"],
        "kind": ["aims"],
    }
    for name, parameters in all_names().items():
        if "reference" not in parameters or not parameters <= choices.keys() or name.startswith("budgets:"):
            continue
        choices["reference"] = [planted.upload.reference if "upload" in name else planted.agreement.reference]
        for values in itertools.product(*(choices[each] for each in sorted(parameters))):
            with contextlib.suppress(NoReverseMatch):
                address = reverse(name, kwargs=dict(zip(sorted(parameters), values, strict=True)))
                found += [f"{address}{query}" for query in queries_of(name)]
    assert len(found) > 60
    return found


def lists() -> list[str]:
    """Every address that names nothing, and those of the places and bodies that the agreements are about."""
    plain = [reverse(name) for name, parameters in all_names().items() if not parameters and "log" not in name]
    about = ["/places/mereshire/", "/organisations/QMS/", "/organisations/E10000999/", "/organisations/QOX/"]
    searched = [f"/search/?q={STEM}", f"/agreements/?q={STEM}", f"/agreements/?text={STEM}"]
    files = [f"{address}?format={form}" for address in ("/agreements/download/",) for form in ("csv", "xlsx")]
    assert len(plain) > 40
    return [*plain, *about, *searched, *files]


API_LISTS = ("/agreements/", "/schemes/", "/pools/", "/changes/", "/uploads/", "/organisations/")


def text_of(answer: Any) -> str:
    """Body and headers; of a workbook, a document or a PDF, the text within."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if body.startswith(b"%PDF-"):
        body = " ".join(pages_of_pdf(body)).encode()
    if body[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            body = b"\n".join(packed.read(name) for name in packed.namelist())
    return f"{body.decode('utf-8', 'replace')}\n{dict(answer.headers)}"


def asked(client: Client, method: str, address: str, **headers: Any) -> str:
    with transaction.atomic():
        answer = client.generic(method, address, **headers)
        text = text_of(answer)
        transaction.set_rollback(True)
    return text


def seen_by(planting: Planting, client: Client, token: str, *, posts: bool = False) -> Iterator[tuple[str, str]]:
    """All that a visitor with this session and this key is told, address by address."""
    api = Api(token)
    for planted in planting.planted:
        for address in addresses_of(planted):
            headers = {"headers": api.headers} if address.startswith("/api/") else {}
            yield f"GET {address}", asked(client, "GET", address, **headers)
            if posts and "?" not in address:
                yield f"POST {address}", asked(client, "POST", address, **headers)
    for address in lists():
        yield f"GET {address}", asked(client, "GET", address)
    for address in API_LISTS:
        for form in ("json", "csv"):
            path = f"/api/v1{address}?format={form}"
            yield f"GET {path}", asked(client, "GET", path, headers=api.headers)


@pytest.fixture
def planting(world: World, settings) -> Planting:
    settings.API_RATE_ANONYMOUS = settings.API_RATE_KEY = 1_000_000
    return Planting(world)


def client_for(person: Any = None) -> Client:
    client = Client(raise_request_exception=False)
    if person is not None:
        factories.log_in(client, person)
    return client


def test_every_free_text_of_agreements_carries_a_mark(planting):
    ours = [
        each for each in apps.get_app_config("partnerships").get_models() if each.__name__ not in OF_THE_LAW | OF_MONEY
    ]
    assert {(model.__name__, name) for model in ours for name in written(model)} == planting.marks.filled
    assert len(planting.marks.where) > 120


@pytest.mark.parametrize("who", ["anonymous", "outsider"])
def test_nobody_else_is_shown_a_mark(who: str, planting: Planting):
    outside = who == "outsider"
    client = client_for(planting.outsider if outside else None)
    walked = 0
    for address, text in seen_by(planting, client, planting.outsider_key if outside else "", posts=True):
        walked += 1
        found = [planting.marks.where[mark] for mark in planting.marks.where if mark in text]
        assert not found, f"{address} shows {who}: {found[:5]}"
    assert walked > 400


def test_partners_are_shown_every_mark(planting: Planting):
    unseen = dict(planting.marks.where)
    for _, text in seen_by(planting, client_for(planting.partner), planting.partner_key):
        if STEM in text:
            for mark in [mark for mark in unseen if mark in text]:
                del unseen[mark]
        if not unseen:
            break
    assert sorted(unseen.values()) == []


def test_another_partner_is_shown_the_same_and_a_key_that_may_not_read_nothing(world: World, planting: Planting):
    county = world.council.person(*ROLES)
    assert STEM in asked(client_for(county), "GET", "/agreements/")
    assert STEM not in asked(client_for(factories.person()), "GET", "/agreements/")
    blind = key(county, planting.county, "prepare_agreements")
    for address in API_LISTS:
        assert STEM not in asked(Client(), "GET", f"/api/v1{address}", headers=Api(blind).headers)


def successor_of(body: Organisation) -> Organisation:
    successor = factories.organisation(name="NHS Greater Mereshire Integrated Care Board", code="QZZ")
    factories.succession(predecessor=body, successor=successor)
    return successor


def test_members_of_a_successor_are_shown_what_its_predecessor_was(planting: Planting):
    successor = successor_of(planting.icb)
    refresh_summaries([each.agreement for each in planting.planted])
    member = client_for(factories.member(organisation=successor, roles=["viewer"]))
    for planted in planting.planted:
        assert STEM in asked(member, "GET", f"/agreements/{planted.agreement.reference}/history/")
