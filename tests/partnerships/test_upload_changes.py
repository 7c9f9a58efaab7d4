"""What a row of a file would change of a draft, column by column: the same, otherwise, and what is left out stays."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from partnerships.models import Agreement, Deed, SchemeFunction, SchemeTerms, UploadedRow
from partnerships.rules.agreements import FieldChange
from partnerships.terms import ClauseKind
from partnerships.upload_kinds import kinds
from partnerships.upload_kinds.changes import counts_of, planned
from pooledcare.directory.models import Organisation
from pooledcare.uploads.models import Upload
from tests import factories
from tests.partnerships.agreement_values import MONEY, MONEY_IN_A_FILE

pytestmark = pytest.mark.django_db
BOARD = "NHS Mereshire Integrated Care Board (QMS)"
COUNTY = "Mereshire County Council (E10000999)"


@pytest.fixture
def draft(icb, county) -> Agreement:
    """Everything that a file can say is said."""
    made = factories.whole_agreement(
        partners=[icb, county], places=[factories.place(slug="mere", name="Mere")], title="Joint arrangements",
        summary="One\nteam.", end_on=dt.date(2028, 3, 31), review_on=[dt.date(2026, 10, 1)],
    )  # fmt: skip
    SchemeTerms.objects.filter(deed__agreement=made).update(
        client_group="Adults", geography="The county", providers="A trust", governance="A board", exit_terms="Shared",
        ways_of_working=["lead_commissioning"], start_on=dt.date(2024, 5, 1), end_on=dt.date(2027, 3, 31),
        notice_months=3, **MONEY,
    )  # fmt: skip
    SchemeFunction.objects.filter(terms__deed__agreement=made, function__code="nhs-s3").update(
        exclusions=["surgery", "endoscopy"], delegation_evidence="Schedule 2"
    )
    return made


def body(one: Organisation) -> dict[str, Any]:
    return {"pk": one.pk, "code": one.code, "name": one.name}


def upload_of(organisation: Organisation, kind: str, *rows: dict[str, Any]) -> Upload:
    """An upload with these staged rows, each with its agreement, its scheme and what it says."""
    upload = factories.upload(organisation=organisation, kind=kind)
    for line, row in enumerate(rows, 1):
        UploadedRow.objects.create(upload=upload, line=line, row=line + 1, **row)
    return upload


def compared(organisation: Organisation, kind: str, known: dict[str, Any], said: list[dict[str, Any]]) -> list[Any]:
    return planned(upload_of(organisation, kind, *({**known, "cell_values": each} for each in said)))


def no_changes(plans: list[Any]) -> list[Any]:
    return [plan.fields for plan in plans if plan.changes or plan.fields or plan.values or plan.what != "unchanged"]


def test_every_column_of_an_agreement_is_compared_with_what_the_draft_says(draft, icb, county):
    clauses = {kind.value: f"What is agreed on: {kind.label.lower()}." for kind in ClauseKind}
    same = {
        "title": "Joint  arrangements", "power": "s75", "start": "2024-04-01", "end": "2028-03-31", "notice_months": 6,
        "review_on": ["2026-10-01"], "places": ["mere"], "partners": [body(county), body(icb)], "summary": "One team.",
        **clauses,
    }  # fmt: skip
    assert [*same] == [column.heading for column in kinds.AGREEMENTS.columns if column.heading != "reference"]
    other = {
        "title": ("Ours", "Title", "Joint arrangements", "Ours"),
        "power": ("s31", "Legal power", "Section 75, NHS Act 2006", "Section 31, Health Act 1999"),
        "start": ("2024-05-01", "First day", "1 April 2024", "1 May 2024"),
        "end": ("2029-03-31", "Last day", "31 March 2028", "31 March 2029"),
        "notice_months": (12, "Notice, in months", "6", "12"),
        "review_on": (["2026-10-01", "2027-10-01"], "Review dates", "1 October 2026", "1 October 2026; 1 October 2027"),
        "places": (["mere", "moor"], "Places", "mere", "mere; moor"),
        "partners": (
            [body(icb)],
            "Partners",
            "NHS Mereshire Integrated Care Board (QMS); Mereshire County Council (E10000999)",
            "NHS Mereshire Integrated Care Board (QMS)",
        ),
        "summary": ("Two teams.", "What the deed does", "One\nteam.", "Two teams."),
        **{
            kind.value: ("Otherwise.", f"Clause: {kind.label}", clauses[kind.value], "Otherwise.")
            for kind in ClauseKind
        },
    }
    known = {"agreement": draft}
    assert no_changes(compared(icb, "agreements", known, [{name: value} for name, value in same.items()])) == []
    plans = compared(icb, "agreements", known, [{name: value} for name, (value, *_) in other.items()])
    assert [plan.fields for plan in plans] == [(FieldChange(*told),) for _, *told in other.values()]
    assert [plan.values for plan in plans] == [{name: value} for name, (value, *_) in other.items()]
    assert {(plan.what, plan.changes) for plan in plans} == {("changed", True)}
    assert {plan.name for plan in plans} == {"Joint arrangements", "Ours"}
    assert counts_of(plans) == {"new": 0, "changed": len(other), "unchanged": 0}


def test_every_column_of_a_scheme_is_compared_with_what_the_draft_says(draft, icb, county):
    functions = [
        {"code": "social-services", "holder": body(county), "exclusions": [], "evidence": ""},
        {"code": "nhs-s3", "holder": body(icb), "exclusions": ["endoscopy", "surgery"], "evidence": "Schedule 2"},
    ]
    same = {
        "name": "Example scheme", "functions": [["social-services", None], ["nhs-s3", None]],
        "exclusions": [["nhs-s3", "surgery"], ["nhs-s3", "endoscopy"]], "flexibilities": ["pooled_fund"],
        "ways_of_working": ["lead_commissioning"], "lead": body(icb), "pool": "reablement",
        "aims": "Fewer stays in hospital.", "services": "Reablement at home.", "client_group": "Adults",
        "geography": "The county", "providers": "A trust", "governance": "A board", "exit_terms": "Shared",
        "start": "2024-05-01", "end": "2027-03-31", "notice_months": 3, "voluntary": False,
        **MONEY_IN_A_FILE,
    }  # fmt: skip
    assert [*same] == [
        column.heading for column in kinds.SCHEMES.columns if column.heading not in ("agreement", "scheme")
    ]
    one, two = (
        "social-services, function of Mereshire County Council",
        "nhs-s3, function of NHS Mereshire Integrated Care Board",
    )
    both = f"{two} (with endoscopy, surgery); {one}"
    other = {
        "name": ("Home first", "Name of the scheme", "Example scheme", "Home first"),
        "functions": ([["nhs-s3", None]], "Functions", both, f"{two} (with endoscopy, surgery)"),
        "exclusions": ([["social-services", "surgery"]], "Functions", both, f"{two}; {one} (with surgery)"),
        "flexibilities": (
            ["nhs_exercises_council_functions"], "Flexibilities", "Pooled fund",
            "NHS body exercises council functions",
        ),
        "ways_of_working": (
            ["integrated_provision"], "Ways of working", "Lead commissioning", "Integrated provision",
        ),
        "lead": (body(county), "Lead", BOARD, COUNTY),
        "pool": ("aids", "Fund", "reablement", "aids"),
        "aims": ("x", "Aims and outcomes", "Fewer stays in hospital.", "x"),
        "services": ("x", "Services", "Reablement at home.", "x"),
        "client_group": ("x", "Client group", "Adults", "x"),
        "geography": ("x", "Area", "The county", "x"),
        "providers": ("x", "Providers", "A trust", "x"),
        "governance": ("x", "Governance", "A board", "x"),
        "exit_terms": ("x", "Exit, and who is liable for its cost", "Shared", "x"),
        "start": ("2024-06-01", "First day of the scheme", "1 May 2024", "1 June 2024"),
        "end": ("2027-03-30", "Last day of the scheme", "31 March 2027", "30 March 2027"),
        "notice_months": (6, "Notice on the scheme, in months", "3", "6"),
        "voluntary": (True, "Voluntary, in addition to a mandatory pooled fund", "No", "Yes"),
        "information_shared": ("x", "Information on money that is shared", "Budget", "x"),
        "information_every": ("year", "How often information on money is shared", "Every month", "Every year"),
        "information_days": (9, "Working days within which information on money is shared", "10", "9"),
        "monitoring_percent": ("3.00", "Variance to report, per cent", "2.00", "3.00"),
        "monitoring_pounds": ("1234.50", "Variance to report, in pounds", "£50,000.00", "£1,234.50"),
        "monitoring_rule": (
            "larger", "Which variance applies if there are two", "The smaller of the two", "The larger of the two",
        ),
        "tolerance_percent": ("0.25", "Tolerance, per cent", "0.50", "0.25"),
        "early_warning_percent": ("0.75", "Early warning, per cent", "1.00", "0.75"),
        "instalments": ("monthly", "Instalments of the contributions", "Equal instalments", "Monthly twelfths"),
        "instalment_count": (2, "Number of equal instalments in a year", "4", "2"),
        "instalment_shares": (
            ["04-15 40.00", "10-15 60.00"], "Days and shares of the instalments", "", "15 April: 40%; 15 October: 60%",
        ),
        "no_budget": (
            "provisional", "If no budget is agreed by the first day of the year",
            "Last year’s basis applies until a budget is agreed",
            "A provisional budget applies until a budget is agreed",
        ),
        "no_budget_months": (3, "Months without a budget, after which it is out of the pool", "6", "3"),
        "income_basis": (
            "gross", "Client income", "Net, after client income is deducted", "Gross, before client income is deducted",
        ),
    }  # fmt: skip
    assert other.keys() == same.keys()
    known = {"agreement": draft, "slug": "reablement"}
    assert no_changes(compared(icb, "schemes", known, [{name: value} for name, value in same.items()])) == []
    plans = compared(icb, "schemes", known, [{name: value} for name, (value, *_) in other.items()])
    assert [plan.fields for plan in plans] == [(FieldChange(*told),) for _, *told in other.values()]
    values = {plan.row.line: plan.values for plan in plans}
    assert values[2] == {"functions": functions[1:]}
    assert values[3] == {
        "functions": [{**functions[1], "exclusions": []}, {**functions[0], "exclusions": ["surgery"]}]
    }  # fmt: skip
    assert [values[line] for line in range(4, 33)] == [{name: other[name][0]} for name in [*other][3:]]
    assert {(plan.what, plan.changes) for plan in plans} == {("changed", True)}
    assert {plan.name for plan in plans} == {"Example scheme", "Home first"}


def test_functions_that_a_file_names_keep_what_it_does_not_say(draft, icb, county):
    said = [
        {"functions": [["nhs-s3", body(county)]]},
        {"functions": [["nhs-s3", None], ["mental-health", None]], "exclusions": [["mental-health", "surgery"]]},
    ]
    holder, both = compared(icb, "schemes", {"agreement": draft, "slug": "reablement"}, said)
    assert holder.values["functions"] == [
        {"code": "nhs-s3", "holder": body(county), "exclusions": ["endoscopy", "surgery"], "evidence": "Schedule 2"}
    ]
    assert both.values["functions"] == [
        {"code": "nhs-s3", "holder": body(icb), "exclusions": [], "evidence": "Schedule 2"},
        {"code": "mental-health", "holder": None, "exclusions": ["surgery"], "evidence": ""},
    ]


def test_what_a_row_begins_is_new_with_all_that_it_says(draft, icb):
    said = {"title": "New", "notice_months": 3}
    begun, nameless = compared(icb, "agreements", {"agreement": None}, [said, {"power": "s75"}])
    assert (begun.what, begun.name, begun.known, begun.values) == ("new", "New", None, said)
    assert begun.fields == (FieldChange("Title", "", "New"), FieldChange("Notice, in months", "", "3"))
    assert nameless.name == ""
    said = {"name": "Home", "voluntary": False, "functions": [["nhs-s3", None]]}
    (scheme,) = compared(icb, "schemes", {"agreement": draft}, [said])
    function = {"code": "nhs-s3", "holder": None, "exclusions": [], "evidence": ""}
    assert (scheme.what, scheme.name, scheme.known.agreement) == ("new", "Home", draft)
    assert scheme.values == {**said, "functions": [function]}
    assert FieldChange("Voluntary, in addition to a mandatory pooled fund", "", "No") in scheme.fields
    assert counts_of([begun, nameless, scheme]) == {"new": 3, "changed": 0, "unchanged": 0}


def test_rows_are_compared_in_the_order_of_the_file_and_with_agreements_within_reach_only(draft, icb):
    stranger = factories.agreement()
    upload = upload_of(
        icb, "agreements", {"agreement": stranger, "cell_values": {"title": "Mine"}},
        {"agreement": draft, "cell_values": {"title": "Ours"}},
    )  # fmt: skip
    UploadedRow.objects.filter(upload=upload, line=1).update(line=3)
    mine, theirs = planned(upload)
    assert (mine.known.agreement, theirs.known) == (draft, None)


def test_where_no_deed_is_open_a_row_is_compared_with_nothing(draft, icb):
    Deed.objects.filter(agreement=draft).update(state="withdrawn")
    (plan,) = compared(icb, "agreements", {"agreement": draft}, [{"title": "Joint arrangements"}])
    assert (plan.what, plan.fields) == ("changed", (FieldChange("Title", "", "Joint arrangements"),))
    assert (plan.known.deed, plan.known.content, plan.known.version) == (None, None, None)
