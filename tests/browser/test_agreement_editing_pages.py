"""Every page on which an agreement is written, decided on and recorded: wide, and narrow without scripts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.core.management import call_command
from playwright.sync_api import Page

from partnerships.actions import deeds
from partnerships.models import Board, DelegatedLimit, Notice, PoolTerms
from pooledcare.directory.models import User
from tests import factories
from tests.browser.pages import log_in
from tests.browser.test_every_page import visit

DRAFT = (
    "", "main-terms/", "places/", "partners/add/", "pools/add/", "pools/reablement/", "pools/reablement/drop/",
    "pools/reablement/limits/add/", "pools/reablement/limits/1/", "pools/reablement/limits/1/remove/",
    "schemes/add/", "schemes/reablement/", "schemes/reablement/drop/", "schemes/reablement/functions/add/",
    "schemes/reablement/functions/nhs-s3/", "schemes/reablement/functions/nhs-s3/remove/", "clauses/aims/", "impact/",
)  # fmt: skip
STEPS = ("approve/", "request-changes/", "sign/", "withdraw/", "publish/")
RECORDS = (
    "deeds/new/", "renewal/", "conditions/new/", "decisions/new/", "consents/new/", "boards/new/", "documents/new/",
    "operation/", "notices/new/", "end/", "occurrences/new/", "integrated/", "release/", "successors/new/",
)  # fmt: skip


@pytest.fixture
def lead(database: str) -> User:
    call_command("load_law", verbosity=0)
    county = factories.council(kind="county", name="Mereshire County Council")
    return factories.member(organisation=county, roles=["governance_lead"])


def written(lead: User) -> list[str]:
    """The pages of a draft with three partners, a limit, a board, a paper and a notice; and those of a later deed."""
    by = factories.actor(lead)
    (county,) = by.organisations.values()
    partners = [county, factories.organisation(), factories.organisation(kind="nhs_trust")]
    agreement = factories.whole_agreement(partners=partners, places=[factories.place()])
    fund = PoolTerms.objects.get(deed__agreement=agreement)
    DelegatedLimit.objects.create(terms=fund, partner=county, office="Head of finance", power="commit", limit=500)
    board = Board.objects.create(agreement=agreement, name="Joint board", form="officer_board")
    paper = factories.document(agreement)
    notice = Notice.objects.create(
        agreement=agreement, organisation=county, actor="system:example", given_on=factories.FIRST_DAY,
        takes_effect_on=factories.FIRST_DAY,
    )  # fmt: skip
    signed = factories.signed_agreement(partners=partners[:2], slug="equipment")
    deeds.prepare_deed(agreement=signed, effective_on=dt.date(2025, 4, 1), summary="Goes on", by=by)
    home, later = (f"/agreements/{each.reference}/" for each in (agreement, signed))
    one = (f"partners/{county.code}/", f"partners/{county.code}/remove/")
    of_records = (
        f"boards/{board.pk}/", f"boards/{board.pk}/remove/", f"documents/{paper.pk}/change/",
        f"documents/{paper.pk}/remove/", f"notices/{notice.pk}/withdraw/",
    )  # fmt: skip
    return [
        "/agreements/new/",
        *(f"{home}draft/{page}" for page in (*DRAFT, *one)),
        *(f"{home}deeds/0/{step}" for step in STEPS),
        *(f"{home}{page}" for page in (*RECORDS, *of_records)),
        *(f"{later}{page}" for page in ("draft/", "draft/main-terms/", "draft/clauses/aims/", "deeds/1/approve/")),
    ]


@pytest.mark.parametrize(
    ("variant", "step"),
    [pytest.param({}, 4, id="1280, every fourth"), pytest.param({"width": 320, "js": False}, 1, id="320, no scripts")],
)
def test_pages_that_write_agreements_are_whole(
    variant, step: int, lead: User, browser_page: Callable[..., Page], live: str
):
    page = browser_page(**variant)
    log_in(page, lead, live)
    addresses = written(lead)
    assert len(addresses) > 45
    visit(page, addresses[::step])
