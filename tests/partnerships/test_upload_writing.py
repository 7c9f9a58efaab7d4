"""Rows of files written to drafts and taken back: every column arrives, and every column is as it was before."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import models

from partnerships.actions.uploaded_drafts import reverse_rows, write_rows
from partnerships.models import (
    Agreement,
    AgreementPlace,
    Clause,
    Deed,
    Partner,
    PartnerLeaving,
    Pool,
    SchemeFunction,
    SchemeTerms,
    UploadedRow,
)
from partnerships.records import DEED
from partnerships.terms import ClauseKind
from partnerships.upload_kinds.changes import planned
from partnerships.upload_kinds.writing import deed_before, scheme_before, write_row
from pooledcare.directory.access import Actor
from pooledcare.directory.models import AuditEvent, Change
from pooledcare.kernel.problems import Refused
from pooledcare.kernel.records import stored_values
from pooledcare.uploads.models import Upload
from tests import factories
from tests.deed_steps import fresh, open_deed
from tests.partnerships.agreement_values import MONEY, MONEY_IN_A_FILE
from tests.partnerships.test_agreement_trail import trail
from tests.partnerships.test_upload_changes import body, upload_of
from tests.world import World

pytestmark = pytest.mark.django_db
LATER = dt.date(2025, 4, 1)


def columns(model: type[models.Model], *, but: set[str]) -> set[str]:
    names = {field.attname for field in model._meta.concrete_fields}
    assert but <= names
    return names - but


def test_what_is_remembered_of_a_deed_is_all_that_a_file_can_change_of_it():
    """A column that is added to a deed belongs into its record, or among those that no file touches."""
    of_no_file = {
        "id", "agreement_id", "number", "kind", "state", "follows_id", "signed_on", "sealed_hash", "published_on",
        "edited_by", "created_at", "version",
    }  # fmt: skip
    deed = open_deed(factories.whole_agreement())
    before, of_scheme = deed_before(deed), scheme_before(deed, "reablement")
    assert {*before["main_terms"]} == columns(Deed, but=of_no_file)
    joined = columns(Partner, but={"id", "agreement_id", "deed_id"})
    assert [set(each) - {"pk"} for each in before["partners"]] == [joined, joined]
    assert {*of_scheme["terms"]} == columns(SchemeTerms, but={"id", "deed_id", "scheme_id"})
    functions = columns(SchemeFunction, but={"id", "terms_id"})
    assert [{*each} for each in of_scheme["functions"]] == [functions, functions]
    assert columns(Clause, but={"id", "deed_id"}) == {"kind", "text"}
    assert columns(PartnerLeaving, but={"id", "deed_id"}) == {"partner_id"}
    assert columns(AgreementPlace, but={"id", "agreement_id"}) == {"place_id"}
    state = {"state", "operating_since", "ended_on", "is_integrated", "is_illustrative", "source_id", "created_at"}
    assert columns(Agreement, but={"id", "prepared_by_id", "version", *state}) == {"power"}


# --- written ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def world() -> World:
    made = World()
    assert made.icb.prepares
    assert made.council.organisation
    return made


def filed(world: World, kind: str, *rows: dict[str, Any]) -> Upload:
    by = world.icb.prepares
    upload = upload_of(world.icb.organisation, kind, *rows)
    Upload.objects.filter(pk=upload.pk).update(prepared_actor=by.reference)
    for plan in planned(upload):
        if plan.known:
            UploadedRow.objects.filter(pk=plan.row.pk).update(deed_version=plan.known.version)
    return fresh(upload)


def written(world: World, kind: str, *rows: dict[str, Any]) -> Upload:
    upload = filed(world, kind, *rows)
    write_rows(upload=upload, by=world.icb.prepares)
    return upload


def whole_row(world: World) -> dict[str, Any]:
    place = factories.place(slug="mere")
    return {
        "title": "Ours", "power": "s31", "start": "2024-05-01", "end": "2029-03-31", "notice_months": 9,
        "review_on": ["2026-10-01", "2027-10-01"], "places": [place.slug],
        "partners": [body(world.icb.organisation), body(world.trust.organisation)], "summary": "As decided.",
        **{kind.value: f"Of {kind.value}." for kind in ClauseKind},
    }  # fmt: skip


def says_as_the_row(made: Agreement) -> None:
    deed = open_deed(made)
    assert {name: getattr(deed, name) for name in DEED} == {
        "title": "Ours", "summary": "As decided.", "effective_on": dt.date(2024, 5, 1), "sets_end": True,
        "end_on": dt.date(2029, 3, 31), "notice_months": 9,
        "review_on": [dt.date(2026, 10, 1), dt.date(2027, 10, 1)],
    }  # fmt: skip
    assert (fresh(made).power, [each.place.slug for each in made.places.all()]) == ("s31", ["mere"])
    assert dict(deed.clauses.values_list("kind", "text")) == {kind.value: f"Of {kind.value}." for kind in ClauseKind}
    partners = deed.partners.values_list("organisation__name", "role", "contributes")
    assert list(partners) == [
        ("NHS Mereshire Integrated Care Board", "commissioner", True),
        ("Mereshire Hospitals NHS Trust", "provider", True),
    ]  # fmt: skip


@pytest.mark.slow
def test_every_column_of_a_row_arrives_in_the_agreement_that_it_begins(world):
    world.icb.made.clear()
    begun = filed(world, "agreements", {"cell_values": whole_row(world)})
    (plan,) = planned(begun)
    done = write_row(plan, organisation=world.icb.organisation, by=world.icb.prepares)
    assert (done.before, done.slug, done.agreement.prepared_by) == (None, "", world.icb.organisation)
    assert done.deed == open_deed(done.agreement)
    says_as_the_row(done.agreement)


@pytest.mark.slow
def test_every_column_of_a_row_arrives_in_the_draft_that_it_is_about(world):
    agreement = factories.agreement(
        partners=[world.icb.organisation, world.council.organisation], places=[factories.place(slug="moor")]
    )
    (plan,) = planned(filed(world, "agreements", {"agreement": agreement, "cell_values": whole_row(world)}))
    before = deed_before(open_deed(agreement))
    done = write_row(plan, organisation=world.icb.organisation, by=world.icb.prepares)
    assert (done.before, done.slug, done.agreement, done.deed) == (before, "", agreement, open_deed(agreement))
    says_as_the_row(agreement)


def whole_scheme(world: World, **more: Any) -> dict[str, Any]:
    texts = ("services", "client_group", "geography", "providers", "aims", "governance", "exit_terms")
    return {
        "name": "Home first", "functions": [["social-services", body(world.council.organisation)], ["nhs-s3", None]],
        "exclusions": [["nhs-s3", "surgery"]], "flexibilities": ["nhs_exercises_council_functions", "pooled_fund"],
        "ways_of_working": ["lead_commissioning"], "lead": body(world.council.organisation), "pool": "reablement",
        **{name: f"Of {name}." for name in texts}, "start": "2024-06-01", "end": "2026-05-31", "notice_months": 2,
        "voluntary": True, **MONEY_IN_A_FILE, **more,
    }  # fmt: skip


@pytest.mark.parametrize("slug", ["", "reablement"])
def test_every_column_of_a_row_arrives_in_its_scheme(world, slug):
    agreement = world.draft()
    row = {"agreement": agreement, "slug": slug, "cell_values": whole_scheme(world)}
    (plan,) = planned(filed(world, "schemes", row))
    before = scheme_before(open_deed(agreement), slug)
    done = write_row(plan, organisation=world.icb.organisation, by=world.icb.prepares)
    assert (done.slug, done.before) == (slug or "home-first", before)
    assert (before["terms"] is None) is (slug == "")
    terms = SchemeTerms.objects.get(deed=done.deed, scheme__slug=done.slug)
    texts = ("services", "client_group", "geography", "providers", "aims", "governance", "exit_terms")
    assert stored_values(terms, without=("deed", "scheme")) == {
        "name": "Home first", **{name: f"Of {name}." for name in texts},
        "flexibilities": ["nhs_exercises_council_functions", "pooled_fund"],
        "ways_of_working": ["lead_commissioning"], "lead_id": world.council.organisation.pk,
        "pool_id": Pool.objects.get().pk, "start_on": dt.date(2024, 6, 1), "end_on": dt.date(2026, 5, 31),
        "notice_months": 2, "is_voluntary": True, "is_ended": False, **MONEY,
    }  # fmt: skip
    holder = world.icb.organisation.pk if slug else None
    functions = terms.functions.values_list("function__code", "holder", "exclusions", "delegation_evidence")
    assert sorted(functions) == [
        ("nhs-s3", holder, ["surgery"], ""), ("social-services", world.council.organisation.pk, [], ""),
    ]  # fmt: skip


def test_what_a_row_leaves_out_of_a_scheme_stays(world):
    agreement = world.draft()
    terms = SchemeTerms.objects.get(deed__agreement=agreement)
    before = stored_values(terms)
    written(world, "schemes", {"agreement": agreement, "slug": "reablement", "cell_values": {"governance": "A board."}})
    terms.refresh_from_db()
    assert stored_values(terms) == {**before, "governance": "A board."}
    assert terms.functions.count() == 2


def test_an_upload_is_written_in_one_line_and_its_rows_remember_where(world):
    agreement, by = world.draft(), world.icb.prepares
    first = {"agreement": agreement, "slug": "reablement", "cell_values": {"governance": "A board."}}
    upload = filed(
        world, "schemes", first, {"agreement": agreement, "cell_values": {"name": "Aids"}},
        {"agreement": agreement, "slug": "reablement", "cell_values": {"services": "Reablement at home."}},
    )  # fmt: skip
    before = scheme_before(open_deed(agreement), "reablement")
    counts, lines, _ = trail(lambda: write_rows(upload=upload, by=by))
    assert counts == {"new": 1, "changed": 1, "unchanged": 1}
    words = f"{upload.reference} (schemes): 2 rows written to drafts."
    subject, code = f"upload:{upload.reference}", world.icb.organisation.code
    assert lines[-1] == ("upload.drafts_written", subject, words, by.reference, code)
    one, two, same = UploadedRow.objects.filter(upload=upload)
    deed = open_deed(agreement)
    assert (one.before, two.before["state_before"]["terms"]) == ({"deed": deed.pk, "state_before": before}, None)
    assert [(row.agreement, row.slug, row.deed_version) for row in (one, two)] == [
        (agreement, "reablement", deed.version), (agreement, "aids", deed.version),
    ]  # fmt: skip
    assert (deed.version, same.before, same.deed_version) == (3, None, 1)


def test_a_draft_that_was_edited_since_the_preview_is_not_written(world):
    other, agreement = world.draft(), world.draft(slug="second")
    upload = filed(
        world, "agreements", {"agreement": other, "cell_values": {"title": "Ours"}},
        {"agreement": agreement, "cell_values": {"title": "Ours"}},
    )  # fmt: skip
    Deed.objects.filter(agreement=agreement).update(version=2)
    with pytest.raises(Refused) as refused:
        write_rows(upload=upload, by=world.icb.prepares)
    (problem,) = refused.value.problems
    assert (problem.code, problem.message) == (
        "CHANGED_MEANWHILE", f"{agreement.reference} has been edited since the preview was made",
    )  # fmt: skip
    assert not Deed.objects.filter(title="Ours").exists()
    assert not AuditEvent.objects.exists()


# --- taken back ------------------------------------------------------------------------------------------------------


def everything(deed: Deed) -> dict[str, Any]:
    """All columns of all rows that a file can change, but for keys of rows that nothing refers to."""
    functions = SchemeFunction.objects.filter(terms__deed=deed).order_by("function").values()
    return {
        "agreement": Agreement.objects.filter(pk=deed.agreement_id).values_list("power", flat=True).get(),
        "deed": {name: getattr(fresh(deed), name) for name in (*DEED, "edited_by")},
        "places": sorted(deed.agreement.places.values_list("place", flat=True)),
        "clauses": sorted(deed.clauses.values_list("kind", "text")),
        "partners": list(deed.partners.order_by("pk").values()),
        "leavings": sorted(deed.leavings.values_list("partner", flat=True)),
        "schemes": [{**each, "id": 0} for each in deed.scheme_terms.order_by("scheme").values()],
        "functions": [{**each, "id": 0, "terms_id": 0} for each in functions],
        "slugs": sorted(deed.agreement.schemes.values_list("slug", flat=True)),
    }


def taken_back(world: World, upload: Upload, by: Actor) -> tuple[Any, list[Any], list[Any]]:
    return trail(lambda: reverse_rows(upload=upload, by=by))


@pytest.mark.slow
def test_a_draft_that_a_file_changed_says_again_what_it_said_before(world):
    partners = [world.icb.organisation, world.council.organisation]
    agreement = factories.agreement(
        partners=partners, places=[factories.place(slug="moor")], summary="Before.", end_on=dt.date(2028, 3, 31),
        sets_end=True, notice_months=3, review_on=[LATER], edited_by="user:0",
    )  # fmt: skip
    deed, by = open_deed(agreement), world.council.approves
    Clause.objects.create(deed=deed, kind="aims", text="Before.")
    Partner.objects.filter(organisation=partners[1]).update(contributes=False, role="provider")
    before = everything(deed)
    upload = written(world, "agreements", {"agreement": agreement, "cell_values": whole_row(world)})
    after, version = everything(deed), fresh(deed).version
    assert {name for name in before if before[name] == after[name]} == {"leavings", "schemes", "functions", "slugs"}
    counts, lines, changes = taken_back(world, upload, by)
    assert (counts, everything(deed)) == ({"restored": 1, "withdrawn": 0}, before)
    assert fresh(deed).version == version + 1
    reference, code = agreement.reference, world.icb.organisation.code
    words = f"{reference}/0: what {upload.reference} wrote was reversed."
    assert lines == [("agreement.upload_reversed", f"agreement:{reference}", words, by.reference, code)]
    assert [change[:5] for change in changes] == [("agreements", reference, "changed", False, code)]


@pytest.mark.slow
def test_who_left_and_who_joined_by_a_deed_leaves_and_joins_again(world):
    agreement = world.running(world.icb, world.council, world.district)
    deed = Deed.objects.create(agreement=agreement, number=1, kind="variation", effective_on=LATER)
    PartnerLeaving.objects.create(
        deed=deed, partner=agreement.partners.get(organisation=world.district.organisation)
    )  # fmt: skip
    joins = {"agreement": agreement, "deed": deed, "role": "provider"}
    Partner.objects.create(organisation=world.trust.organisation, **joins)
    before = everything(deed)
    staying = [body(each.organisation) for each in (world.icb, world.council, world.district)]
    upload = written(world, "agreements", {"agreement": agreement, "cell_values": {"partners": staying}})
    assert (everything(deed)["leavings"], everything(deed)["partners"]) == ([], [])
    taken_back(world, upload, world.icb.leads)
    assert everything(deed) == before
    leaving = written(world, "agreements", {"agreement": agreement, "cell_values": {"partners": staying[:2]}})
    taken_back(world, leaving, world.icb.leads)
    assert everything(deed) == before


@pytest.mark.slow
def test_schemes_say_again_what_they_said_and_a_new_one_is_gone(world):
    agreement = world.draft()
    deed = open_deed(agreement)
    Deed.objects.filter(pk=deed.pk).update(edited_by="user:0")
    SchemeTerms.objects.filter(deed=deed).update(
        client_group="Before", geography="Before", providers="Before", governance="Before", exit_terms="Before",
        ways_of_working=["integrated_provision"], start_on=LATER, end_on=LATER, notice_months=1,
    )  # fmt: skip
    SchemeFunction.objects.filter(terms__deed=deed, function__code="nhs-s3").update(
        exclusions=["endoscopy"], delegation_evidence="Before"
    )
    before = everything(deed)
    said = whole_scheme(world, functions=[["social-services", body(world.icb.organisation)]])
    del said["exclusions"]
    upload = written(
        world, "schemes", {"agreement": agreement, "slug": "reablement", "cell_values": said},
        {"agreement": agreement, "cell_values": {"name": "Aids", "lead": body(world.icb.organisation)}},
    )  # fmt: skip
    assert everything(deed)["slugs"] == ["aids", "reablement"]
    counts, _, changes = taken_back(world, upload, world.icb.leads)
    assert (counts, everything(deed)) == ({"restored": 2, "withdrawn": 0}, before)
    reference = agreement.reference
    assert sorted(change[:2] for change in changes) == [
        ("agreements", reference), ("schemes", f"{reference}/aids"), ("schemes", f"{reference}/reablement"),
    ]  # fmt: skip


def test_a_scheme_of_an_earlier_deed_stays_when_the_words_of_a_later_one_are_taken_back(world):
    agreement = world.running()
    deed = Deed.objects.create(agreement=agreement, number=1, kind="variation", effective_on=LATER)
    row = {"agreement": agreement, "slug": "reablement", "cell_values": {"name": "Home first"}}
    upload = written(world, "schemes", row)
    assert deed.scheme_terms.get().name == "Home first"
    taken_back(world, upload, world.icb.leads)
    assert not deed.scheme_terms.exists()
    assert agreement.schemes.get().slug == "reablement"


@pytest.mark.slow
def test_what_a_file_began_is_withdrawn_and_each_draft_of_it_is_told_apart(world):
    agreement, by = world.draft(), world.icb.leads
    upload = written(
        world, "agreements", {"cell_values": {"title": "Begun", "power": "s75"}},
        {"agreement": agreement, "cell_values": {"title": "Ours"}},
        {"agreement": agreement, "cell_values": {"title": "Ours"}},
        {"agreement": agreement, "cell_values": {"notice_months": 6}},
    )  # fmt: skip
    begun = Agreement.objects.latest("pk")
    counts, lines, _ = taken_back(world, upload, by)
    assert counts == {"restored": 2, "withdrawn": 1}
    assert sorted(sentence for _, _, sentence, _, _ in lines) == sorted(
        f"{each.reference}/0: what {upload.reference} wrote was reversed." for each in (agreement, begun)
    )
    assert (begun.deeds.get().state, fresh(begun).state) == ("withdrawn", "withdrawn")
    status = begun.statuses.last()
    assert (status.state, status.note, status.organisation, status.actor) == (
        "withdrawn", f"{upload.reference}, which created it, was reversed", world.icb.organisation, by.reference,
    )  # fmt: skip
    assert (fresh(agreement).state, open_deed(agreement).state) == ("draft", "draft")
    assert Change.objects.filter(reference=begun.reference, event="changed").exists()


@pytest.mark.slow
def test_of_each_draft_its_own_schemes_are_told(world):
    one, two = world.draft(), world.draft(slug="second")
    rows = [{"agreement": each, "cell_values": {"name": name}} for each, name in ((one, "Aids"), (two, "Beds"))]
    _, _, changes = taken_back(world, written(world, "schemes", *rows), world.icb.leads)
    assert sorted(change[:2] for change in changes) == sorted(
        [
            ("agreements", one.reference), ("schemes", f"{one.reference}/aids"),
            ("agreements", two.reference), ("schemes", f"{two.reference}/beds"),
        ]
    )  # fmt: skip


@pytest.mark.parametrize(
    ("is_integrated", "operating_since", "is_refused"),
    [(True, LATER, True), (False, LATER, False), (True, None, False)],
)
def test_only_a_marked_arrangement_that_operates_is_not_withdrawn_with_its_file(
    world, is_integrated, operating_since, is_refused
):
    upload = written(world, "agreements", {"cell_values": {"title": "Begun", "power": "s75"}})
    made = Agreement.objects.get()
    Agreement.objects.update(is_integrated=is_integrated, operating_since=operating_since)
    if is_refused:
        with pytest.raises(Refused, match="no partner alone can withdraw it while it operates"):
            reverse_rows(upload=upload, by=world.icb.leads)
    else:
        assert reverse_rows(upload=upload, by=world.icb.leads) == {"restored": 0, "withdrawn": 1}
    assert fresh(made).state == ("draft" if is_refused else "withdrawn")


@pytest.mark.parametrize("is_integrated", [True, False])
def test_a_partner_that_a_file_brought_stays_in_a_marked_draft(world, is_integrated):
    agreement = factories.agreement(
        partners=[world.icb.organisation, world.council.organisation], of_agreement={"is_integrated": is_integrated}
    )
    everybody = [body(each.organisation) for each in (world.icb, world.council, world.trust)]
    upload = written(world, "agreements", {"agreement": agreement, "cell_values": {"partners": everybody}})
    if is_integrated:
        with pytest.raises(Refused, match="Mereshire Hospitals NHS Trust would leave"):
            reverse_rows(upload=upload, by=world.icb.leads)
    else:
        reverse_rows(upload=upload, by=world.icb.leads)
    assert agreement.partners.count() == (3 if is_integrated else 2)
