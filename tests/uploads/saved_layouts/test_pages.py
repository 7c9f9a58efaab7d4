"""The pages of saved layouts: one's own with their versions, those that others share without, and no others."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from pooledcare.uploads.models import UploadLayoutVersion
from pooledcare.uploads.saved_layouts import actions
from tests import factories
from tests.uploads.sending import Desk

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk() -> Desk:
    factories.stream(code="nhs-core", name="Core services")
    return Desk(factories.organisation(name="NHS Mereshire", code="QXM"))


@pytest.fixture
def other() -> Desk:
    return Desk(factories.organisation(name="NHS Northshire", code="QXN"))


def page(client: Any, version: UploadLayoutVersion | None = None) -> tuple[int, str]:
    address = reverse("uploads:layout-list") if version is None else version.layout.get_absolute_url()
    answer = client.get(address)
    return answer.status_code, answer.content.decode()


def test_a_layout_is_seen_by_its_organisation_only_until_it_is_shared(desk: Desk, other: Desk, client_of: Any):
    version = factories.layout(organisation=desk.organisation, name="Boards by letter")
    ours, theirs = client_of(desk.approver.person), client_of(other.officer.person)
    assert "Boards by letter" in page(ours)[1]
    assert page(ours, version)[0] == 200
    assert "Boards by letter" not in page(theirs)[1]
    assert page(theirs, version)[0] == 404

    actions.share_layout(layout=version.layout, by=desk.officer)
    assert "Boards by letter" in page(theirs)[1]
    status, text = page(theirs, version)
    assert status == 200
    assert "Versions, oldest first" not in text
    assert "Retire this layout" not in text

    actions.retire_layout(layout=version.layout, by=desk.officer)
    assert page(theirs, version)[0] == 404
    assert "This layout is no longer used." in page(ours, version)[1]


def test_its_page_says_in_words_how_files_are_read_and_what_a_version_changed(desk: Desk, client_of: Any):
    version = factories.layout(organisation=desk.organisation, name="Boards")
    actions.change_layout(layout=version.layout, stated={**factories.LAYOUT, "unit": 1}, by=desk.officer)
    text = page(client_of(desk.officer.person), version)[1]
    for said in (
        "pounds",
        "column “Board”",
        "Amounts: column “Core (£k)”",
        "Funding stream: Core services",
        "No longer: The file, amounts are in: thousands of pounds. New: The file, amounts are in: pounds.",
    ):
        assert said in text, said


def test_its_buttons_share_and_retire_it_on_the_version_that_was_seen(desk: Desk, client_of: Any):
    version = factories.layout(organisation=desk.organisation, name="Boards")
    client, reference = client_of(desk.officer.person), version.layout.reference
    answer = client.post(reverse("uploads:layout-share", args=[reference]), {"version": "1"}, follow=True)
    assert "“Boards” is now shared with all organisations." in answer.content.decode()
    late = client.post(reverse("uploads:layout-retire", args=[reference]), {"version": "1"})
    assert late.status_code == 409
    assert "has changed since you opened it" in late.content.decode()
    answer = client.post(reverse("uploads:layout-unshare", args=[reference]), {"version": "2"}, follow=True)
    assert "“Boards” is no longer shared." in answer.content.decode()
    answer = client.post(reverse("uploads:layout-retire", args=[reference]), {"version": "3"}, follow=True)
    assert "“Boards” is retired. No more files are read by it." in answer.content.decode()


def test_the_list_asks_the_database_as_often_for_three_layouts_as_for_one(desk: Desk, client_of: Any):
    client = client_of(desk.officer.person)
    factories.layout(organisation=desk.organisation)
    client.get(reverse("uploads:layout-list"))
    with CaptureQueriesContext(connection) as one:
        page(client)
    for _ in range(2):
        factories.layout(organisation=factories.organisation(), is_shared=True)
    with CaptureQueriesContext(connection) as three:
        page(client)
    assert 1 <= about_layouts(one) == about_layouts(three)


def about_layouts(queries: CaptureQueriesContext) -> int:
    """The session notes activity every half minute; that is no part of the list."""
    return sum("uploads_" in query["sql"] for query in queries.captured_queries)
