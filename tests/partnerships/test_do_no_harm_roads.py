"""The same principle on every road into the house: pages, API and files. One partner alone unpicks nothing there."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import reverse

from partnerships.models import Agreement
from partnerships.queries.agreements.records import record_of
from pooledcare.directory.access import KEY_PERMISSIONS, ROLES
from tests import factories
from tests.deed_steps import TODAY, fresh
from tests.partnerships.editing_pages import HIDDEN, day
from tests.partnerships.test_agreement_uploads import DraftDesk
from tests.partnerships.test_do_no_harm import LAST_DAY, as_it_stands
from tests.partnerships.test_operation import later, notice, scheme_of
from tests.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.usefixtures("on_that_day")]


@pytest.fixture
def agreement(world: World) -> Agreement:
    """Notice on it and on its scheme runs out on `LAST_DAY`."""
    made = world.integrated(world.icb, world.council, is_published=True)
    notice(world, made)
    notice(world, made, scheme=scheme_of(made))
    return made


def everybody(world: World) -> Iterator[tuple[str, list[str]]]:
    for people in (world.icb, world.council, world.outsider):
        for roles in (*([role] for role in ROLES), [*ROLES]):
            yield people, roles


def test_no_page_lets_one_partner_end_it_or_a_scheme_of_it(world, agreement):
    before, asked, refused = as_it_stands(agreement), 0, 0
    page = reverse("partnerships:agreement-end", args=[agreement.reference])
    with later(LAST_DAY):
        for people, roles in everybody(world):
            user = factories.member(organisation=people.organisation, roles=roles)
            client = Client()
            factories.log_in(client, user)
            for scheme in ("", scheme_of(agreement).slug):
                typed = {"scheme": scheme, **day("on", LAST_DAY)}
                carried = dict(HIDDEN.findall(client.get(page).content.decode()))
                answer = client.post(page, carried | typed)
                asked += 1
                assert answer.status_code in (200, 403, 404), (roles, answer.status_code)
                refused += b"no partner alone can" in answer.content
            assert as_it_stands(agreement) == before, roles
    assert asked == 2 * 3 * (len(ROLES) + 1)
    assert refused >= 4  # whoever may end other agreements is told why not this one


def test_no_key_lets_one_partner_drop_a_scheme_a_fund_or_the_end(world, agreement):
    before, asked = as_it_stands(agreement), 0
    scheme, pool = scheme_of(agreement), agreement.pools.get()
    attacks = [
        ("DELETE", f"/schemes/{agreement.reference}/{scheme.slug}/", None),
        ("PATCH", f"/schemes/{agreement.reference}/{scheme.slug}/", {"functions": []}),
        ("DELETE", f"/pools/{agreement.reference}/{pool.slug}/", None),
        ("PATCH", f"/pools/{agreement.reference}/{pool.slug}/", {"host": None}),
        ("PATCH", f"/agreements/{agreement.reference}/", {"end": LAST_DAY.isoformat()}),
    ]
    with later(LAST_DAY):
        for people in (world.icb, world.council, world.outsider):
            user = factories.member(organisation=people.organisation, roles=[*ROLES])
            token = factories.api_key(
                created_by=user, organisation=people.organisation, permissions=sorted(KEY_PERMISSIONS)
            )[1]
            for method, path, body in attacks:
                answer = Client().generic(
                    method, f"/api/v1{path}", json.dumps(body) if body else "", content_type="application/json",
                    headers={"Authorization": f"Bearer {token}", "If-Match": "*"},
                )  # fmt: skip
                asked += 1
                assert 400 <= answer.status_code < 500, (method, path, answer.status_code)
        assert as_it_stands(agreement) == before
    assert asked == 15


def test_no_file_changes_it_without_a_deed_that_all_partners_sign(world, agreement):
    before = as_it_stands(agreement)
    desk = DraftDesk(world.icb.organisation, ("pool_manager",))
    reference = agreement.reference
    schemes = desk.file({"agreement": reference, "scheme": scheme_of(agreement).slug, "name": "Other"}, kind="schemes")
    main_terms = desk.file({"reference": reference, "end": LAST_DAY.isoformat()})
    assert {schemes.state, main_terms.state} == {"refused"}
    assert as_it_stands(agreement) == before


def test_nor_does_a_file_through_an_open_deed_sign_it(world, agreement):
    world.deed(agreement, effective_on=TODAY + dt.timedelta(days=1))
    before = as_it_stands(agreement)
    desk = DraftDesk(world.icb.organisation, ("pool_manager",))
    upload = desk.accept(desk.file({"reference": agreement.reference, "end": LAST_DAY.isoformat()}))
    assert upload.refresh_from_db() or upload.state == "accepted"
    assert fresh(agreement).deeds.get(number=1).end_on == LAST_DAY
    assert as_it_stands(agreement) == before


def test_while_it_operates_unsigned_neither_key_nor_file_takes_anything_from_it(world):
    draft = world.draft(of_agreement={"is_integrated": True, "operating_since": dt.date(2025, 4, 1)})
    before = record_of(draft)
    user = factories.member(organisation=world.council.organisation, roles=[*ROLES])
    token = factories.api_key(
        created_by=user, organisation=world.council.organisation, permissions=sorted(KEY_PERMISSIONS)
    )[1]
    answer = Client().delete(
        f"/api/v1/schemes/{draft.reference}/reablement/", headers={"Authorization": f"Bearer {token}", "If-Match": "*"}
    )
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (409, "DO_NO_HARM")
    file = DraftDesk(world.icb.organisation, ("pool_manager",)).file(
        {"reference": draft.reference, "end": "2026-12-15"}
    )
    assert file.state == "refused"
    assert record_of(fresh(draft)) == before
