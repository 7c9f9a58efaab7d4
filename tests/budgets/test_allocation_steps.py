"""The steps of allocations at their edges: locks, what went stale, dates of publication, doubled rows, announcements.

Whole histories of acceptance and reversal are compared with an obvious twin in tests/oracles/test_acceptances.py.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction

from budgets.allocations import statements, steps
from budgets.allocations.check import COPIED
from budgets.allocations.steps import ACCEPTANCE_LOCK, MANY_ROWS
from budgets.models import Allocation, FundingStream, StagedAllocation
from pooledcare.directory.access import Actor
from pooledcare.directory.models import Change, Organisation
from pooledcare.kernel.problems import Problem, Where
from tests import factories
from tests.budgets import ledger
from tests.budgets.ledger import PUBLISHED, STEPS, figure, put, said, stage

pytestmark = pytest.mark.django_db

THE_DAY_BEFORE, THE_DAY_AFTER = PUBLISHED - dt.timedelta(days=1), PUBLISHED + dt.timedelta(days=1)


@dataclass
class World:
    publisher: Organisation
    board: Organisation
    other: Organisation
    core: FundingStream


@pytest.fixture
def world(db: None) -> World:
    return World(
        factories.nhs_england(),
        factories.organisation(name="Ash Board"),
        factories.organisation(name="Birch Board"),
        factories.stream(code="core", name="Core"),
    )


def shown(setting: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"show {setting}")
        return str(cursor.fetchone()[0])


# ── Locks and plans ──────────────────────────────────────────────────────────────────────────────────────────────────


def advisory_locks() -> set[tuple[int, int, str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select classid::bigint, objid::bigint, mode from pg_locks"
            " where locktype = 'advisory' and objsubid = 2 and pid = pg_backend_pid() and granted"
        )
        return set(cursor.fetchall())


def test_the_lock_is_on_the_figures_of_one_organisation_until_the_transaction_ends(world):
    upload = stage(world.publisher)
    before = advisory_locks()
    STEPS.lock(upload)
    taken = advisory_locks() - before
    assert taken == {(5_271_001, world.publisher.pk, "ExclusiveLock")}
    assert ACCEPTANCE_LOCK == 5_271_001
    assert shown("client_connection_check_interval") == "2s"
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_unlock_all()")  # lets go of locks of the session only
    assert advisory_locks() - before == taken


def test_the_number_of_an_organisation_always_fits_into_the_lock(world):
    upload = stage(world.publisher)
    upload.organisation_id = 2**31 + 5
    before = advisory_locks()
    STEPS.lock(upload)
    assert advisory_locks() - before == {(ACCEPTANCE_LOCK, 5, "ExclusiveLock")}


@pytest.mark.parametrize(("staged", "nested"), [(MANY_ROWS - 1, "on"), (MANY_ROWS, "on"), (MANY_ROWS + 1, "off")])
def test_many_rows_are_not_joined_one_by_one(world, staged, nested):
    upload = stage(world.publisher)
    upload.rows_staged = staged
    steps.plan_for(upload)
    assert shown("enable_nestloop") == nested
    assert (shown("work_mem"), shown("client_connection_check_interval")) == ("256MB", "2s")
    upload.rows_staged = 1
    steps.plan_for(upload)
    assert shown("enable_nestloop") == "on"


def test_sums_of_an_upload_that_touches_nothing_are_not_sorted_and_others_may_be_afterwards(world):
    put(world.publisher, figure(world.board, world.core))
    assert shown("enable_sort") == "on"


# ── Staged rows ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_steps_say_where_rows_are_staged_and_in_which_columns():
    assert STEPS.table == StagedAllocation._meta.db_table
    assert STEPS.copied == COPIED
    assert set(COPIED) == {field.column for field in StagedAllocation._meta.concrete_fields}


def test_limits_are_as_generous_as_they_are_said_to_be():
    assert (MANY_ROWS, steps.MOST_DUPLICATES, steps.MOST_STALE) == (5_000, 200_000, 1_000)


def test_staged_rows_are_counted_and_forgotten_for_their_own_uploads_only(world, django_assert_num_queries):
    rows = [figure(world.board, world.core), figure(world.other, world.core)]
    first, second, third = (stage(world.publisher, *rows[:size]) for size in (2, 1, 1))
    assert [STEPS.staged(one) for one in (first, second, third)] == [2, 1, 1]
    with django_assert_num_queries(0):
        STEPS.clear([])
    assert StagedAllocation.objects.count() == 4
    STEPS.clear([first.pk, third.pk])
    assert list(StagedAllocation.objects.values_list("upload_id", flat=True)) == [second.pk]


def test_rows_are_left_over_where_their_upload_is_in_none_of_the_states_that_need_them(world):
    waiting, refused = (stage(world.publisher, figure(world.board, world.core)) for _ in range(2))
    type(refused).objects.filter(pk=refused.pk).update(state="refused")
    nothing_staged = stage(world.publisher)
    type(refused).objects.filter(pk=nothing_staged.pk).update(state="refused")
    assert STEPS.left_over(["awaiting_second_person", "ready"]) == [refused.pk]
    assert sorted(STEPS.left_over(["ready"])) == [waiting.pk, refused.pk]


def test_an_upload_reads_and_writes_no_row_of_another(world):
    stage(world.publisher, figure(world.other, world.core, "7"))
    put(world.publisher, figure(world.board, world.core, "5"))
    assert list(Allocation.objects.values_list("organisation__name", "amount")) == [("Ash Board", Decimal(5))]


# ── Doubled rows ─────────────────────────────────────────────────────────────────────────────────────────────────────


def at(sheet: str, row: int, amount: str = "100.00", cell: str = "E") -> dict[str, Any]:
    return {"sheet": sheet, "row": row, "published_text": amount, "amount": Decimal(amount), "cell": cell}


def test_a_figure_twice_names_the_other_row_and_whether_the_amounts_differ(world):
    one = figure(world.board, world.core)
    upload = stage(
        world.publisher,
        one | at("Core", 5),
        one | at("Core", 7),
        one | at("Other", 3, "100.01"),
        figure(world.other, world.core) | at("", 9, cell=""),
        figure(world.other, world.core) | at("", 11, cell=""),
    )
    twice = ("DUPLICATE_IN_FILE", "The same figure is in the file twice", "Delete one of the two rows.")
    two = (
        "CONFLICT_IN_FILE",
        "The same figure is in the file with two amounts",
        "Keep the row with the right amount and delete the other.",
    )
    expected = [
        (*twice, Where("Core", 7, "E", "amount"), "100.00, also in row 5"),
        (*two, Where("Other", 3, "E", "amount"), "100.01, also in sheet Core, row 5"),
        (*twice, Where(None, 11, None, "amount"), "100.00, also in row 9"),
    ]
    assert STEPS.duplicate_rows(upload) == [
        Problem(code, message, where, value, fix) for code, message, fix, where, value in expected
    ]


def test_not_reported_twice_is_the_same_and_beside_an_amount_a_conflict(world):
    silent = figure(world.board, world.core, None)
    upload = stage(world.publisher, silent, silent, figure(world.board, world.core, "0.00"))
    assert [one.code for one in STEPS.duplicate_rows(upload)] == ["DUPLICATE_IN_FILE", "CONFLICT_IN_FILE"]


@pytest.mark.parametrize(
    "difference",
    [
        {"financial_year": 2023},
        {"basis": "budget"},
        {"gross_or_net": "net"},
        {"recurrence": "not_stated"},
        {"stream": 0},
    ],
)
def test_figures_that_differ_in_any_part_of_their_key_are_not_the_same(world, difference):
    if "stream" in difference:
        difference = {"stream": factories.stream()}
    one = figure(world.board, world.core)
    upload = stage(world.publisher, one, one | difference, figure(world.other, world.core))
    assert STEPS.duplicate_rows(upload) == []


def test_rows_of_another_upload_are_no_duplicates(world):
    one, other = figure(world.board, world.core), figure(world.other, world.core)
    stage(world.publisher, other | {"row": 90}, one | {"row": 91}, one | {"row": 92})
    assert STEPS.duplicate_rows(stage(world.publisher, one)) == []
    (problem,) = STEPS.duplicate_rows(stage(world.publisher, one, one))
    assert (problem.where.row, problem.value) == (3, "100.00, also in row 2")


# ── Dates of publication ─────────────────────────────────────────────────────────────────────────────────────────────


def problems(upload: Any) -> list[tuple[str, str]]:
    return said(one for one in STEPS.current_state_problems(upload) if one.is_error)


def test_published_figures_are_not_hidden_and_the_sentence_counts_them(world):
    both = [figure(world.board, world.core), figure(world.other, world.core)]
    put(world.publisher, *both)
    (one,) = STEPS.current_state_problems(
        stage(world.publisher, figure(world.board, world.core, "1"), published_on=None)
    )
    assert one == Problem(
        "NOT_PUBLISHED",
        "This file replaces 1 published figure, and has no publication date",
        fix="Give the day on which the file was published.",
    )
    two = stage(world.publisher, *(row | {"amount": Decimal(1)} for row in both), published_on=None)
    assert problems(two) == [
        (
            "NOT_PUBLISHED",
            "This file replaces 2 published figures, and has no publication date",
        )
    ]


@pytest.mark.parametrize(
    ("amount", "complete", "published_before", "expected"),
    [
        ("1", False, PUBLISHED, ["NOT_PUBLISHED"]),
        ("1", False, None, []),  # what was unpublished may be replaced by what is
        ("100.00", False, PUBLISHED, []),  # the same amount again hides nothing
    ],
)
def test_what_hides_a_published_figure(world, amount, complete, published_before, expected):
    put(world.publisher, figure(world.board, world.core), published_on=published_before)
    upload = stage(world.publisher, figure(world.board, world.core, amount), complete=complete, published_on=None)
    assert [code for code, _ in problems(upload)] == expected


@pytest.mark.parametrize("day", [THE_DAY_BEFORE, PUBLISHED, THE_DAY_AFTER])
def test_a_publication_is_not_older_than_what_it_replaces(world, day):
    put(world.publisher, figure(world.board, world.core))
    found = STEPS.current_state_problems(stage(world.publisher, figure(world.board, world.core, "1"), published_on=day))
    expected = Problem(
        "PUBLISHED_BEFORE",
        "Some of the figures that it would replace were published later, on 3 May 2024",
        value="2024-05-02",
        fix="Correct the date of publication.",
    )
    assert [one for one in found if one.is_error] == ([expected] if day < PUBLISHED else [])


def test_of_several_later_publications_the_last_is_named(world):
    put(world.publisher, figure(world.board, world.core), published_on=THE_DAY_AFTER)
    put(world.publisher, figure(world.other, world.core))
    rows = [figure(world.board, world.core, "1"), figure(world.other, world.core, "1")]
    ((_, message),) = problems(stage(world.publisher, *rows, published_on=THE_DAY_BEFORE))
    assert message.endswith("published later, on 4 May 2024")


def test_what_a_complete_file_leaves_out_was_not_published_later_either(world):
    put(world.publisher, figure(world.board, world.core), published_on=THE_DAY_AFTER)
    upload = stage(world.publisher, figure(world.other, world.core), complete=True)
    assert [code for code, _ in problems(upload)] == ["PUBLISHED_BEFORE"]


def test_figures_of_another_source_are_nobodys_to_hide(world):
    put(world.publisher, figure(world.board, world.core))
    assert problems(stage(world.board, figure(world.board, world.core, "1"), published_on=None)) == []


# ── What went stale between preview and acceptance ───────────────────────────────────────────────────────────────────


def stale(upload: Any, by: Actor) -> list[tuple[str, str]]:
    return said(STEPS.outdated_references(upload, by))


@pytest.fixture
def sender(world) -> Actor:
    return factories.actor(factories.member(organisation=world.publisher, roles=["publisher"]))


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("closed", "years", "expected"),
    [
        ("2024-03-31", (2023,), []),
        ("2024-03-31", (2024,), ["ORG_CLOSED"]),
        ("2024-04-01", (2024,), []),
        ("2024-04-02", (2024,), []),
        ("2024-03-31", (2022, 2024), ["ORG_CLOSED"]),
    ],
)
def test_a_body_holds_money_up_to_the_year_of_its_last_day(world, sender, closed, years, expected):
    Organisation.objects.filter(pk=world.board.pk).update(closed=day(closed))
    upload = stage(world.publisher, *(figure(world.board, world.core, financial_year=year) for year in years))
    found = stale(upload, sender)
    assert [code for code, _ in found] == expected
    assert all(message == "Ash Board has closed since the file was checked" for _, message in found)


@pytest.mark.parametrize(
    ("opened", "years", "expected"),
    [
        ("2024-03-31", (2023,), []),
        ("2024-04-01", (2023,), ["ORG_NOT_OPEN"]),
        ("2024-04-01", (2024,), []),
        ("2024-04-02", (2024,), []),
        ("2024-04-01", (2023, 2025), ["ORG_NOT_OPEN"]),
    ],
)
def test_a_body_holds_money_from_the_year_of_its_first_day(world, sender, opened, years, expected):
    Organisation.objects.filter(pk=world.board.pk).update(opened=day(opened))
    upload = stage(world.publisher, *(figure(world.board, world.core, financial_year=year) for year in years))
    found = stale(upload, sender)
    assert [code for code, _ in found] == expected
    expected = "Ash Board did not exist then, according to data changed since the check"
    assert all(message == expected for _, message in found)


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [(2024, 2024, []), (2025, None, ["STREAM_NOT_IN_YEAR"]), (2013, 2023, ["STREAM_NOT_IN_YEAR"]), (2013, None, [])],
)
def test_a_stream_that_no_longer_exists_in_the_year_stops_the_upload(world, sender, first, last, expected):
    FundingStream.objects.update(first_year=first, last_year=last)
    found = stale(stage(world.publisher, figure(world.board, world.core)), sender)
    assert [code for code, _ in found] == expected
    assert all(message == "Core no longer exists in that year" for _, message in found)


def test_a_body_that_no_longer_holds_the_stream_stops_the_upload_where_there_is_money(world, sender):
    silent, loud = (stage(world.publisher, figure(world.board, world.core, amount)) for amount in (None, "0.00"))
    FundingStream.objects.update(holder_kinds=["ccg"])
    assert stale(silent, sender) == []
    assert stale(loud, sender) == [("WRONG_ORG_TYPE", "Ash Board no longer holds Core")]
    several = stage(
        world.publisher,
        figure(world.board, world.core, None),
        figure(world.board, world.core, financial_year=2023),
        figure(world.other, world.core, None),
    )
    assert [code for code, _ in stale(several, sender)] == ["WRONG_ORG_TYPE"]


def test_who_lost_the_right_to_upload_stops_the_upload_even_for_the_sender_itself(world, sender):
    nobody = factories.actor(factories.member(organisation=world.publisher, roles=["viewer"]))
    own = factories.stream(holder_kinds=["nhs_england"])
    upload = stage(world.publisher, figure(world.publisher, own))
    assert stale(upload, sender) == []
    assert stale(upload, nobody) == [("NOT_PERMITTED", "The sender may no longer submit for NHS England")]


def test_who_lost_the_right_to_publish_for_holders_submits_for_itself_only(world):
    officer = factories.actor(factories.member(organisation=world.board, roles=["finance_officer"]))
    upload = stage(world.board, figure(world.board, world.core), figure(world.other, world.core))
    assert stale(upload, officer) == [("NOT_PERMITTED", "The sender may no longer submit for Birch Board")]


def test_nobody_publishes_for_bodies_of_a_kind_that_they_do_not_fund(world, sender):
    council = factories.council(name="Tarn Council")
    FundingStream.objects.update(holder_kinds=["icb", "unitary"])
    upload = stage(world.publisher, figure(world.board, world.core), figure(council, world.core))
    assert stale(upload, sender) == [("NOT_PERMITTED", "The sender may no longer submit for Tarn Council")]


def test_what_went_stale_is_told_at_its_first_row_in_the_order_of_the_file(world, sender):
    Organisation.objects.update(closed=dt.date(2020, 3, 31))
    stage(world.publisher, figure(world.board, world.core, row=90), figure(world.board, world.core, row=91))
    upload = stage(
        world.publisher,
        figure(world.other, world.core, sheet="Core", row=9),
        figure(world.board, world.core, row=4),
        figure(world.board, world.core, row=5, basis="budget"),
    )
    fix = "Upload the file again."
    assert STEPS.outdated_references(upload, sender) == [
        Problem(
            "ORG_CLOSED",
            f"{body.name} has closed since the file was checked",
            Where(sheet, row, column_name="organisation"),
            body.code,
            fix,
        )
        for body, sheet, row in ((world.other, "Core", 9), (world.board, None, 4))
    ]


def test_no_more_than_some_of_what_went_stale_is_told(world, sender, monkeypatch):
    Organisation.objects.update(closed=dt.date(2020, 3, 31))
    upload = stage(world.publisher, figure(world.other, world.core), figure(world.board, world.core))
    monkeypatch.setattr(steps, "MOST_STALE", 1)
    assert [problem.value for problem in STEPS.outdated_references(upload, sender)] == [world.other.code]


def test_rows_of_another_upload_are_not_looked_at(world, sender):
    gone = factories.organisation(closed=dt.date(2020, 3, 31))
    stage(world.publisher, figure(gone, world.core))
    assert stale(stage(world.publisher, figure(world.board, world.core)), sender) == []


# ── Which rows meet which figures ────────────────────────────────────────────────────────────────────────────────────


def asked(statement: str, upload: Any, **more: Any) -> list[tuple[Any, ...]]:
    source = upload.organisation_id
    with connection.cursor() as cursor:
        cursor.execute(statement, {"upload": upload.pk, "source": source, "published_on": PUBLISHED, **more})
        return cursor.fetchall() if cursor.description else []


def test_an_upload_touches_the_streams_years_and_bases_in_which_its_source_has_figures(world):
    core, other = world.core, factories.stream()
    put(world.publisher, figure(world.board, core), figure(world.other, core))
    put(world.publisher, figure(world.board, other, basis="budget"), figure(world.board, other, financial_year=2022))
    put(world.board, figure(world.board, core, financial_year=2023))
    factories.allocation(stream=core, financial_year=2020, is_current=False, source=world.publisher)
    keys = [(core, 2024, "allocation"), (core, 2024, "budget"), (core, 2023, "allocation"), (core, 2022, "allocation"),
            (core, 2020, "allocation"), (other, 2024, "allocation"), (other, 2024, "budget")]  # fmt: skip
    rows = [
        figure(body, stream, financial_year=year, basis=basis)
        for body in (world.board, world.other)
        for stream, year, basis in keys
    ]
    upload = stage(world.publisher, *rows)
    stage(world.publisher, figure(world.board, other, financial_year=2022))
    assert sorted(asked(statements.TOUCHED, upload)) == [(core.pk, 2024, "allocation"), (other.pk, 2024, "budget")]


@pytest.mark.parametrize("nowhere", ["streams", "years", "bases"])
def test_rows_are_matched_only_in_the_streams_years_and_bases_that_are_named(world, nowhere):
    put(world.publisher, figure(world.board, world.core))
    upload = stage(world.publisher, figure(world.board, world.core))
    there: dict[str, Any] = {"streams": [world.core.pk], "years": [2024], "bases": ["allocation"]}
    for named, matched in ((there, 1), (there | {nowhere: []}, 0)):
        asked("drop table if exists matched", upload)
        asked(statements.MATCH, upload, **named)
        assert asked("select count(*) from matched", upload) == [(matched,)]


def test_where_nothing_is_touched_nothing_is_matched(world):
    put(world.publisher, figure(world.board, world.core))
    upload = stage(world.publisher, figure(world.board, world.core))
    asked("drop table if exists matched", upload)
    asked(statements.MATCH_NOTHING, upload, streams=[world.core.pk], years=[2024], bases=["allocation"])
    assert asked(statements.MATCHED_AT_ALL, upload) == [(False,)]
    assert asked("select count(*) from matched", upload) == [(0,)]


# ── Versions ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_figure_keeps_where_it_was_read(world):
    put(
        world.publisher,
        figure(world.board, world.core, sheet="Core", row=46, cell="AB", note="so", published_text="1e2"),
    )
    one = Allocation.objects.get()
    assert (one.sheet, one.row, one.cell, one.note, one.published_text) == ("Core", 46, "AB46", "so", "1e2")


def test_a_version_that_stands_again_is_copied_with_its_place_and_date(world):
    first = put(world.publisher, figure(world.board, world.core, sheet="Core", row=46, note="so"))
    second = put(world.publisher, figure(world.board, world.core, "1"), published_on=THE_DAY_AFTER)
    assert ledger.reverse(second) == {"restored": 1, "withdrawn": 0}
    old, again = Allocation.objects.get(version=1), Allocation.objects.get(version=3)
    same = ("sheet", "row", "cell", "note", "amount", "published_text", "published_on", "upload_id", "source_id")
    assert [getattr(again, name) for name in same] == [getattr(old, name) for name in same]
    assert (again.upload_id, again.is_current, again.withdrawn) == (first.pk, True, False)


def test_a_tombstone_says_nothing_but_that_the_figure_is_gone(world):
    put(world.publisher, figure(world.board, world.core, sheet="Core", note="so"), figure(world.other, world.core))
    upload = put(world.publisher, figure(world.other, world.core), complete=True, published_on=THE_DAY_AFTER)
    gone = Allocation.objects.get(withdrawn=True)
    told = (gone.amount, gone.published_text, gone.sheet, gone.row, gone.cell, gone.note, gone.published_on)
    assert told == (None, "", "", None, "", "", THE_DAY_AFTER)
    assert (gone.upload_id, gone.organisation, gone.version, gone.is_current) == (upload.pk, world.board, 2, True)


def test_new_figures_are_written_in_the_order_of_their_keys(world):
    rows = [
        figure(body, world.core, financial_year=year) for year in (2024, 2023) for body in (world.other, world.board)
    ]
    expected = [(body.pk, year) for body in (world.board, world.other) for year in (2023, 2024)]
    put(world.publisher, *rows)
    assert list(Allocation.objects.order_by("pk").values_list("organisation_id", "financial_year")) == expected
    changed = put(world.publisher, *(row | {"amount": Decimal(1)} for row in rows))
    written = Allocation.objects.filter(upload=changed).order_by("pk")
    assert list(written.values_list("organisation_id", "financial_year")) == expected


def test_the_uploads_that_stand_on_another_are_named_in_order_and_at_most_three(world):
    bodies = [factories.organisation() for _ in range(4)]
    first = put(world.publisher, *(figure(body, world.core) for body in bodies))
    later = [put(world.publisher, figure(body, world.core, "1")) for body in reversed(bodies)]
    (problem,) = STEPS.later_changes(first)
    named = ", ".join(one.reference for one in later[:3])
    assert problem == Problem(
        "CHANGED_LATER",
        f"Later uploads changed figures of {first.reference}: {named}",
        fix="Reverse the later uploads first.",
    )
    assert STEPS.later_changes(later[0]) == []


def test_an_upload_that_stands_on_several_figures_is_named_once(world):
    both = [figure(world.board, world.core), figure(world.other, world.core)]
    first = put(world.publisher, *both)
    later = put(world.publisher, *(row | {"amount": Decimal(1)} for row in both))
    ((_, message),) = said(STEPS.later_changes(first))
    assert message == f"Later uploads changed figures of {first.reference}: {later.reference}"


def test_reversing_looks_at_what_stands_and_changes_nothing_before_it_is_done(world):
    upload = put(world.publisher, figure(world.board, world.core))
    before = list(Allocation.objects.values_list("pk", "is_current"))
    STEPS.reversal_preview(upload)
    assert list(Allocation.objects.values_list("pk", "is_current")) == before


# ── Announcements ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("published_on", "public"), [(PUBLISHED, True), (None, False)])
def test_the_change_feed_tells_everybody_only_what_is_published(world, published_on, public):
    upload = stage(world.publisher, published_on=published_on)
    with transaction.atomic():
        STEPS.announce(upload, "accepted", {"new": 2, "withdrawn": 1})
    change = Change.objects.get()
    assert (change.resource, change.reference, change.event) == ("allocations", upload.reference, "accepted")
    assert (change.public, change.organisation) == (public, "X24")
    assert change.counts == {"new": 2, "withdrawn": 1}


def test_no_more_than_some_duplicates_are_told(world):
    one = figure(world.board, world.core)
    upload = stage(world.publisher, one, one, one, one)
    with connection.cursor() as cursor:
        cursor.execute(statements.DUPLICATES, {"upload": upload.pk, "most": 2})
        assert [row[1] for row in cursor.fetchall()] == [3, 4]
