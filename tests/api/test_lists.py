"""Lists: pages by keyset, cursors, CSV, entity tags."""

from __future__ import annotations

import csv
import io

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from budgets.queries.listings import ALLOCATIONS
from pooledcare.directory.models import OrganisationName
from pooledcare.kernel.rest.exports import csv_answer
from tests.asking import assert_problem
from tests.world import World

LISTS = [
    "/organisations/",
    "/places/",
    "/funding-streams/",
    "/funding-streams/nhs-core/a-head/",
    "/allocations/",
    "/allocations/totals/",
    "/changes/",
]
# A list is joined in a cell, and a moment is written shorter.
WRITTEN_OTHERWISE = {
    "codes", "other_names", "councils", "holder_kinds", "expected_kinds", "included_kinds", "counts", "accepted_at",
    "at",
}  # fmt: skip


def walk(api, path: str, direction: str = "next") -> list[dict]:
    """Every entry, by following the links to the end."""
    found, pages = [], 0
    while path:
        body = api.get(path).json()
        found = found + body["results"] if direction == "next" else body["results"] + found
        path = (body[direction] or "").removeprefix("http://localhost:8000")
        pages += 1
    assert pages > 1
    return found


@pytest.mark.parametrize("path", ["/organisations/", "/allocations/", "/allocations/totals/"])
def test_pages_joined_together_are_the_whole_list(world: World, path: str):
    whole = world.api().results(f"{path}?page_size=1000")
    assert len(whole) > 4
    assert walk(world.api(), f"{path}?page_size=2") == whole


def test_the_way_back_is_the_same_as_the_way_there(world: World):
    api = world.api()
    there = walk(api, "/allocations/?page_size=2")
    path, last = "/allocations/?page_size=2", ""
    while path:
        last, path = path, (api.get(path).json()["next"] or "").removeprefix("http://localhost:8000")
    assert walk(api, last, "previous") == there


def test_the_link_header_says_the_same_as_the_body(world: World):
    first = world.api().get("/allocations/?page_size=2")
    assert first.headers["Link"] == f'<{first.json()["next"]}>; rel="next"'
    second = world.api().get(first.json()["next"].removeprefix("http://localhost:8000"))
    assert f'<{second.json()["previous"]}>; rel="prev"' in second.headers["Link"]


def test_entries_added_meanwhile_neither_repeat_nor_hide_others(world: World):
    from tests import factories

    api = world.api()
    before = {entry["reference"] for entry in api.results("/allocations/")}
    first = api.get("/allocations/?page_size=2").json()
    factories.allocation(stream=world.stream, organisation=world.icb.organisation, financial_year=2030)
    rest = walk(api, first["next"].removeprefix("http://localhost:8000"))
    seen = [entry["reference"] for entry in first["results"] + rest]
    assert len(seen) == len(set(seen))
    assert before <= set(seen)


@pytest.mark.parametrize("size", ["0", "-1", "1001", "1e9", "abc", "", "1.0", "+5", " 5"])
def test_a_page_size_out_of_range_is_refused(world: World, size: str):
    body = assert_problem(world.api().get(f"/allocations/?page_size={size}"), 400, "invalid-parameter")
    assert body["errors"][0]["where"] == {"field": "page_size"}


def test_a_cursor_belongs_to_its_list_its_filters_and_its_client(world: World):
    cursor = world.api().get("/allocations/?page_size=2").json()["next"].partition("cursor=")[2]
    assert world.api().get(f"/allocations/?page_size=2&cursor={cursor}").status_code == 200
    assert world.api().get(f"/allocations/?page_size=3&cursor={cursor}").status_code == 200
    for path in (
        f"/allocations/?basis=budget&cursor={cursor}",
        f"/allocations/totals/?cursor={cursor}",
        f"/organisations/?cursor={cursor}",
        f"/allocations/?cursor={cursor[:-2]}xx",
        f"/allocations/?cursor=x{cursor}",
        "/allocations/?cursor=",
        f"/allocations/?cursor={'a' * 5000}",
    ):
        assert_problem(world.api().get(path), 400, "invalid-cursor")
    assert_problem(world.api("officer").get(f"/allocations/?cursor={cursor}"), 400, "invalid-cursor")


