"""What happens to an upload of drafts: rows staged and forgotten, what is tried first, and what stands on them."""

from __future__ import annotations

from typing import Any

import pytest

from partnerships.models import Agreement, Approval, Deed, Scheme, UploadedRow
from partnerships.queries.agreements.records import record_of
from partnerships.records import DEED, SCHEME
from partnerships.rules.agreements import content_hash
from partnerships.upload_kinds import steps
from partnerships.upload_kinds.steps import DraftSteps, _column
from pooledcare.directory.models import AuditEvent, Change, Organisation
from pooledcare.kernel.problems import Problem, Where
from pooledcare.kernel.problems import shown as shown_at_most
from pooledcare.uploads import kinds
from pooledcare.uploads.models import Upload
from tests import factories
from tests.deed_steps import fresh, open_deed
from tests.partnerships.test_upload_changes import upload_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(icb: Organisation, county: Organisation) -> Agreement:
    return factories.whole_agreement(partners=[icb, county], title="Joint arrangements")


def steps_of(kind: str = "agreements") -> DraftSteps:
    found = kinds.kind(kind).steps
    assert isinstance(found, DraftSteps)
    return found


def sent(organisation: Organisation, kind: str, *rows: dict[str, Any], roles: str = "pool_manager") -> Upload:
    by = factories.actor(factories.member(organisation=organisation, roles=[roles]))
    upload = upload_of(organisation, kind, *rows)
    Upload.objects.filter(pk=upload.pk).update(prepared_actor=by.reference)
    UploadedRow.objects.filter(upload=upload).update(sheet="Sheet 1")
    return fresh(upload)


def told(problems: list[Problem]) -> list[tuple[str, str, int | None, str | None]]:
    return [(each.code, each.message, each.where.row, each.where.column_name) for each in problems if each.where]


# --- staged ----------------------------------------------------------------------------------------------------------


def test_rows_are_counted_and_forgotten_upload_by_upload(icb):
    one, two = (upload_of(icb, "agreements", {"cell_values": {}}, {"cell_values": {}}) for _ in range(2))
    assert (steps_of().staged(one), steps_of().staged(two)) == (2, 2)
    steps_of().clear([one.pk])
    assert (steps_of().staged(one), steps_of().staged(two)) == (0, 2)


def test_what_is_needed_and_what_was_accepted_is_not_left_over(icb):
    states = ("checking", "awaiting_second_person", "accepted", "reversed", "refused")
    made = {state: upload_of(icb, "agreements", {"cell_values": {}}) for state in states}
    for state, upload in made.items():
        Upload.objects.filter(pk=upload.pk).update(
            state=state, reversed_at=upload.accepted_at if state == "reversed" else None
        )
    other = upload_of(icb, "schemes", {"cell_values": {}})
    Upload.objects.filter(pk__in=[other.pk, factories.upload(organisation=icb, kind="agreements").pk]).update(
        state="refused"
    )
    needed = ["checking", "awaiting_second_person"]
    assert sorted(steps_of().left_over(needed)) == sorted([made["reversed"].pk, made["refused"].pk])
    assert steps_of("schemes").left_over(needed) == [other.pk]


def test_a_row_about_the_same_agreement_is_told_the_first_of_them(icb, draft):
    other = factories.agreement(partners=[icb, factories.council()])
    upload = sent(
        icb, "agreements", {"agreement": draft, "cell_values": {"title": "A"}}, {"cell_values": {"title": "New"}},
        {"agreement": other, "cell_values": {"title": "A"}}, {"cell_values": {"title": "NEW"}},
        {"agreement": draft, "cell_values": {"title": "B"}}, {"agreement": draft, "cell_values": {}},
        {"cell_values": {"title": "Newer"}},
    )  # fmt: skip
    found = steps_of().duplicate_rows(upload)
    assert told(found) == [
        ("DUPLICATE_IN_FILE", "Row 3 is about the same agreement", 5, "reference"),
        ("DUPLICATE_IN_FILE", "Row 2 is about the same agreement", 6, "reference"),
        ("DUPLICATE_IN_FILE", "Row 2 is about the same agreement", 7, "reference"),
    ]
    assert {(each.where.sheet, each.fix, each.severity) for each in found} == {
        ("Sheet 1", "Put both into one row.", "error")
    }


