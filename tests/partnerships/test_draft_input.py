"""What a client or a file says of a draft is handed on only where it is otherwise now."""

from __future__ import annotations

import pytest

from partnerships.changing.draft_input import PartnerIn, open_draft, write_draft
from partnerships.models import Agreement, Partner
from pooledcare.directory.access import system_actor
from pooledcare.directory.models import AuditEvent, Organisation
from pooledcare.kernel.problems import Refused
from tests import factories
from tests.deed_steps import fresh

pytestmark = pytest.mark.django_db
SYSTEM = system_actor("example")


@pytest.fixture
def bodies() -> list[Organisation]:
    return [factories.organisation(code="QXX"), factories.council(code="E10000099")]


@pytest.fixture
def agreement(bodies) -> Agreement:
    return factories.agreement(partners=bodies)


def wrote(agreement: Agreement, **given) -> list[str]:
    """Which lines it left in the audit trail, oldest first."""
    seen = AuditEvent.objects.count()
    write_draft(open_draft(fresh(agreement)), **{"main_terms": {}, "clauses": {}, "by": SYSTEM} | given)
    prefix = f"{agreement.reference}/0: "
    return [e.sentence.removeprefix(prefix) for e in AuditEvent.objects.order_by("pk")[seen:]]


def joined(agreement: Agreement) -> list[tuple[str, str, bool]]:
    rows = Partner.objects.filter(agreement=agreement).order_by("pk")
    return list(rows.values_list("organisation__code", "role", "contributes"))


def test_where_no_deed_is_open_nothing_is_written():
    signed = factories.signed_agreement()
    with pytest.raises(Refused) as refused:
        open_draft(signed)
    (problem,) = refused.value.problems
    assert (problem.code, problem.message) == (
        "NO_OPEN_DEED", f"{signed.reference} has no open deed, and signed text cannot be changed",
    )  # fmt: skip


def test_only_what_is_given_is_written(agreement, bodies):
    assert wrote(agreement) == []
    same = [PartnerIn(each) for each in bodies]
    assert wrote(agreement, partners=same, clauses={"aims": " "}) == []
    assert wrote(agreement, main_terms={"title": "Ours"}, clauses={"aims": "More.", "exit": ""}) == [
        "edited.", "clause aims written.",
    ]  # fmt: skip
    assert wrote(agreement, clauses={"aims": " More. ", "exit": "As it came."}) == ["clause exit written."]
    assert wrote(agreement, clauses={"aims": ""}) == ["clause aims taken out."]


def test_a_partner_that_is_new_does_what_such_a_body_does_unless_it_is_said(agreement, bodies):
    trust, board = factories.organisation(code="RXX", kind="nhs_trust"), factories.organisation(code="QYY")
    said = [PartnerIn(trust), PartnerIn(board, role="provider", contributes=False)]
    assert wrote(agreement, partners=[*(PartnerIn(each) for each in bodies), *said]) == [
        "partner RXX added.", "partner QYY added.",
    ]  # fmt: skip
    assert joined(agreement)[2:] == [("RXX", "provider", True), ("QYY", "provider", False)]


def test_a_partner_that_is_there_changes_only_in_what_is_said(agreement, bodies):
    board, county = bodies
    assert wrote(agreement, partners=[PartnerIn(board, role="provider"), PartnerIn(county, contributes=False)]) == [
        "partner QXX changed.", "partner E10000099 changed.",
    ]  # fmt: skip
    assert joined(agreement) == [("QXX", "provider", True), ("E10000099", "commissioner", False)]
    assert wrote(agreement, partners=[PartnerIn(board), PartnerIn(county)]) == []
    assert wrote(agreement, partners=[PartnerIn(board, contributes=True), PartnerIn(county, role="commissioner")]) == []


@pytest.mark.slow
def test_who_is_not_named_leaves_in_the_order_of_joining_after_the_others_have_joined(agreement, bodies):
    trust = factories.organisation(code="RXX", kind="nhs_trust")
    more = [factories.organisation(code=f"Q{number:02}") for number in range(6)]
    wrote(agreement, partners=[PartnerIn(each) for each in (*bodies, *more)])
    assert wrote(agreement, partners=[PartnerIn(trust)]) == [
        "partner RXX added.", *(f"partner {each.code} removed." for each in (*bodies, *more)),
    ]  # fmt: skip
    assert joined(agreement) == [("RXX", "provider", True)]
    assert wrote(agreement, partners=[]) == ["partner RXX removed."]