def test_a_cursor_lasts_for_a_day(world: World):
    with time_machine.travel("2026-05-01T12:00:00Z", tick=False):
        cursor = world.api().get("/organisations/?page_size=2").json()["next"].partition("cursor=")[2]
    with time_machine.travel("2026-05-02T11:59:00Z", tick=False):
        assert world.api().get(f"/organisations/?cursor={cursor}").status_code == 200
    with time_machine.travel("2026-05-02T12:01:00Z", tick=False):
        assert_problem(world.api().get(f"/organisations/?cursor={cursor}"), 400, "invalid-cursor")


@pytest.mark.parametrize("path", LISTS)
def test_csv_has_the_same_entries_in_the_same_order(world: World, path: str):
    api = world.api("officer")
    text = api.csv(path)
    assert not text.startswith("\ufeff")
    assert text.count("\n") == text.count("\r\n")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    entries = api.results(f"{path}?page_size=1000")
    assert len(rows) == len(entries)
    for row, entry in zip(rows, entries, strict=True):
        for name in row.keys() & entry.keys() - WRITTEN_OTHERWISE:
            value = entry[name]
            expected = "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
            assert row[name] == expected, name


@pytest.mark.parametrize("address", ["/allocations/?format=csv&source=X24", "/allocations.csv?source=X24"])
def test_csv_by_the_address_is_csv_by_the_header(world: World, address: str):
    accepted = "application/json" if "format" in address else "text/html,*/*;q=0.8"
    answer = world.api().get(address, {"Accept": accepted})
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8; header=present"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="allocations.csv"'
    assert b"".join(answer.streaming_content).decode() == world.api().csv("/allocations/?source=X24")


@pytest.mark.parametrize("path", LISTS)
def test_every_list_has_an_address_of_its_csv(world: World, path: str):
    api = world.api("officer")
    address, question, query = path.partition("?")
    assert api.csv(f"{address.removesuffix('/')}.csv{question}{query}") == api.csv(path)


def test_the_address_of_a_csv_shows_no_more_than_the_list(world: World):
    officer, nobody, stranger = (world.api(who).csv("/allocations.csv") for who in ("officer", "", "outsider"))
    assert len(officer) > len(nobody)
    assert stranger == nobody
    assert_problem(world.api().get("/uploads.csv"), 401, "authentication-required")


@pytest.mark.parametrize(
    ("address", "accept", "status", "kind"),
    [
        ("/allocations.csv?page_size=5", "*/*", 400, "invalid-parameter"),
        ("/allocations.csv?cursor=x", "*/*", 400, "invalid-parameter"),
        ("/allocations.csv?odd=1", "*/*", 400, "invalid-parameter"),
        ("/allocations.csv", "application/json", 406, "not-acceptable"),
        ("/allocations.csv/", "*/*", 404, "not-found"),
        ("/allocations/AL-1.csv", "*/*", 404, "not-found"),
    ],
)
def test_the_address_of_a_csv_takes_filters_only(world: World, address: str, accept: str, status: int, kind: str):
    assert_problem(world.api().get(address, {"Accept": accept}), status, kind)


def test_a_reader_who_goes_away_in_the_middle_leaves_the_connection_usable(world: World):
    answer = csv_answer(ALLOCATIONS, filename="a", client="anonymous")
    assert next(iter(answer)).startswith(b"reference,")
    for close in answer._resource_closers:  # what the web server calls, without the end of the request
        close()
    assert world.api().get("/allocations/").status_code == 200


def test_csv_is_the_whole_list_whatever_the_page_and_never_begins_in_the_middle(world: World):
    assert world.api().csv("/allocations/?page_size=1") == world.api().csv("/allocations/")
    cursor = world.api().get("/allocations/?page_size=2").json()["next"].partition("cursor=")[2]
    assert_problem(world.api().get(f"/allocations/?format=csv&cursor={cursor}"), 400, "invalid-cursor")


def test_csv_of_nothing_is_its_heading(world: World):
    text = world.api().csv("/allocations/?financial_year=2049-50")
    assert text.startswith("reference,organisation,stream,")
    assert text.count("\r\n") == 1