def test_a_row_about_the_same_scheme_is_told_the_first_of_them(icb, draft):
    other = factories.agreement(partners=[icb, factories.council()])
    upload = sent(
        icb, "schemes", {"agreement": draft, "slug": "reablement", "cell_values": {"name": "Home"}},
        {"agreement": draft, "cell_values": {"name": "Home"}}, {"agreement": draft, "cell_values": {"name": "home"}},
        {"agreement": draft, "slug": "reablement", "cell_values": {}},
        {"agreement": other, "cell_values": {"name": "Home"}},
    )  # fmt: skip
    assert told(steps_of("schemes").duplicate_rows(upload)) == [
        ("DUPLICATE_IN_FILE", "Row 3 is about the same scheme", 4, "name"),
        ("DUPLICATE_IN_FILE", "Row 2 is about the same scheme", 5, "scheme"),
    ]


# --- tried -----------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_what_the_actions_would_refuse_is_told_row_by_row_and_nothing_is_left_of_trying(icb, county, draft):
    before, other = draft.version, factories.whole_agreement(partners=[icb, county], slug="other")
    lead = {"pk": factories.organisation().pk, "code": "ZZZ", "name": "A stranger"}
    upload = sent(
        icb, "schemes", {"agreement": other, "cell_values": {"name": "Late", "end": "2020-01-01"}},
        {"agreement": draft, "cell_values": {"name": "Home"}},
        {"agreement": draft, "cell_values": {"name": "Led", "lead": lead}},
        {"agreement": other, "slug": "other", "cell_values": {"start": "2020-01-01"}},
        {"agreement": draft, "slug": "reablement",
         "cell_values": {"services": "Reablement at home.", "end": "1066-01-01"}},
    )  # fmt: skip
    told_before = AuditEvent.objects.count(), Change.objects.count()
    found = steps_of("schemes").current_state_problems(upload)
    assert [(each.code, each.where.row, each.where.column_name, each.where.sheet) for each in found] == [
        ("SCHEME_BEFORE_START", 2, "start", "Sheet 1"), ("LEAD_NOT_A_PARTNER", 4, "lead", "Sheet 1"),
        ("SCHEME_BEFORE_START", 5, "start", "Sheet 1"), ("DATE_OUT_OF_RANGE", 6, "end", "Sheet 1"),
    ]  # fmt: skip
    assert (AuditEvent.objects.count(), Change.objects.count()) == told_before
    assert (fresh(draft).version, Scheme.objects.filter(agreement__in=[draft, other]).count()) == (before, 2)


@pytest.mark.slow
def test_rows_about_one_agreement_are_tried_one_after_the_other(icb, draft):
    """What the second row says is wrong only after the first."""
    first = {"agreement": draft, "cell_values": {"start": "2026-04-01", "end": "2027-03-31"}}
    wrong = {"agreement": draft, "cell_values": {"end": "2026-03-31"}}
    found = steps_of().current_state_problems(sent(icb, "agreements", first, wrong))
    assert [(each.code, each.where.row, each.where.column_name) for each in found] == [
        ("AGREEMENT_ENDS_BEFORE_START", 3, "end")
    ]
    assert steps_of().current_state_problems(sent(icb, "agreements", wrong)) == []


def test_a_row_that_changes_nothing_is_not_tried(icb, draft):
    Agreement.objects.filter(pk=draft.pk).update(is_integrated=True, operating_since=factories.FIRST_DAY)
    upload = sent(icb, "agreements", {"agreement": draft, "cell_values": {"notice_months": 6}}, roles="viewer")
    assert steps_of().current_state_problems(upload) == []


def test_a_problem_of_an_action_is_told_at_the_column_of_the_file(icb, draft):
    wrong = [
        ({"title": "x" * 301}, "TOO_LONG", "title"), ({"start": "1999-01-01"}, "DATE_OUT_OF_RANGE", "start"),
        ({"end": "2020-01-01"}, "AGREEMENT_ENDS_BEFORE_START", "end"), ({"aims": "x" * 100_001}, "TOO_LONG", None),
    ]  # fmt: skip
    stranger = {"pk": factories.organisation(kind="provider").pk, "code": "ZZZ", "name": "A provider"}
    wrong.append(({"partners": [stranger]}, "NOT_A_PARTNER_KIND", "partners"))
    found = steps_of().current_state_problems(
        sent(icb, "agreements", *({"agreement": draft, "cell_values": said} for said, _, _ in wrong))
    )
    assert [(each.where.row, each.code, each.where.column_name) for each in found] == [
        (number, code, column) for number, (_, code, column) in enumerate(wrong, 2)
    ]


