"""Every page that people meet, over the real reference data: wide and narrow, with scripts and without."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from budgets.allocations.kind import RESTATED, WITH_MISTAKES
from budgets.demo import write_samples
from budgets.models import Allocation
from pooledcare.directory.access import person_actor
from pooledcare.directory.models import Organisation, User
from pooledcare.uploads import actions, pipeline
from tests import databases, factories
from tests.browser.pages import check_narrower, check_page, log_in, open_page

PUBLIC = [
    "/",
    "/?year=2021-22&basis=budget",
    "/places/",
    "/places/somerset/",
    "/places/stockton-on-tees/?as_at=2020-01-01",
    "/places/derbyshire/?apportioned=1",
    "/organisations/",
    "/organisations/QSL/",
    "/organisations/16C/",
    "/organisations/E08000025/",
    "/agreements/",
    "/streams/",
    "/streams/nhs-core/",
    "/streams/adult-social-care/a-head/?body=E10000027&peers=chosen",
    "/streams/adult-social-care/?year=2021-22&basis=budget",
    "/search/?q=tees+valley",
    "/search/?q=nothing+like+it",
    "/glossary/",
    "/sources/",
    "/accessibility/",
    "/privacy/",
    "/publications/",
    "/account/login/",
    "/account/password/reset/",
    "/demo/",
    "/api/docs/",
    "/api/docs/agreements/",
    "/api/docs/allocations/",
    "/api/errors/",
]
PRIVATE = [
    "/agreements/proposals/",
    "/uploads/",
    "/uploads/new/",
    "/members/",
    "/members/invite/",
    "/members/second-person/",
    "/keys/",
    "/keys/new/",
    "/audit/",
    "/account/",
    "/account/sessions/",
    "/account/second-factor/",
]
NARROW = 320
VARIANTS = [
    pytest.param({"width": 1280}, id="1280, then 320"),
    pytest.param({"width": NARROW, "js": False}, id="320 without scripts"),
]


@pytest.fixture
def template() -> Callable[[], str]:
    return databases.england


@pytest.fixture(autouse=True)
def _demonstration(settings) -> None:
    settings.DEMO = True


def everybody_at(code: str) -> User:
    """One person with every role, so that one visit meets every page."""
    organisation = Organisation.objects.get(code=code, closed=None)
    roles = ["finance_officer", "finance_approver", "org_admin", "publisher"]
    return factories.member(organisation=organisation, roles=roles)


def visit(page: Page, addresses: list[str]) -> None:
    """Goes to all of them, and tells all that is wrong at once; a wide window is made narrow on each."""
    assert page.viewport_size is not None
    is_wide = page.viewport_size["width"] > NARROW
    wrong = []
    for address in addresses:
        try:
            open_page(page, address)
            check_page(page)
            if is_wide:
                check_narrower(page, NARROW)
        except AssertionError as found:
            wrong.append(f"{address}: {found}")
    assert not wrong, "\n\n".join(wrong)


@pytest.mark.parametrize("variant", VARIANTS)
def test_public_pages_are_whole(variant, browser_page: Callable[..., Page]):
    figure = Allocation.objects.filter(organisation__code="QSL", stream__code="nhs-core").latest("pk")
    changed = f"/publications/{figure.upload.reference}/"
    visit(browser_page(**variant), [*PUBLIC, f"/allocations/{figure.reference}/", changed])


@pytest.mark.parametrize("variant", VARIANTS)
def test_pages_of_members_are_whole(variant, browser_page: Callable[..., Page], live: str, tmp_path: Path):
    user = everybody_at("X24")
    page = browser_page(**variant)
    log_in(page, user, live)
    write_samples(tmp_path)
    uploads = []
    for name in (WITH_MISTAKES, RESTATED):
        with (tmp_path / name).open("rb") as file:
            upload = actions.receive_upload(
                organisation=Organisation.objects.get(code="X24"), kind="allocations", file=file, filename=name,
                channel="page", by=person_actor(user),
            )  # fmt: skip
        pipeline.work(upload.pk)
        uploads.append(upload.get_absolute_url())
    figure = Allocation.objects.filter(organisation__code="QSL", stream__code="nhs-core").latest("pk")
    accepted = Allocation.objects.filter(source__code="X24").latest("pk").upload
    pages = [
        *PRIVATE,
        *uploads,
        f"{uploads[-1]}accept/",
        f"{uploads[-1]}publish/",
        accepted.get_absolute_url(),
        f"{accepted.get_absolute_url()}reverse/",
    ]
    visit(page, [*pages, f"/allocations/{figure.reference}/correct/"])
