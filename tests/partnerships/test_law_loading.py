"""The load of the law: complete, idempotent, and blind to what people made here."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import OperationalError, connection, transaction

from partnerships.models import Function, Instrument, Rule
from partnerships.reference import tables
from partnerships.reference.law_loading import LOCK, load_law
from pooledcare.directory.models import AuditEvent, Source
from pooledcare.directory.reference.tables import ReferenceTable, Row
from tests.partnerships import law_rows as make

pytestmark = pytest.mark.django_db


def changed(outcomes) -> list[str]:
    return [str(outcome) for outcome in outcomes if outcome.changed]


# --- a few rows ------------------------------------------------------------------------------------------------------

SMALL: dict[ReferenceTable, list[Row]] = {
    tables.SOURCES: [
        {
            "slug": "acts", "title": "Acts", "publisher": "Parliament", "licence": "OGL", "dated": "2020-01-31",
            "url": "https://acts.example/", "note": "As made",
        },
        {
            "slug": "reading", "title": "Our reading", "publisher": "Us", "licence": "OGL", "dated": "", "url": "",
            "note": "",
        },
    ],
    tables.INSTRUMENTS: [
        {
            "slug": "regulations", "title": "Regulations", "citation": "SI 1/1", "made": "2000-03-01",
            "in_force": "2000-04-01", "revoked": "2016-03-31", "status": "revoked", "amends": "",
            "confidence": "instrument", "note": "Old", "source": "acts",
        },
        {
            "slug": "amending", "title": "Amending Regulations", "citation": "SI 2/2", "made": "", "in_force": "",
            "revoked": "", "status": "in_force", "amends": "regulations", "confidence": "default", "note": "",
            "source": "reading",
        },
    ],
    tables.FUNCTIONS: [
        {
            "code": "care", "name": "Care", "side": "nhs", "provision": "Act s 1", "carries_exclusions": "yes",
            "description": "All of it", "position": "7", "source": "acts",
        },
        {
            "code": "charges", "name": "Charges", "side": "local_authority", "provision": "Act s 2",
            "carries_exclusions": "no", "description": "", "position": "8", "source": "acts",
        },
    ],
    tables.RULES: [
        {
            "code": "whole", "kind": "companion", "powers": "s31 s75", "side": "local_authority",
            "function": "charges", "body_kinds": "county unitary", "subject": "aims", "needs": "care",
            "flexibilities": "pooled_fund", "allowed": "no", "valid_from": "2000-04-01", "valid_to": "2016-03-31",
            "instrument": "regulations", "ended_by": "amending", "provision": "reg 1", "confidence": "instrument",
            "text": "The text.", "source": "acts",
        },
        {
            "code": "bare", "kind": "power", "powers": "s75", "side": "", "function": "", "body_kinds": "",
            "subject": "", "needs": "", "flexibilities": "", "allowed": "yes", "valid_from": "2007-03-01",
            "valid_to": "", "instrument": "amending", "ended_by": "", "provision": "s 75", "confidence": "default",
            "text": "It pools.", "source": "reading",
        },
    ],
}  # fmt: skip
NAMES = ["law_sources", "law_instruments", "functions", "law_rules"]


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A law of two rows a table."""
    for table, rows in SMALL.items():
        put(tmp_path, table, rows)
    return tmp_path