def test_csv_makes_text_harmless_and_leaves_numbers_alone(world: World):
    from tests import factories

    factories.allocation(stream=world.stream, amount="-5.00", note="=cmd|' /C calc'!A0", published_text="-5")
    row = list(csv.DictReader(io.StringIO(world.api().csv("/allocations/"))))[-1]
    assert row["note"] == "'=cmd|' /C calc'!A0"
    assert row["amount"] == "-5.00"


@pytest.mark.parametrize("path", LISTS)
def test_what_has_not_changed_is_not_sent_again(world: World, path: str):
    api = world.api()
    tag = api.get(path).headers["ETag"]
    for header in (tag, f'"other", {tag}', f"W/{tag}", "*"):
        again = api.get(path, {"If-None-Match": header})
        assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
    assert api.get(path, {"If-None-Match": '"other"'}).status_code == 200


def test_the_tag_changes_with_the_list_and_with_its_filters(world: World):
    from tests import factories

    api = world.api()
    tag = api.get("/allocations/").headers["ETag"]
    assert api.get("/allocations/?basis=budget").headers["ETag"] != tag
    factories.allocation(stream=world.stream)
    assert api.get("/allocations/", {"If-None-Match": tag}).status_code == 200


def test_what_others_keep_to_themselves_does_not_even_move_the_tag(world: World):
    from tests import factories

    tags = {path: world.api().get(path).headers["ETag"] for path in LISTS}
    theirs = {"organisation": world.elsewhere.organisation, "source": world.elsewhere.organisation}
    factories.allocation(stream=world.stream, published_on=None, financial_year=2040, **theirs)
    assert tags == {path: world.api().get(path).headers["ETag"] for path in LISTS}


@pytest.mark.parametrize("path", LISTS)
def test_a_head_request_gives_the_headers_alone(world: World, path: str):
    get, head = world.api().get(path), world.api().request("HEAD", path)
    assert head.status_code == 200
    assert head.content == b""
    assert head.headers["ETag"] == get.headers["ETag"]
    assert head.headers["Content-Length"] == str(len(get.content))
    csv_head = world.api().request("HEAD", path, {"Accept": "text/csv"})
    assert csv_head.headers["Content-Type"].startswith("text/csv")


@pytest.mark.parametrize(
    "path", ["/organisations/", "/organisations/QMS/", "/places/", "/places/mereshire/", "/allocations/", "/changes/"]
)
def test_the_number_of_queries_does_not_depend_on_the_number_of_rows(world: World, path: str):
    from tests import factories

    def count() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert world.api().get(path).status_code == 200
        return len(queries)

    before = count()
    for n in range(3):
        factories.allocation(stream=world.stream, organisation=world.icb.organisation, financial_year=2031 + n)
        place = factories.place()
        factories.place_council(place=place)
        factories.overlap(organisation=world.icb.organisation, place=place)
        factories.succession(predecessor=factories.organisation(), successor=world.icb.organisation)
    assert count() == before
    assert before <= 8


def test_a_list_costs_one_query_of_data(world: World):
    with CaptureQueriesContext(connection) as queries:
        world.api().get("/allocations/")
    assert [query["sql"][:6] for query in queries if "request_count" not in query["sql"]] == [" selec"]


def test_answers_depend_on_format_and_key(world: World):
    assert {"Accept", "Authorization"} <= set(world.api().get("/allocations/").headers["Vary"].split(", "))
    assert world.api().get("/allocations/").headers["Cache-Control"] == "private, no-cache"


def test_organisations_are_listed_and_found_under_their_other_names(world: World):
    for name in ("Zummerset Board", "=Levels Board"):
        OrganisationName.objects.create(organisation=world.icb.organisation, name=name)

    (found,) = world.api().results("/organisations/?name=zummerset")

    assert (found["code"], found["other_names"]) == (world.icb.organisation.code, ["=Levels Board", "Zummerset Board"])
    assert (
        world.api().get(f"/organisations/{world.icb.organisation.code}/").json()["other_names"] == found["other_names"]
    )
    (row,) = csv.DictReader(io.StringIO(world.api().csv("/organisations/?name=zummerset")))
    assert row["other_names"] == "'=Levels Board; Zummerset Board"
