"""What differs between two readings of an agreement, thing by thing and field by field, in words."""

from __future__ import annotations

import dataclasses
import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest

from partnerships.rules.agreements import Difference, FieldChange, FunctionContent, What, differences
from partnerships.rules.agreements.differences import _AGREEMENT, _PARTNER, _POOL, _SCHEME, text_of
from partnerships.terms import ClauseKind
from tests.partnerships.agreement_values import CCG, COUNTY, ICB, START, TRUST, content, partner, pool, scheme
from tests.partnerships.test_approved_hash import FUNCTION, FUND, PARTNER, PLACE, SCHEME, WHOLE, another

HELD = content()


def found(before, after) -> list[tuple[str, str, str, list[tuple[str, str, str]]]]:
    return [
        (each.group, each.name, str(each.what), [(f.label, f.before, f.after) for f in each.fields])
        for each in differences(before, after)
    ]


def test_the_same_text_does_not_differ():
    assert differences(HELD, HELD) == []
    assert differences(WHOLE, WHOLE) == []


MAIN_TERMS = ("title", "power", "start", "end", "notice_months", "review_on", "places")


@pytest.mark.parametrize("name", MAIN_TERMS)
def test_each_of_the_main_terms_is_compared(name):
    value = "s31" if name == "power" else another(getattr(WHOLE, name))
    after = replace(WHOLE, **{name: value})
    field = _AGREEMENT[name]
    change = FieldChange(field.label, text_of(field, getattr(WHOLE, name)), text_of(field, value))
    assert change.before != change.after
    assert differences(WHOLE, after) == [Difference("Agreement", after.title, What.CHANGED, (change,))]


