"""The one fictional world of the tests, made as it is asked for: a test pays only for what it looks at.

    Who follows whom
        Mereshire Primary Care Trust --2013--> NHS Mereshire CCG --2022--> NHS Mereshire Integrated Care Board
        `pct` 5MS                              `ccg` 16X                   `icb` QMS, region Y58

    Who agrees with whom
        NHS Mereshire Integrated Care Board <==== agreements ====> Mereshire County Council
        `icb`                                        |             `council` E10000999, council of `place` mereshire
                                     partners where a test says so
                      Moorside District Council        Mereshire Hospitals NHS Trust
                      `district` E07000999             `trust` RMS

    Who is in no agreement
        NHS Elsewhere Integrated Care Board    Faraway Council          NHS England
        `elsewhere` QOX, region Y58            `outsider` E06000999     `publisher` X24

    Agreements of the board and the council
        draft(), agreement       lacks nothing, unsigned
        running(), integrated()  in operation since 2024; published if a test says is_published=True
        drafted                  lacks nothing, unsigned                                          by actions
        agreed                   approved, signed and published by both, in operation since 2024  by actions
        story, papers            begun by the CCG in 2021; deed 1 published, deed 2 open          by actions

    Figures of `stream` nhs-core
        published  of the board, by NHS England: five years, published
        upload     of the board, by itself: sent and read, waits for a second person              by actions
        own_draft  of the board, by itself: not published
        canary     of the board elsewhere, by itself: not published

    Who holds which role, at every body
        prepares   pool manager                    having("auditor")   anybody else
        leads      governance lead                 person("auditor")   the same, for tests that log in
        approves   finance approver                tokens, api(who)    their keys: KEYS

Hundreds of tests begin with a draft, a running agreement, figures or a key. These come from tests/factories.py, which
writes their rows at once: by actions a draft takes ten times as long, and figures would go through the worker twice.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.core.files.base import ContentFile

from budgets.models import Allocation, FundingStream
from partnerships.actions import deeds, operation
from partnerships.models import Agreement, Deed, Document
from pooledcare.directory.access import Actor
from pooledcare.directory.models import Organisation, Place, Region, User
from pooledcare.uploads import pipeline
from pooledcare.uploads.actions import receive_upload
from pooledcare.uploads.models import Upload
from tests import factories
from tests.asking import Api, key
from tests.deed_steps import START, TODAY, fresh, open_deed, sign, whole_draft
from tests.world_story import papers_of, tell

CANARY = Decimal("424242424.24")
READS, UPLOADS, ACCEPTS = "read_unpublished", "upload_allocations", "accept_allocations"
DRAFTS = ("prepare_agreements", "approve_agreements")
# At which body, of somebody with which roles, with which permissions.
KEYS = {
    "officer": ("icb", ["finance_officer"], [READS, UPLOADS]),
    "approver": ("icb", ["finance_approver"], [READS, ACCEPTS]),
    "lead": ("icb", ["governance_lead"], [READS, *DRAFTS]),
    "all": ("icb", ["finance_officer", "finance_approver", "governance_lead"], [READS, UPLOADS, ACCEPTS, *DRAFTS]),
    "recorder": ("icb", ["pool_manager"], [READS, "record_pool_money"]),
    "viewer": ("icb", ["viewer"], [READS]),
    "outsider": ("outsider", ["finance_officer", "finance_approver"], [READS, UPLOADS, ACCEPTS]),
}


@dataclass
class People:
    """The people of one organisation, by what they do."""

    organisation: Organisation
    made: dict[str, Actor] = field(default_factory=dict)

    def having(self, *roles: str) -> Actor:
        """Somebody with these roles, always the same person."""
        which = " ".join(roles)
        if which not in self.made:
            self.made[which] = factories.actor(factories.member(organisation=self.organisation, roles=list(roles)))
        return self.made[which]

    def person(self, *roles: str) -> User:
        """The same person, for tests that log in."""
        found = self.having(*roles).person
        assert found is not None
        return found

    @property
    def prepares(self) -> Actor:
        return self.having("pool_manager")

    @property
    def leads(self) -> Actor:
        return self.having("governance_lead")

    @property
    def approves(self) -> Actor:
        return self.having("finance_approver")


class World:
    """The world of one test, empty until it is asked for something."""

    def body(self, name: str, kind: str, opened: str = "", closed: str = "", **more: Any) -> People:
        days = {"opened": opened, "closed": closed}
        given = {key: dt.date.fromisoformat(day) for key, day in days.items() if day}
        return People(factories.organisation(name=name, kind=kind, **given, **more))

    @cached_property
    def region(self) -> Region:
        return factories.region(code="Y58", name="South West")

    @cached_property
    def pct(self) -> People:
        return self.body("Mereshire Primary Care Trust", "pct", "2006-10-01", "2013-03-31", code="5MS")

    @cached_property
    def ccg(self) -> People:
        made = self.body("NHS Mereshire CCG", "ccg", "2013-04-01", "2022-06-30", code="16X")
        self.followed(self.pct, made, "2013-04-01")
        return made

    @cached_property
    def icb(self) -> People:
        made = self.body("NHS Mereshire Integrated Care Board", "icb", "2022-07-01", code="QMS", region=self.region)
        self.followed(self.ccg, made, "2022-07-01")
        return made

    @cached_property
    def council(self) -> People:
        return People(factories.council(name="Mereshire County Council", kind="county", code="E10000999"))

    @cached_property
    def district(self) -> People:
        return People(factories.council(name="Moorside District Council", kind="district", code="E07000999"))

    @cached_property
    def trust(self) -> People:
        return self.body("Mereshire Hospitals NHS Trust", "nhs_trust", code="RMS")

    @cached_property
    def outsider(self) -> People:
        return People(factories.council(name="Faraway Council", code="E06000999"))

    @cached_property
    def elsewhere(self) -> People:
        return self.body("NHS Elsewhere Integrated Care Board", "icb", code="QOX", region=self.region)

    @cached_property
    def publisher(self) -> Organisation:
        return factories.nhs_england()

    @cached_property
    def place(self) -> Place:
        made = factories.place(slug="mereshire", name="Mereshire")
        factories.place_council(place=made, organisation=self.council.organisation)
        factories.overlap(organisation=self.ccg.organisation, place=made)
        return made

    def followed(self, old: People, new: People, day: str) -> None:
        factories.succession(
            predecessor=old.organisation, successor=new.organisation, effective_on=dt.date.fromisoformat(day)
        )

    # --- agreements --------------------------------------------------------------------------------------------------

    def draft(self, *partners: People, **fields: Any) -> Agreement:
        """Whole, between the board and the council unless it says otherwise."""
        bodies = [each.organisation for each in partners or (self.icb, self.council)]
        return factories.whole_agreement(partners=bodies, **fields)

    def running(self, *partners: People, **fields: Any) -> Agreement:
        """Signed, in operation since its first day, with one scheme, one fund and six months' notice."""
        bodies = [each.organisation for each in partners or (self.icb, self.council)]
        integrated = fields.pop("is_integrated", False)
        made = factories.signed_agreement(partners=bodies, of_agreement={"is_integrated": integrated}, **fields)
        return Agreement.objects.get(pk=made.pk)

    def integrated(self, *partners: People, **fields: Any) -> Agreement:
        return self.running(*partners, is_integrated=True, **fields)

    @cached_property
    def drafted(self) -> Agreement:
        """What `agreement` is, by the actions of the board’s pool manager."""
        return self._written("Reablement in Mereshire")

    @cached_property
    def agreed(self) -> Agreement:
        """Approved, signed and published by both partners, and in operation."""
        made = self._written("Reablement at home")
        deed = sign(open_deed(made), self.council, self.icb, on=START - dt.timedelta(days=30))
        for each in (self.icb, self.council):
            deeds.publish_deed(deed=deed, by=each.approves)
        return operation.start_operating(agreement=made, since=START, by=self.icb.prepares)

    def _written(self, title: str) -> Agreement:
        nhs, council = self.icb.organisation, self.council.organisation
        return whole_draft(nhs, council, by=self.icb.prepares, places=[self.place], title=title, effective_on=START)

    @cached_property
    def story(self) -> Agreement:
        """Takes a second to make: tests of one file share it by the fixture `told`."""
        return tell(self)

    @cached_property
    def papers(self) -> list[Document]:
        """The open paper of the story, and the exempt one."""
        return papers_of(self.story)

    def deed(self, agreement: Agreement, **fields: Any) -> Deed:
        """Prepared by the council's pool manager, with effect from tomorrow unless it says otherwise."""
        given = {"effective_on": TODAY + dt.timedelta(days=1), **fields}
        return deeds.prepare_deed(agreement=agreement, by=self.council.prepares, **given)

    @cached_property
    def agreement(self) -> Agreement:
        """The draft of the board and the council for the place."""
        return self.draft(places=[self.place])

    # --- figures -----------------------------------------------------------------------------------------------------

    @cached_property
    def stream(self) -> FundingStream:
        return factories.stream(code="nhs-core", name="NHS core allocation")

    @cached_property
    def published(self) -> list[Allocation]:
        """Of the board, by NHS England: £1,000 for 2020-21, a pound more in each of the four years after."""
        figure = {"stream": self.stream, "organisation": self.icb.organisation, "source": self.publisher}
        return [factories.allocation(**figure, financial_year=2020 + n, amount=Decimal(1000 + n)) for n in range(5)]

    @cached_property
    def own_draft(self) -> Allocation:
        """Of the board, by itself, and not published."""
        return self._unpublished(self.icb.organisation, amount=Decimal("111.11"), note="own draft")

    @cached_property
    def canary(self) -> Allocation:
        """Of the board elsewhere, by itself, and not published: nobody else may ever be shown it."""
        words = {"note": "canary note", "published_text": "canary text"}
        return self._unpublished(self.elsewhere.organisation, amount=CANARY, **words)

    @cached_property
    def upload(self) -> Upload:
        """A figure sent by the finance officer of the board and read by the worker; it waits for a second person."""
        row = f"2024-25,{self.icb.organisation.code},{self.stream.code},allocation,1234.50"
        file = ContentFile(f"financial_year,organisation,stream,basis,amount\n{row}\n".encode())
        made = receive_upload(
            organisation=self.icb.organisation, kind="allocations", file=file, filename="figures.csv",
            published_on=dt.date(2024, 5, 3), channel="page", by=self.icb.having("finance_officer"),
        )  # fmt: skip
        pipeline.work(made.pk)
        return fresh(made)

    def _unpublished(self, body: Organisation, **fields: Any) -> Allocation:
        return factories.allocation(organisation=body, source=body, stream=self.stream, published_on=None, **fields)

    def with_figures(self) -> World:
        """Itself, with everything that lists of figures, places and agreements show."""
        assert all((self.published, self.own_draft, self.canary, self.agreement))
        return self

    # --- those who ask by the API ------------------------------------------------------------------------------------

    @cached_property
    def officer(self) -> User:
        return self.icb.person("finance_officer")

    @cached_property
    def tokens(self) -> Tokens:
        return Tokens(self)

    def api(self, who: str = "") -> Api:
        """A client with the key of one of `KEYS`, or with none."""
        return Api(self.tokens[who] if who else "")


class Tokens(dict[str, str]):
    """What the keys of `KEYS` send, each made when it is first asked for."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world

    def __missing__(self, who: str) -> str:
        body, roles, permissions = KEYS[who]
        people: People = getattr(self.world, body)
        self[who] = key(people.person(*roles), people.organisation, *permissions)
        return self[who]