# --- shown -----------------------------------------------------------------------------------------------------------


def test_the_preview_shows_what_changes_and_remembers_which_version_it_was_made_of(icb, draft, monkeypatch):
    Deed.objects.filter(agreement=draft).update(version=7)
    upload = sent(
        icb, "agreements", {"agreement": draft, "cell_values": {"notice_months": 6}},
        {"cell_values": {"title": "x" * 401}},
        {"agreement": draft, "cell_values": {"title": "Ours", "notice_months": 9}}, {"cell_values": {"title": "Late"}},
    )  # fmt: skip
    counts, shown = steps_of().preview(upload)
    assert counts == {"new": 2, "changed": 1, "unchanged": 1}
    assert shown["more"] == 0
    new, changed, late = shown["drafts"]
    assert changed == {
        "row": 4, "agreement": draft.reference, "name": "Ours", "what": "changed",
        "fields": [
            {"label": "Title", "before": "Joint arrangements", "after": "Ours"},
            {"label": "Notice, in months", "before": "6", "after": "9"},
        ],
    }  # fmt: skip
    assert (new["agreement"], new["what"], new["fields"][0]["after"]) == (None, "new", shown_at_most("x" * 401, 400))
    assert late["row"] == 5
    assert list(UploadedRow.objects.filter(upload=upload).values_list("deed_version", flat=True)) == [7, None, 7, None]
    monkeypatch.setattr(steps, "MOST_SHOWN", 2)
    _, shown = steps_of().preview(upload)
    assert ([each["row"] for each in shown["drafts"]], shown["more"]) == ([3, 4], 1)


@pytest.mark.slow
def test_what_reversing_would_do_is_shown_row_by_row(icb, county, draft):
    upload = sent(
        icb, "agreements", {"agreement": draft, "cell_values": {"title": "Ours", "summary": "As decided."}},
        *({"cell_values": {"title": f"New {number}", "power": "s75"}} for number in (1, 2)),
        {"agreement": draft, "cell_values": {"title": "Ours"}},
    )  # fmt: skip
    upload.preview = steps_of().preview(upload)[1]
    Upload.objects.filter(pk=upload.pk).update(preview={**upload.preview, "drafts": upload.preview["drafts"][:3]})
    assert steps_of().accept(fresh(upload)) == {"new": 2, "changed": 2, "unchanged": 0}
    first = Agreement.objects.exclude(pk=draft.pk).order_by("pk").first()
    said = steps_of().reversal_preview(fresh(upload))
    assert list(said.sentences) == [
        "2 agreements that the file created would be withdrawn.", "2 rows that changed a draft would be undone.",
    ]  # fmt: skip
    assert (said.table.caption, said.more) == ("What the drafts would say after reversal", 1)
    assert [column.label for column in said.table.columns] == ["Name", "Field", "Says now", "After reversing"]
    assert list(said.table.rows)[:3] == [
        [{"value": "Ours", "note": draft.reference}, "Title", "Ours", "Joint arrangements"],
        [{"value": "Ours", "note": draft.reference}, "What the deed does", "As decided.", None],
        [{"value": "New 1", "note": first.reference}, "The whole draft", "Draft", "Withdrawn"],
    ]


# --- still so --------------------------------------------------------------------------------------------------------


def test_who_may_draft_no_more_is_told_so(icb, draft):
    upload = sent(icb, "agreements", {"agreement": draft, "cell_values": {"title": "x"}})
    viewer = factories.actor(factories.member(organisation=icb, roles=["viewer"]))
    (problem,) = steps_of().outdated_references(upload, viewer)
    assert (problem.code, "pool manager or governance lead" in problem.message) == ("NOT_ALLOWED", True)