def put(folder: Path, table: ReferenceTable, rows: list[Row]) -> None:
    with (folder / f"{table.name}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, table.columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def counts(folder: Path) -> list[tuple[str, int, int, int, int]]:
    return [(each.name, each.created, each.updated, each.unchanged, each.removed) for each in load_law(folder)]


def test_every_column_is_written_as_its_field(small: Path):
    assert counts(small) == [(name, 2, 0, 0, 0) for name in NAMES]
    acts, reading = Source.objects.get(slug="acts"), Source.objects.get(slug="reading")
    assert (acts.title, acts.publisher, acts.dated, acts.url) == (
        "Acts", "Parliament", dt.date(2020, 1, 31), "https://acts.example/",
    )  # fmt: skip
    assert reading.dated is None
    regulations, amending = Instrument.objects.get(slug="regulations"), Instrument.objects.get(slug="amending")
    assert (regulations.made, regulations.in_force, regulations.revoked) == (
        dt.date(2000, 3, 1), dt.date(2000, 4, 1), dt.date(2016, 3, 31),
    )  # fmt: skip
    assert (amending.made, amending.in_force, amending.revoked) == (None, None, None)
    assert (regulations.amends, amending.amends, regulations.source, amending.source) == (
        None, regulations, acts, reading,
    )  # fmt: skip
    care, charges = Function.objects.get(code="care"), Function.objects.get(code="charges")
    assert (care.carries_exclusions, charges.carries_exclusions, care.position, charges.position) == (True, False, 7, 8)
    whole, bare = Rule.objects.get(code="whole"), Rule.objects.get(code="bare")
    assert (whole.powers, whole.body_kinds, whole.flexibilities) == (
        ["s31", "s75"], ["county", "unitary"], ["pooled_fund"],
    )  # fmt: skip
    assert (whole.function, whole.needs, whole.instrument, whole.ended_by, whole.source) == (
        charges, care, regulations, amending, acts,
    )  # fmt: skip
    assert (whole.allowed, whole.valid_from, whole.valid_to) == (False, dt.date(2000, 4, 1), dt.date(2016, 3, 31))
    assert (whole.text, whole.provision, whole.side, whole.subject, whole.confidence) == (
        "The text.", "reg 1", "local_authority", "aims", "instrument",
    )  # fmt: skip
    assert (bare.function, bare.needs, bare.ended_by, bare.valid_to) == (None,) * 4
    assert (bare.powers, bare.body_kinds, bare.flexibilities, bare.allowed) == (["s75"], [], [], True)


def test_a_load_leaves_one_line_of_audit_that_says_what_changed(small: Path):
    load_law(small)
    (event,) = AuditEvent.objects.all()
    assert (event.actor, event.action, event.subject) == ("system:law-load", "load_law", "reference:law")
    assert event.sentence == (
        "Loaded the tables of law. law sources: 2 created, 0 updated, 0 unchanged, 0 removed."
        " law instruments: 2 created, 0 updated, 0 unchanged, 0 removed."
        " functions: 2 created, 0 updated, 0 unchanged, 0 removed."
        " law rules: 2 created, 0 updated, 0 unchanged, 0 removed."
    )
    put(small, tables.FUNCTIONS, [SMALL[tables.FUNCTIONS][0] | {"name": "All care"}, SMALL[tables.FUNCTIONS][1]])
    load_law(small)
    newest = AuditEvent.objects.first()
    assert newest is not None
    assert newest.sentence == ("Loaded the tables of law. functions: 0 created, 1 updated, 1 unchanged, 0 removed.")
    load_law(small)
    assert AuditEvent.objects.count() == 2


@pytest.mark.parametrize(
    ("table", "row", "change"),
    [
        (tables.SOURCES, 0, {"dated": "", "note": "Anew"}),
        (tables.INSTRUMENTS, 0, {"revoked": "", "status": "in_force"}),
        (tables.INSTRUMENTS, 1, {"amends": ""}),
        (tables.FUNCTIONS, 0, {"carries_exclusions": "no"}),
        (tables.FUNCTIONS, 0, {"position": "9"}),
        (tables.RULES, 0, {"powers": "s75"}),
        (tables.RULES, 0, {"needs": "charges", "function": "care"}),
        (tables.RULES, 0, {"valid_to": "", "ended_by": ""}),
        (tables.RULES, 1, {"valid_to": "2020-03-31"}),
        (tables.RULES, 1, {"allowed": "no"}),
        (tables.RULES, 1, {"source": "acts"}),
    ],
)
def test_a_row_that_is_said_otherwise_is_changed_and_no_other(
    small: Path, table: ReferenceTable, row: int, change: dict[str, str]
):
    load_law(small)
    rows = [dict(each) for each in SMALL[table]]
    rows[row] |= change
    put(small, table, rows)
    assert counts(small) == [(name, 0, int(name == table.name), 2 - int(name == table.name), 0) for name in NAMES]
    assert counts(small) == [(name, 0, 0, 2, 0) for name in NAMES]


def test_a_row_of_a_table_may_name_an_earlier_one_and_no_later_one(small: Path):
    put(small, tables.INSTRUMENTS, list(reversed(SMALL[tables.INSTRUMENTS])))
    with pytest.raises(ValueError, match=r"^law_instruments\.csv: amends regulations is in no other table$"):
        load_law(small)
    assert not Source.objects.exists()


def test_what_has_left_the_tables_goes_with_what_referred_to_it(small: Path):
    load_law(small)
    put(small, tables.RULES, SMALL[tables.RULES][1:])
    put(small, tables.FUNCTIONS, [])
    put(small, tables.INSTRUMENTS, SMALL[tables.INSTRUMENTS])
    put(small, tables.SOURCES, SMALL[tables.SOURCES])
    assert counts(small) == [
        ("law_sources", 0, 0, 2, 0), ("law_instruments", 0, 0, 2, 0), ("functions", 0, 0, 0, 2),
        ("law_rules", 0, 0, 1, 1),
    ]  # fmt: skip
    assert [rule.code for rule in Rule.objects.all()] == ["bare"]
    assert not Function.objects.exists()


def test_a_source_that_has_left_the_tables_stays(small: Path):
    load_law(small)
    for table in (tables.RULES, tables.INSTRUMENTS):
        put(small, table, [each | {"source": "acts"} for each in SMALL[table]])
    put(small, tables.SOURCES, SMALL[tables.SOURCES][:1])
    assert counts(small)[0] == ("law_sources", 0, 0, 1, 0)
    assert Source.objects.filter(slug="reading").exists()


def test_rows_that_stay_though_they_have_left_are_named_in_order(small: Path):
    load_law(small)
    for code in ("charges", "care"):
        make.rule(function=Function.objects.get(code=code))
    put(small, tables.RULES, [])
    put(small, tables.FUNCTIONS, [])
    notes = {each.name: each.notes for each in load_law(small)}
    stays = "is no longer in the tables, but stays because other rows refer to it"
    assert notes == {name: [] for name in NAMES} | {"functions": [f"care {stays}", f"charges {stays}"]}


def test_what_was_made_here_is_neither_changed_nor_removed(small: Path):
    make.function(code="care", name="Ours")
    make.function(code="own")
    found = load_law(small)
    assert [(each.created, each.updated, each.unchanged, each.removed, each.notes) for each in found[2:3]] == [
        (1, 0, 0, 0, ["not changed, because it was created here: care"])
    ]
    assert {each.code: each.name for each in Function.objects.exclude(code="own")} == {
        "care": "Ours", "charges": "Charges",
    }  # fmt: skip
    assert Function.objects.filter(code="own").exists()


def test_a_source_that_somebody_else_brought_is_kept_in_line(small: Path):
    Source.objects.create(slug="acts", title="Other", publisher="Other", licence="Other")
    assert counts(small)[0] == ("law_sources", 1, 1, 0, 0)
    assert Source.objects.get(slug="acts").title == "Acts"


@pytest.mark.parametrize(
    ("table", "change", "error"),
    [
        (tables.RULES, {"function": "nothing"}, r"^law_rules\.csv: function nothing is in no other table$"),
        (tables.RULES, {"allowed": "perhaps"}, "perhaps"),
        (tables.RULES, {"valid_from": "soon"}, "Invalid isoformat"),
    ],
)
def test_a_row_that_cannot_be_read_is_refused_and_nothing_is_written(
    small: Path, table: ReferenceTable, change: dict[str, str], error: str
):
    put(small, table, [SMALL[table][0], SMALL[table][1] | change])
    with pytest.raises((ValueError, KeyError), match=error):
        load_law(small)
    assert not Source.objects.exists()
    assert not Function.objects.exists()
    assert not AuditEvent.objects.exists()


@pytest.fixture
def another_load() -> Iterator[None]:
    """A second connection that holds the lock of a load, as another load would."""
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("select pg_advisory_lock(%s)", [LOCK])
        yield
    finally:
        other.close()


def test_a_load_waits_for_another(small: Path, another_load: None):
    with connection.cursor() as cursor:
        cursor.execute("set local lock_timeout = '20ms'")
    with pytest.raises(OperationalError, match="lock timeout"), transaction.atomic():
        load_law(small)
    assert not Source.objects.exists()


# --- our own tables --------------------------------------------------------------------------------------------------


def test_a_first_load_writes_every_row_and_a_second_changes_nothing():
    load_law()
    assert Rule.objects.count() == len(tables.RULES.read(tables.HERE)) > 150
    assert Function.objects.count() == len(tables.FUNCTIONS.read(tables.HERE))
    assert Instrument.objects.count() == len(tables.INSTRUMENTS.read(tables.HERE))
    before = AuditEvent.objects.count()
    assert changed(load_law()) == []
    assert AuditEvent.objects.count() == before


def test_what_people_made_here_is_never_touched():
    instrument = make.proposal(slug="ours")
    rule = make.rule(instrument=instrument, code="fn-s3", text="Ours.", function=make.function(code="nhs-s3"))
    outcomes = load_law()
    rule.refresh_from_db()
    assert (rule.text, rule.instrument, rule.source) == ("Ours.", instrument, None)
    notes = [note for outcome in outcomes for note in outcome.notes]
    assert notes == [f"not changed, because it was created here: {each}" for each in ("nhs-s3", "fn-s3")]
    load_law()
    assert Instrument.objects.filter(slug="ours").exists()
    assert Rule.objects.filter(pk=rule.pk).exists()
