"""Files of agreements and schemes: read whole, shown field by field, written to drafts only, and taken back."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.test import Client

from partnerships.models import Agreement, Approval, Clause, Deed, UploadedRow
from partnerships.queries.agreements.drafts import draft_of
from partnerships.queries.agreements.records import record_of
from partnerships.rules.agreements import content_hash
from pooledcare.directory.access import Actor
from pooledcare.directory.models import AuditEvent
from pooledcare.kernel.problems import Refused
from pooledcare.kernel.tabular import SheetOut, safe_xlsx
from pooledcare.uploads import actions, kinds, pipeline
from pooledcare.uploads.models import Upload, UploadProblem
from tests import factories
from tests.uploads.sending import Desk, worked
from tests.world import World

pytestmark = pytest.mark.django_db


class DraftDesk(Desk):
    """A pool manager prepares, a governance lead accepts."""

    kind = "agreements"

    def rows(self, *given: dict[str, str], kind: str = "agreements") -> str:
        names = [column.heading for column in kinds.kind(kind).template_columns]
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, names, restval="")
        writer.writeheader()
        writer.writerows(given)
        return text.getvalue()

    def file(self, *given: dict[str, str], kind: str = "agreements") -> Upload:
        return self.send(self.rows(*given, kind=kind), kind=kind, published_on=None)

    def accept(self, upload: Upload) -> Upload:
        return worked(actions.accept_upload(upload=upload, by=self.lead))

    @property
    def lead(self) -> Actor:
        if not hasattr(self, "_lead"):
            self._lead = factories.actor(factories.member(organisation=self.organisation, roles=["governance_lead"]))
        return self._lead


@pytest.fixture
def desk(world: World) -> DraftDesk:
    for code in ("nhs-s3", "social-services"):
        factories.function(code)
    assert world.place
    return DraftDesk(world.icb.organisation, ("pool_manager",))


@pytest.fixture
def draft(desk, county) -> Agreement:
    return factories.whole_agreement(partners=[desk.organisation, county], title="Joint arrangements")


NEW = {
    "title": "New arrangements", "power": "s75", "start": "1 April 2026", "end": "31/03/2028", "notice_months": "6",
    "review_on": "2027-04-01; 2026-10-01", "places": "Mereshire", "partners": "QMS; E10000999",
    "summary": "As decided in March.", "aims": "Fewer stays in hospital.", "improvement": "One team instead of two.",
}  # fmt: skip


def told(upload: Upload) -> list[tuple[str, int | None, str]]:
    found = UploadProblem.objects.filter(upload=upload).order_by("row", "pk")
    return [(problem.code, problem.row, problem.column_name) for problem in found]


def lines(upload: Upload) -> list[tuple[str, str, str, str]]:
    return [
        (one["what"], each["label"], each["before"], each["after"])
        for one in upload.preview["drafts"]
        for each in one["fields"]
    ]


# --- agreements ------------------------------------------------------------------------------------------------------


def test_a_row_without_reference_begins_a_draft(desk, county):
    upload = desk.file(NEW)
    assert (upload.state, upload.counts) == ("awaiting_second_person", {"new": 1, "changed": 0, "unchanged": 0})
    assert Agreement.objects.count() == 0
    assert ("new", "First day", "", "1 April 2026") in lines(upload)
    assert (
        "new",
        "Partners",
        "",
        "NHS Mereshire Integrated Care Board (QMS); Mereshire County Council (E10000999)",
    ) in (lines(upload))
    desk.accept(upload)
    assert upload.refresh_from_db() or upload.state == "accepted"
    made = Agreement.objects.get()
    content = draft_of(made).content
    assert (made.state, made.prepared_by, content.title, content.power) == (
        "draft", desk.organisation, "New arrangements", "s75",
    )  # fmt: skip
    assert [str(day) for day in (content.start, content.end, *content.review_on)] == [
        "2026-04-01", "2028-03-31", "2026-10-01", "2027-04-01",
    ]  # fmt: skip
    assert [each.body.code for each in content.partners] == ["QMS", "E10000999"]
    assert (content.clause("aims"), content.notice_months) == ("Fewer stays in hospital.", 6)
    deed = Deed.objects.get()
    assert (deed.edited_by, deed.summary) == (desk.officer.reference, "As decided in March.")


def test_only_what_differs_is_changed_and_an_empty_cell_changes_nothing(desk, draft):
    same = {"reference": draft.reference, "title": "Joint arrangements", "notice_months": "6"}
    assert desk.file(same).counts == {"new": 0, "changed": 0, "unchanged": 1}
    upload = desk.file({**same, "notice_months": "12", "disputes": "By mediation."})
    assert upload.counts == {"new": 0, "changed": 1, "unchanged": 0}
    assert lines(upload) == [
        ("changed", "Notice, in months", "6", "12"),
        ("changed", "Clause: Disputes", "What is agreed on: disputes.", "By mediation."),
    ]
    before = draft_of(draft).content
    desk.accept(upload)
    after = draft_of(draft).content
    assert (after.notice_months, after.clause("disputes")) == (12, "By mediation.")
    assert (after.title, after.partners, after.schemes, after.clause("aims")) == (
        before.title, before.partners, before.schemes, before.clause("aims"),
    )  # fmt: skip


def test_what_is_signed_asks_for_a_deed_of_variation_first(desk, county):
    signed = factories.signed_agreement(partners=[desk.organisation, county])
    row = {"reference": signed.reference, "title": "Another title"}
    upload = desk.file(row)
    assert (upload.state, told(upload)) == ("refused", [("NO_OPEN_DEED", 2, "reference")])
    assert "Prepare a deed of variation first" in UploadProblem.objects.get().fix
    Deed.objects.create(agreement=signed, number=1, kind="variation", effective_on=factories.FIRST_DAY)
    assert told(desk.file({**row, "power": "s31", "places": "Mereshire"})) == [
        ("NOT_BY_A_DEED", 2, "power"), ("NOT_BY_A_DEED", 2, "places"),
    ]  # fmt: skip
    accepted = desk.accept(desk.file(row))
    assert accepted.state == "accepted"
    assert draft_of(signed).content.title == "Another title"
    assert Deed.objects.get(number=0).title != "Another title"


def test_nobody_uploads_about_the_agreements_of_others(desk):
    theirs = factories.whole_agreement(title="Theirs")
    published = factories.signed_agreement(is_published=True, title="Published")
    upload = desk.file(
        {"reference": theirs.reference, "title": "Ours"}, {"reference": published.reference, "title": "Ours too"},
        {"reference": "S75-9999", "title": "Nobody’s"},
    )  # fmt: skip
    assert told(upload) == [("UNKNOWN_AGREEMENT", row, "reference") for row in (2, 3, 4)]
    assert not {"Theirs", "Published"} & set(UploadProblem.objects.values_list("message", flat=True))


def test_every_problem_is_told_at_its_cell(desk, county):
    wrong = {
        **NEW, "start": "soon", "end": "1066-01-01", "notice_months": "many", "power": "s99", "places": "Nowhere",
        "partners": "QMS; QMS", "review_on": "2026-13-01",
    }  # fmt: skip
    upload = desk.file(
        wrong, {"title": "", "power": ""}, {**NEW, "title": "Other", "partners": "ZZZ"}, {"reference": "12"}
    )
    assert set(told(upload)) == {
        ("NOT_IN_LIST", 2, "power"), ("NOT_A_DATE", 2, "start"), ("DATE_OUT_OF_RANGE", 2, "end"),
        ("OUT_OF_RANGE", 2, "notice_months"), ("NOT_A_DATE", 2, "review_on"), ("UNKNOWN_PLACE", 2, "places"),
        ("CODE_TWICE", 2, "partners"), ("UNKNOWN_ORG", 4, "partners"), ("NOT_A_REFERENCE", 5, "reference"),
    }  # fmt: skip
    assert Agreement.objects.count() == 0


def test_what_the_actions_would_refuse_is_told_before_anybody_accepts(desk, draft):
    upload = desk.file({"reference": draft.reference, "title": "A", "partners": "QMS"}, {**NEW, "end": "2020-01-01"})
    assert upload.state == "refused"
    found = UploadProblem.objects.filter(upload=upload).order_by("row")
    assert found[0].row == 2
    assert "is not a partner" in found[0].message
    assert any(problem.row == 3 and problem.column_name == "end" for problem in found)
    assert draft_of(draft).content.title == "Joint arrangements"
    assert Agreement.objects.count() == 1
    assert not AuditEvent.objects.filter(action__startswith="agreement.").exists()


def test_the_same_agreement_twice_in_a_file_is_refused(desk, draft):
    row = {"reference": draft.reference, "title": "A"}
    assert told(desk.file(row, row, NEW, {**NEW, "power": "s31"})) == [
        ("DUPLICATE_IN_FILE", 3, "reference"), ("DUPLICATE_IN_FILE", 5, "reference"),
    ]  # fmt: skip
    assert told(desk.file({**NEW, "title": "Joint arrangements"})) == [("STARTED_ALREADY", 2, "title")]


def test_drafts_are_neither_published_nor_complete_by_a_file(desk, county):
    for more in ({"complete": True, "published_on": None}, {}):
        with pytest.raises(Refused) as refused:
            desk.receive(desk.rows(NEW), kind="agreements", **more)
        assert refused.value.code == "NOT_PUBLISHED_BY_UPLOAD"


def test_two_people_are_needed_even_where_the_second_is_waived_for_figures(desk, county):
    desk.organisation.waives_second_person = True
    desk.organisation.save()
    upload = desk.file(NEW)
    with pytest.raises(Refused) as refused:
        actions.accept_upload(upload=upload, by=desk.officer)
    assert refused.value.code == "NOT_ALLOWED"


def test_an_edit_after_the_preview_asks_for_another_look(desk, draft):
    from partnerships.actions.drafting import edit_deed

    upload = desk.file({"reference": draft.reference, "title": "From the file"})
    edit_deed(deed=factories.open_deed(draft), changes={"notice_months": 9}, by=desk.lead)
    again = desk.accept(upload)
    assert again.state == "awaiting_second_person"
    assert "has been edited since the preview was made" in again.notices[0]
    assert draft_of(draft).content.title == "Joint arrangements"
    assert desk.accept(again).state == "accepted"
    assert (draft_of(draft).content.title, draft_of(draft).content.notice_months) == ("From the file", 9)


def test_a_preparer_who_has_lost_the_role_writes_nothing(desk, draft):
    upload = desk.file({"reference": draft.reference, "title": "From the file"})
    desk.officer.person.memberships.update(roles=["viewer"])
    assert desk.accept(upload).state == "refused"
    assert draft_of(draft).content.title == "Joint arrangements"


def test_a_workbook_is_read_like_a_csv(desk, draft):
    names = ["title", "reference", "start"]
    content = safe_xlsx([SheetOut("Agreements", names, [["From Excel", draft.reference, "2024-05-01"]])])
    upload = desk.send(content, name="drafts.xlsx", kind="agreements", published_on=None)
    assert (upload.state, upload.counts["changed"]) == ("awaiting_second_person", 1)
    desk.accept(upload)
    assert str(draft_of(draft).content.start) == "2024-05-01"


# --- schemes ---------------------------------------------------------------------------------------------------------


def scheme_row(draft: Agreement, **more: str) -> dict[str, str]:
    return {"agreement": draft.reference, **more}


def test_schemes_are_added_and_changed_in_the_draft(desk, draft):
    upload = desk.file(
        scheme_row(
            draft, name="Equipment at home", functions="nhs-s3:QMS; social-services", exclusions="nhs-s3:endoscopy",
            flexibilities="pooled_fund", lead="E10000999", pool="reablement", services="Beds and rails",
            start="2024-06-01", voluntary="yes",
        ),
        scheme_row(draft, scheme="reablement", client_group="Adults"),
        kind="schemes",
    )  # fmt: skip
    assert (upload.state, upload.counts) == ("awaiting_second_person", {"new": 1, "changed": 1, "unchanged": 0})
    assert ("changed", "Client group", "", "Adults") in lines(upload)
    desk.accept(upload)
    content = draft_of(draft).content
    assert [scheme.slug for scheme in content.schemes] == ["reablement", "equipment-at-home"]
    old, new = content.schemes
    assert (old.client_group, old.services, len(old.functions)) == ("Adults", "Reablement at home.", 2)
    assert (new.lead.code, new.pool, str(new.start_on), new.is_voluntary) == (
        "E10000999", "reablement", "2024-06-01", True,
    )  # fmt: skip
    assert [(each.code, each.holder and each.holder.code, each.exclusions) for each in new.functions] == [
        ("nhs-s3", "QMS", ("endoscopy",)), ("social-services", None, ()),
    ]  # fmt: skip
    same = scheme_row(draft, scheme="reablement", client_group="Adults", functions="nhs-s3; social-services")
    again = desk.file(same, kind="schemes")
    assert again.counts == {"new": 0, "changed": 0, "unchanged": 1}


def test_problems_of_schemes_are_told_at_their_cells(desk, draft):
    rows = [
        scheme_row(draft), scheme_row(draft, scheme="nothing"), scheme_row(draft, name="A", pool="nothing"),
        scheme_row(draft, name="B", functions="nothing"), scheme_row(draft, name="C", functions="nhs-s3:ZZZ"),
        scheme_row(draft, name="D", functions="nhs-s3", exclusions="nhs-s3:tea"),
        scheme_row(draft, name="E", exclusions="nhs-s3:endoscopy"), scheme_row(draft, name="F", lead="ZZZ"),
        scheme_row(draft, name="G", voluntary="perhaps"), scheme_row(draft, name="H", flexibilities="all"),
        {"name": "I"},
    ]  # fmt: skip
    assert told(desk.file(*rows, kind="schemes")) == [
        ("REQUIRED", 2, "name"), ("UNKNOWN_SCHEME", 3, "scheme"), ("UNKNOWN_POOL", 4, "pool"),
        ("UNKNOWN_FUNCTION", 5, "functions"), ("UNKNOWN_ORG", 6, "functions"), ("UNKNOWN_EXCLUSION", 7, "exclusions"),
        ("FUNCTION_NOT_NAMED", 8, "exclusions"), ("UNKNOWN_ORG", 9, "lead"), ("NOT_IN_LIST", 10, "voluntary"),
        ("NOT_IN_LIST", 11, "flexibilities"), ("REQUIRED", 12, "agreement"),
    ]  # fmt: skip
    twice = [scheme_row(draft, name="A"), scheme_row(draft, name="a")]
    assert told(desk.file(*twice, kind="schemes")) == [("DUPLICATE_IN_FILE", 3, "name")]
    outside = desk.file(scheme_row(draft, scheme="reablement", start="2020-06-01"), kind="schemes")
    assert told(outside) == [("SCHEME_BEFORE_START", 2, "start")]


def test_a_file_of_drafts_has_at_most_five_hundred_rows(desk):
    upload = desk.file(*({"title": f"Agreement {number}", "power": "s75"} for number in range(501)))
    assert [code for code, *_ in told(upload)] == ["TOO_MANY_ROWS"]
    assert "at most 500 rows" in UploadProblem.objects.get(upload=upload).message


# --- taking back -----------------------------------------------------------------------------------------------------


def hash_of(agreement: Agreement) -> str:
    record = record_of(agreement)
    return content_hash(record, record.open_deed)


def test_an_upload_that_another_stands_on_is_not_taken_back(desk, draft):
    upload = desk.accept(desk.file({"reference": draft.reference, "title": "From the file"}))
    schemes = desk.accept(desk.file(scheme_row(draft, scheme="reablement", name="Other"), kind="schemes"))
    with pytest.raises(Refused) as refused:
        actions.reverse_upload(upload=upload, by=desk.lead, reason="Wrong file")
    assert refused.value.code == "CHANGED_LATER"
    assert actions.reverse_upload(upload=schemes, by=desk.lead, reason="Wrong file").state == "reversed"


def test_a_reversal_restores_the_text_and_its_editor(desk, draft):
    before, editor = hash_of(draft), factories.open_deed(draft).edited_by
    trust = factories.organisation(name="Mereshire NHS Trust", code="RXX", kind="nhs_trust")
    row = {"reference": draft.reference, **NEW, "partners": f"QMS; E10000999; {trust.code}", "start": "2024-05-01"}
    upload = desk.accept(desk.file(row))
    assert hash_of(draft) != before
    actions.reverse_upload(upload=upload, by=desk.lead, reason="Wrong file")
    assert hash_of(draft) == before
    assert factories.open_deed(draft).edited_by == editor
    assert AuditEvent.objects.filter(action="agreement.upload_reversed").count() == 1


def test_a_scheme_file_that_is_taken_back_leaves_the_schemes_as_they_were(desk, draft):
    before = hash_of(draft)
    rows = [
        scheme_row(draft, scheme="reablement", functions="social-services:E10000999", name="Other"),
        scheme_row(draft, name="More", lead="QMS"),
    ]
    upload = desk.accept(desk.file(*rows, kind="schemes"))
    assert len(draft_of(draft).content.schemes) == 2
    actions.reverse_upload(upload=upload, by=desk.lead, reason="Wrong file")
    assert hash_of(draft) == before
    assert draft.schemes.count() == 1


def test_an_agreement_that_a_file_began_is_withdrawn(desk, county):
    upload = desk.accept(desk.file(NEW))
    actions.reverse_upload(upload=upload, by=desk.lead, reason="Wrong file")
    made = Agreement.objects.get()
    assert (made.state, made.deeds.get().state) == ("withdrawn", "withdrawn")


def test_from_an_integrated_arrangement_that_works_unsigned_no_file_is_taken_back_that_gave_it_something(desk, draft):
    added = desk.accept(desk.file(scheme_row(draft, name="More", lead="QMS"), kind="schemes"))
    begun = desk.accept(desk.file(NEW))
    working = Agreement.objects.filter(pk__in=[draft.pk, Agreement.objects.latest("pk").pk])
    assert working.update(is_integrated=True, operating_since=factories.FIRST_DAY) == 2
    for upload, told in ((added, "The scheme “More” would be dropped"), (begun, "no partner alone can withdraw it")):
        with pytest.raises(Refused, match=told):
            actions.reverse_upload(upload=upload, by=desk.lead, reason="Wrong file")
    assert {*working.values_list("state", flat=True)} == {"draft"}
    assert len(draft_of(draft).content.schemes) == 2


def test_what_was_edited_approved_or_signed_since_is_not_taken_back(desk, draft):
    row = {"reference": draft.reference, "title": "From the file"}
    upload = desk.accept(desk.file(row))
    deed = factories.open_deed(draft)
    Approval.objects.create(
        deed=deed, organisation=desk.organisation, decision="approved", content_hash=hash_of(draft), actor="user:1"
    )
    with pytest.raises(Refused, match="has been approved or sent back since"):
        actions.reverse_upload(upload=upload, by=desk.lead, reason="Wrong file")
    Deed.objects.filter(pk=deed.pk).update(version=deed.version + 1)
    with pytest.raises(Refused, match="has been edited since"):
        actions.reverse_upload(upload=upload, by=desk.lead, reason="Wrong file")
    Deed.objects.filter(pk=deed.pk).update(state="signed", signed_on=factories.FIRST_DAY)
    with pytest.raises(Refused, match="has been signed since"):
        actions.reverse_upload(upload=upload, by=desk.lead, reason="Wrong file")


def test_staged_rows_go_when_they_are_needed_no_more(desk, draft):
    row = {"reference": draft.reference, "title": "From the file"}
    accepted = desk.accept(desk.file(row))
    waiting = desk.file({**row, "title": "Another"})
    actions.abandon_upload(upload=waiting, by=desk.officer)
    assert UploadedRow.objects.count() == 2
    assert pipeline.tidy() == 1
    assert UploadedRow.objects.get().upload == accepted


# --- on pages --------------------------------------------------------------------------------------------------------


def test_the_pages_of_an_upload_show_the_fields_that_would_change(desk, draft, client_of):
    upload = desk.file({"reference": draft.reference, "title": "From the file"})
    client: Client = client_of(desk.officer.person)
    page = client.get(f"/uploads/{upload.reference}/").content.decode()
    for words in ("Joint arrangements", "From the file", "Only drafts change", draft.reference):
        assert words in page
    assert "£" not in page.partition("<main")[2]
    table = client.get(f"/uploads/{upload.reference}/drafts.csv")
    assert "From the file" in b"".join(table).decode()
    form = client.get("/uploads/new/").content.decode()
    assert "Date of publication" not in form
    assert "Blank template" in form


def back(upload: Upload) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    """What the steps say that reversing would do: the sentences, and name, field, now and then of each line."""
    said = kinds.kind(upload.kind).steps.reversal_preview(upload)
    return tuple(said.sentences), [(name["value"], *rest) for name, *rest in said.table.rows]


def test_what_reversing_would_do_to_the_drafts_is_shown_before_it_is_done(desk, draft, client_of):
    row = {"reference": draft.reference, "title": "From the file", "disputes": "By mediation."}
    upload = desk.accept(desk.file(row, {"reference": "", **NEW}))
    assert back(upload) == (
        ("1 agreement that the file created would be withdrawn.", "1 row that changed a draft would be undone."),
        [
            ("From the file", "Title", "From the file", "Joint arrangements"),
            ("From the file", "Clause: Disputes", "By mediation.", "What is agreed on: disputes."),
            ("New arrangements", "The whole draft", "Draft", "Withdrawn"),
        ],
    )
    page = client_of(desk.lead.person).get(f"/uploads/{upload.reference}/reverse/").content.decode()
    caption = "What the drafts would say after reversal"
    for words in (caption, "Joint arrangements", draft.reference, "Why is it reversed?"):
        assert words in page
    assert "£" not in page.partition("<main")[2]
    actions.reverse_upload(upload=upload, by=desk.lead, reason="Wrong file")
    content = draft_of(draft).content
    assert (content.title, content.clause("disputes")) == ("Joint arrangements", "What is agreed on: disputes.")


def test_a_new_scheme_would_say_nothing_again(desk, draft):
    upload = desk.accept(desk.file(scheme_row(draft, name="More", lead="QMS"), kind="schemes"))
    sentences, lines = back(upload)
    assert sentences == ("1 row that changed a draft would be undone.",)
    assert ("More", "Name of the scheme", "More", None) in lines


def test_a_file_that_changed_no_draft_takes_nothing_back(desk, draft):
    upload = desk.accept(desk.file({"reference": draft.reference, "title": "Joint arrangements"}))
    assert back(upload) == (("No draft would change: everything in the file was already there.",), [])


def test_drafts_edited_since_are_told_instead_of_the_form(desk, draft, client_of):
    upload = desk.accept(desk.file({"reference": draft.reference, "title": "From the file"}))
    deed = factories.open_deed(draft)
    Deed.objects.filter(pk=deed.pk).update(version=deed.version + 1)
    page = client_of(desk.lead.person).get(f"/uploads/{upload.reference}/reverse/").content.decode()
    assert "has been edited since" in page
    assert "<textarea" not in page


@pytest.mark.parametrize("kind", ["agreements", "schemes"])
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_blank_templates_are_what_the_parser_reads(kind: str, form: str, desk, client):
    answer = client.get(f"/uploads/templates/{kind}.{form}")
    assert answer.status_code == 200
    upload = desk.send(b"".join(answer), name=f"{kind}.{form}", kind=kind, published_on=None)
    assert [problem.code for problem in UploadProblem.objects.filter(upload=upload)] == ["NO_ROWS"]


def test_a_file_of_many_rows_takes_no_more_queries_to_preview(desk, county, django_assert_max_num_queries):
    from partnerships.upload_kinds.changes import planned

    drafts = [factories.whole_agreement(partners=[desk.organisation, county]) for _ in range(4)]
    upload = desk.file(*({"reference": each.reference, "title": f"Title {each.pk}"} for each in drafts))
    with django_assert_max_num_queries(20):
        assert len(planned(upload)) == 4


def rows_of(upload: Upload) -> list[dict[str, Any]]:
    return [row.cell_values for row in UploadedRow.objects.filter(upload=upload)]


def test_a_formula_in_a_cell_is_text(desk, draft):
    upload = desk.file({"reference": draft.reference, "title": "'=1+1"})
    assert rows_of(upload) == [{"title": "=1+1"}]
    assert Clause.objects.filter(text__startswith="=").count() == 0