OTHERWISE = {
    "kind": "aligned", "role": "provider", "vat_structure": "principal", "vat_regime": "s41", "accounting": "agent",
    "flexibilities": (), "ways_of_working": (), "pool": "", "functions": (), "succeeds": None,
    "information_every": "year", "monitoring_rule": "larger", "instalments": "equal", "no_budget": "provisional",
    "income_basis": "gross", "instalment_shares": ("04-15 40.00", "10-15 60.00"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("where", "thing", "name"),
    [(where, thing, each.name) for where, thing in (("partners", PARTNER), ("pools", FUND), ("schemes", SCHEME))
     for each in dataclasses.fields(thing) if each.name not in ("pk", "slug", "body")],
)  # fmt: skip
def test_each_field_of_a_partner_a_fund_and_a_scheme_is_compared(where, thing, name):
    value = OTHERWISE[name] if name in OTHERWISE else another(getattr(thing, name))
    after = replace(WHOLE, **{where: (replace(thing, **{name: value}),)})
    (only,) = [each for each in differences(WHOLE, after) if each.group == where[:-1].title().replace("Pool", "Fund")]
    assert only.what == What.CHANGED
    fields = {"partners": _PARTNER, "pools": _POOL, "schemes": _SCHEME}[where]
    assert [each.label for each in only.fields] == [fields[name].label]
    assert only.fields[0].before != only.fields[0].after


@pytest.mark.parametrize("name", ["pk", "slug"])
def test_the_key_of_a_thing_is_not_compared(name):
    if name == "pk":
        for where, thing in (("partners", PARTNER), ("pools", FUND), ("schemes", SCHEME)):
            assert differences(WHOLE, replace(WHOLE, **{where: (replace(thing, pk=99),)})) == []
    moved = differences(WHOLE, replace(WHOLE, pools=(replace(FUND, slug="new"),)))
    assert [(each.group, each.what) for each in moved[:2]] == [("Fund", What.REMOVED), ("Fund", What.ADDED)]


def test_partners_are_known_by_the_code_of_their_body():
    renamed = replace(HELD, partners=(partner(replace(ICB, pk=99, name="New")), partner(COUNTY)))
    assert differences(HELD, renamed) == []


def test_what_comes_goes_and_stays_is_told_apart_in_the_order_of_before():
    before = replace(HELD, partners=(partner(CCG), partner(COUNTY)))
    after = replace(HELD, partners=(partner(TRUST), partner(COUNTY, role="provider", contributes=False)))
    since = ("Since", "", "1 April 2012")
    assert found(before, after) == [
        ("Partner", CCG.name, "removed",
         [("Role", "Commissions services", ""), ("Contributes", "Yes", ""), ("Since", "1 April 2012", "")]),
        ("Partner", COUNTY.name, "changed",
         [("Role", "Commissions services", "Provides services"), ("Contributes", "Yes", "No")]),
        ("Partner", TRUST.name, "added", [("Role", "", "Commissions services"), ("Contributes", "", "Yes"), since]),
    ]  # fmt: skip


def test_a_thing_is_named_as_it_is_called_after():
    after = replace(HELD, pools=(pool(name="Home fund"),))
    assert found(HELD, after) == [("Fund", "Home fund", "changed", [("Name of the fund", "Community", "Home fund")])]
    assert found(HELD, replace(HELD, title="Wider")) == [
        ("Agreement", "Wider", "changed", [("Title", "Mereshire joint arrangements", "Wider")])
    ]


def test_where_there_was_nothing_all_is_added_in_the_order_of_an_agreement():
    made = replace(HELD, clauses=(("aims", "Fewer stays"),))
    added = differences(None, made)
    assert [(each.group, each.name, each.what) for each in added] == [
        ("Agreement", "Mereshire joint arrangements", What.ADDED),
        ("Partner", ICB.name, What.ADDED),
        ("Partner", COUNTY.name, What.ADDED),
        ("Fund", "Community", What.ADDED),
        ("Scheme", "Reablement", What.ADDED),
        ("Clause", "Aims and outcomes", What.ADDED),
    ]
    assert added[0].fields == (
        FieldChange("Title", "", "Mereshire joint arrangements"),
        FieldChange("Legal power", "", "Section 75, NHS Act 2006"),
        FieldChange("First day", "", "1 April 2012"),
        FieldChange("Notice, in months", "", "6"),
    )
    assert FieldChange("Fund", "", "Community") in added[4].fields


@pytest.mark.parametrize(
    ("before", "after", "what"),
    [
        ("", "New", What.ADDED),
        ("Old", "", What.REMOVED),
        ("Old", "New", What.CHANGED),
        ("Old", "Old", None),
        ("", "", None),
    ],
)
def test_a_clause_is_added_removed_or_changed(before, after, what):
    was, now = (replace(HELD, clauses=(("exit", each),) if each else ()) for each in (before, after))
    label = "Exit: staff, contracts, assets and costs"
    assert differences(was, now) == (
        [Difference("Clause", label, what, (FieldChange("Text", before, after),))] if what else []
    )


def test_clauses_come_in_the_order_of_their_kinds():
    made = replace(HELD, clauses=tuple((kind, "x") for kind in reversed(ClauseKind.values)))
    assert [each.name for each in differences(HELD, made)] == ClauseKind.labels


def test_a_fund_that_is_gone_is_named_as_it_was_called_and_an_unknown_one_by_its_address():
    moved = replace(HELD, pools=(), schemes=(replace(HELD.schemes[0], pool="elsewhere"),))
    assert found(HELD, moved)[1] == ("Scheme", "Reablement", "changed", [("Fund", "Community", "elsewhere")])
    assert differences(None, replace(moved, schemes=(scheme(pool=""),)))[-1].fields[-2:] == (
        FieldChange("Voluntary, in addition to a mandatory pooled fund", "", "No"),
        FieldChange("Functions", "", f"Services under section 3, function of {'Mereshire Primary Care Trust'}"),
    )


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        (_AGREEMENT["title"], None, ""), (_AGREEMENT["title"], "Ours", "Ours"),
        (_AGREEMENT["start"], START, "1 April 2012"),
        (_AGREEMENT["places"], (PLACE, replace(PLACE, name="Second")), "Mereshire; Second"),
        (_AGREEMENT["review_on"], (dt.date(2024, 4, 1), dt.date(2025, 4, 1)), "1 April 2024; 1 April 2025"),
        (_AGREEMENT["power"], "s31", "Section 31, Health Act 1999"),
        (_PARTNER["role"], "provider", "Provides services"),
        (_PARTNER["since"], START, "1 April 2012"), (_PARTNER["succeeds"], COUNTY, "Mereshire County Council"),
        (_POOL["host"], COUNTY, "Mereshire County Council"), (_POOL["kind"], "aligned", "Aligned fund"),
        (_POOL["vat_structure"], "agency", "Agency: the host acts for the others"),
        (_POOL["vat_regime"], "s33", "Section 33, VAT Act 1994 (councils)"),
        (_POOL["accounting"], "lead", "Lead commissioner: the lead shows the whole"),
        (_POOL["irrecoverable_vat"], Decimal("1.50"), "1.50"), (_SCHEME["is_voluntary"], False, "No"),
        (_SCHEME["pool"], "Community", "Community"), (_SCHEME["flexibilities"], ("pooled_fund",), "Pooled fund"),
        (_SCHEME["ways_of_working"], ("lead_commissioning", "integrated_provision"),
         "Lead commissioning; Integrated provision"),
        (_SCHEME["functions"], (), ""),
        (_SCHEME["functions"], (FUNCTION,),
         "Services under section 3, function of NHS Mereshire Integrated Care Board (with surgery), "
         "delegation recorded: Schedule 2"),
        (_SCHEME["functions"], (FunctionContent("a", "A", None, ("surgery", "class-4-laser"), ""),),
         "A (with surgery, class 4 laser treatments)"),
        (_SCHEME["functions"],
         (FunctionContent("a", "A", COUNTY, (), ""), FunctionContent("b", "B", None, (), "Letter")),
         "A, function of Mereshire County Council; B, delegation recorded: Letter"),
    ],
)  # fmt: skip
def test_a_value_is_written_as_people_read_it(field, value, text):
    assert text_of(field, value) == text