def test_drafts_that_were_signed_or_left_since_are_told_at_their_rows(icb, county, draft):
    gone = factories.agreement(partners=[icb, county])
    upload = sent(
        icb, "agreements", {"cell_values": {"title": "New"}}, {"agreement": draft, "cell_values": {"title": "x"}},
        {"agreement": gone, "cell_values": {"title": "x"}},
    )  # fmt: skip
    lead = factories.actor(factories.member(organisation=icb, roles=["governance_lead"]))
    assert steps_of().outdated_references(upload, lead) == []
    Deed.objects.filter(agreement=draft).update(state="withdrawn")
    gone.summaries.update(reader_ids=[county.pk])
    assert told(steps_of().outdated_references(upload, lead)) == [
        ("NO_OPEN_DEED", f"{draft.reference} is signed, and signed text cannot be changed", 3, None),
        ("NO_OPEN_DEED", f"{gone.reference} can no longer be read by your organisation", 4, None),
    ]


@pytest.fixture
def accepted(icb: Organisation, draft: Agreement) -> Upload:
    other = factories.whole_agreement(partners=[icb, factories.council()], slug="other")
    rows = [{"agreement": each, "cell_values": {"title": "From the file"}} for each in (other, draft)]
    upload = sent(icb, "agreements", *rows, {"agreement": other, "cell_values": {"notice_months": 6}})
    upload.preview = steps_of().preview(upload)[1]
    steps_of().accept(upload)
    return upload


def word_on(deed: Deed, content: str) -> None:
    organisation = deed.agreement.prepared_by
    Approval.objects.create(
        deed=deed, organisation=organisation, decision="changes_requested", content_hash=content, actor="user:1"
    )


def seal(deed: Deed) -> str:
    record = record_of(deed.agreement)
    return content_hash(record, record.open_deed)


def test_nothing_stands_on_drafts_that_are_as_the_file_left_them(accepted, draft):
    deed = open_deed(draft)
    word_on(deed, "0" * 64)
    assert steps_of().later_changes(accepted) == []


@pytest.mark.slow
def test_what_was_done_to_a_draft_since_stands_on_the_upload(accepted, draft):
    deed = open_deed(draft)

    def since() -> str:
        (problem,) = steps_of().later_changes(accepted)
        assert (problem.code, problem.fix) == ("CHANGED_LATER", "Change the draft itself instead.")
        before, after = f"{deed.reference} has been ", f" since {accepted.reference} changed it"
        assert problem.message.startswith(before)
        return problem.message.removeprefix(before).removesuffix(after)

    word_on(deed, seal(deed))
    assert since() == "approved or sent back"
    Deed.objects.filter(pk=deed.pk).update(version=deed.version + 1)
    assert since() == "edited"
    Deed.objects.filter(pk=deed.pk).update(state="withdrawn")
    assert since() == "withdrawn"
    Deed.objects.filter(pk=deed.pk).update(state="signed", signed_on=factories.FIRST_DAY)
    assert since() == "signed"


@pytest.mark.slow
def test_every_draft_that_was_changed_since_is_told_in_the_order_of_the_drafts(accepted, draft):
    for deed in Deed.objects.filter(title="From the file"):
        Deed.objects.filter(pk=deed.pk).update(version=deed.version + 1)
    numbers = [problem.message.split(" ")[0] for problem in steps_of().later_changes(accepted)]
    assert numbers == [each.reference for each in Deed.objects.filter(title="From the file").order_by("pk")]
    assert len(numbers) == 2


@pytest.mark.parametrize(
    ("field", "column"),
    [("effective_on", "start"), ("end_on", "end"), ("is_voluntary", "voluntary"), ("organisation", "partners"),
     ("text", ""), ("aims", "aims"), (None, "")],
)  # fmt: skip
def test_what_an_action_finds_wrong_is_told_at_the_column_of_the_field(field, column):
    assert _column(Problem("WRONG", "It is wrong", Where(field=field))) == column
    assert _column(Problem("WRONG", "It is wrong")) == ""


def test_every_field_that_a_file_may_name_has_its_column():
    for kind, record in (("agreements", DEED), ("schemes", SCHEME)):
        columns = {each.heading for each in kinds.kind(kind).columns}
        assert {_column(Problem("X", "Wrong", Where(field=name))) for name in record if name != "sets_end"} <= columns
