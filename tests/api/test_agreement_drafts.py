"""Drafts over the API: begun, changed under the version that was seen, filled with schemes and funds; never signed."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from django.http import HttpResponse

from partnerships.models import Agreement, Clause, Deed, PoolTerms, SchemeTerms
from pooledcare.directory.models import AuditEvent
from tests import factories
from tests.api.test_agreements import SECOND_YEAR, Mereshire, sign, vary
from tests.asking import Api, assert_problem
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def mere(db: None) -> Mereshire:
    for code in ("nhs-s3", "social-services"):
        factories.function(code)
    return Mereshire(World())


def send(api: Api, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> HttpResponse:
    data = b"" if body is None else json.dumps(body)
    return api.request(method, path, headers, data=data, content_type="application/json")


def begin(api: Api, body: Any, key: str = "one") -> HttpResponse:
    return send(api, "POST", "/agreements/", body, {"Idempotency-Key": key})


def address(agreement: Agreement) -> str:
    return f"/agreements/{agreement.reference}/"


def change(api: Api, agreement: Agreement, body: Any, match: str = "*") -> HttpResponse:
    return send(api, "PATCH", address(agreement), body, {"If-Match": match})


# --- beginning -------------------------------------------------------------------------------------------------------

WHOLE = {
    "power": "s75",
    "title": "Joint arrangements",
    "effective_on": "2026-04-01",
    "end": None,
    "notice_months": 6,
    "review_on": ["2027-04-01"],
    "places": ["mereshire"],
    "partners": [{"organisation": "QMS"}, {"organisation": "E10000999", "contributes": False}],
    "clauses": [{"kind": "aims", "text": "Fewer stays in hospital."}],
}


def test_an_agreement_is_begun_with_all_that_is_known_of_it(mere):
    answer = begin(mere.api("icb"), WHOLE)
    assert answer.status_code == 201, answer.content
    body = answer.json()
    assert answer.headers["Location"].endswith(f"/api/v1/agreements/{body['reference']}/")
    assert answer.headers["ETag"] == f'"{body["version"]}"'
    assert (body["state"], body["start"], body["end"], body["notice_months"]) == ("draft", "2026-04-01", None, 6)
    assert body["open_deed"]["sets_end"] is True
    assert [(each["organisation"], each["contributes"]) for each in body["partners"]] == [
        ("QMS", True), ("E10000999", False),
    ]  # fmt: skip
    assert body["clauses"] == [{"kind": "aims", "text": "Fewer stays in hospital."}]
    assert [each["place"] for each in body["places"]] == ["mereshire"]
    made = Agreement.objects.get(pk=int(body["reference"].removeprefix("S75-")))
    assert made.prepared_by == mere.icb
    assert AuditEvent.objects.filter(action="agreement.begun", subject=f"agreement:{made.reference}").count() == 1


def test_a_draft_may_be_next_to_nothing(mere):
    body = begin(mere.api("icb"), {"power": "s75"}).json()
    assert (body["title"], body["start"], [each["organisation"] for each in body["partners"]]) == ("", None, ["QMS"])


def test_the_same_request_begins_one_agreement(mere):
    first, again = begin(mere.api("icb"), WHOLE), begin(mere.api("icb"), WHOLE)
    assert (first.content, again.headers["Idempotent-Replayed"]) == (again.content, "true")
    assert Agreement.objects.count() == 4
    assert_problem(begin(mere.api("icb"), {"power": "s31"}), 422, "idempotency-key-reused")
    assert_problem(send(mere.api("icb"), "POST", "/agreements/", WHOLE), 400, "idempotency-key-missing")


def test_whoever_may_not_prepare_begins_nothing(mere):
    assert_problem(begin(mere.api(), WHOLE), 401, "authentication-required")
    assert_problem(begin(mere.api("reader"), WHOLE), 403, "forbidden")
    assert Agreement.objects.count() == 3


def test_a_body_is_refused_field_by_field(mere):
    wrong = {
        "power": "s99", "colour": "red", "effective_on": "soon", "notice_months": 0, "review_on": ["2027-04-01"] * 2,
        "clauses": [{"kind": "aims"}], "partners": [{"organisation": "!"}], "title": 1,
    }  # fmt: skip
    problem = assert_problem(begin(mere.api("icb"), wrong), 400, "invalid-body")
    assert {(each["where"]["field"], each["code"]) for each in problem["errors"]} == {
        ("power", "NOT_ACCEPTED"), ("colour", "UNKNOWN_FIELD"), ("effective_on", "NOT_ACCEPTED"),
        ("notice_months", "NOT_ACCEPTED"), ("review_on", "NOT_ACCEPTED"), ("clauses.0.text", "REQUIRED"),
        ("partners.0.organisation", "NOT_ACCEPTED"), ("title", "NOT_ACCEPTED"),
    }  # fmt: skip
    assert_problem(begin(mere.api("icb"), {}), 400, "invalid-body")
    assert_problem(begin(mere.api("icb"), []), 400, "invalid-body")
    for field, value in (("places", ["nowhere"]), ("partners", [{"organisation": "ZZZ"}])):
        assert_problem(begin(mere.api("icb"), {**WHOLE, field: value}), 404, "not-found")
    assert_problem(begin(mere.api("icb"), {**WHOLE, "follows": "S75-999999"}), 404, "not-found")
    assert Agreement.objects.count() == 3


def test_a_refusal_of_the_action_begins_nothing(mere):
    twice = {**WHOLE, "clauses": [{"kind": "aims", "text": "One"}, {"kind": "aims", "text": "Two"}]}
    assert_problem(begin(mere.api("icb"), twice), 409, "refused")
    assert_problem(begin(mere.api("icb"), {**WHOLE, "end": "2025-04-01"}), 409, "refused")
    assert Agreement.objects.count() == 3


# --- changing --------------------------------------------------------------------------------------------------------


def test_a_change_needs_the_version_that_was_seen(mere):
    tag = mere.api("icb").get(address(mere.draft)).headers["ETag"]
    assert_problem(send(mere.api("icb"), "PATCH", address(mere.draft), {"title": "A"}), 428, "precondition-required")
    answer = change(mere.api("county"), mere.draft, {"title": "Changed by the county"}, tag)
    assert (answer.status_code, answer.json()["title"]) == (200, "Changed by the county")
    assert_problem(change(mere.api("icb"), mere.draft, {"title": "Late"}, tag), 412, "precondition-failed")
    newer = change(mere.api("icb"), mere.draft, {"title": "In time"}, answer.headers["ETag"])
    assert newer.json()["title"] == "In time"


def test_heads_partners_and_clauses_change_together_or_not_at_all(mere):
    trust = factories.organisation(name="Mereshire NHS Trust", code="RXX", kind="nhs_trust")
    said = {
        "summary": "As agreed in March.",
        "notice_months": None,
        "end": "2027-03-31",
        "partners": [{"organisation": "QMS"}, {"organisation": "E10000999"}, {"organisation": trust.code}],
        "clauses": [{"kind": "aims", "text": "More people at home."}, {"kind": "disputes", "text": ""}],
    }
    body = change(mere.api("icb"), mere.draft, said).json()
    assert (body["end"], body["notice_months"], len(body["partners"]), len(body["clauses"])) == (
        "2027-03-31", None, 3, 12,
    )  # fmt: skip
    assert {each["role"] for each in body["partners"] if each["organisation"] == "RXX"} == {"provider"}
    refused = change(mere.api("icb"), mere.draft, {"title": "New", "partners": [{"organisation": "QMS"}]})
    problem = assert_problem(refused, 409, "refused")
    assert "is not a partner" in problem["detail"]
    assert Deed.objects.get(agreement=mere.draft).title == "Next arrangements"


def test_what_is_signed_is_never_changed(mere):
    problem = assert_problem(change(mere.api("icb"), mere.secret, {"title": "New"}), 409, "refused")
    assert problem["errors"][0]["code"] == "NO_OPEN_DEED"
    assert "deed of variation" in problem["errors"][0]["fix"]
    deed = vary(mere.secret)
    body = change(mere.api("icb"), mere.secret, {"clauses": [{"kind": "aims", "text": "Wider aims."}]}).json()
    assert (body["open_deed"]["number"], body["as_at"]) == (1, SECOND_YEAR.isoformat())
    assert Clause.objects.get(deed=deed).text == "Wider aims."
    today = mere.api("icb").get(f"{address(mere.secret)}?as_at=2024-06-01").json()
    assert {"kind": "aims", "text": "Wider aims."} not in today["clauses"]


def test_nobody_else_changes_anything(mere):
    ways = [
        ("PATCH", address(mere.draft), {"title": "Theirs"}),
        ("PATCH", f"/schemes/{mere.draft.reference}/reablement/", {"name": "Theirs"}),
        ("PATCH", f"/pools/{mere.draft.reference}/reablement/", {"name": "Theirs"}),
        ("DELETE", f"/schemes/{mere.draft.reference}/reablement/", None),
        ("DELETE", f"/pools/{mere.draft.reference}/reablement/", None),
        ("POST", "/schemes/", {"agreement": mere.draft.reference, "name": "Theirs"}),
        ("POST", "/pools/", {"agreement": mere.draft.reference, "name": "Theirs"}),
    ]
    headers = {"If-Match": "*", "Idempotency-Key": "x"}
    for method, path, body in ways:
        assert send(mere.api(), method, path, body, headers).status_code == 401
        for who, status in (("stranger", 404), ("blind", 404), ("reader", 403)):
            assert send(mere.api(who), method, path, body, headers).status_code == status, (who, method, path)
        published = path.replace(mere.draft.reference, mere.signed.reference)
        body = body and {**body, **({"agreement": mere.signed.reference} if "agreement" in body else {})}
        assert send(mere.api("stranger"), method, published, body, headers).status_code == 403
    mere.draft.refresh_from_db()
    assert mere.draft.version == 1
    assert not AuditEvent.objects.exists()


def test_a_stranger_learns_no_version(mere):
    answer = change(mere.api("stranger"), mere.signed, {"title": "Theirs"}, '"999"')
    assert_problem(answer, 403, "forbidden")


# --- schemes and funds -----------------------------------------------------------------------------------------------


def test_a_scheme_is_added_changed_and_dropped(mere):
    said = {
        "agreement": mere.draft.reference, "name": "Equipment at home", "lead": "E10000999", "pool": "reablement",
        "flexibilities": ["pooled_fund"], "start": "2024-06-01", "voluntary": True,
        "functions": [{"function": "nhs-s3", "holder": "QMS", "exclusions": ["endoscopy"]}],
    }  # fmt: skip
    answer = send(mere.api("icb"), "POST", "/schemes/", said, {"Idempotency-Key": "scheme"})
    assert answer.status_code == 201, answer.content
    made = answer.json()
    path = f"/schemes/{mere.draft.reference}/{made['slug']}/"
    assert answer.headers["Location"].endswith(path)
    assert (made["lead"], made["pool"], made["start"], made["voluntary"]) == (
        "E10000999", "reablement", "2024-06-01", True,
    )  # fmt: skip
    assert [(each["function"], each["exclusions"]) for each in made["functions"]] == [("nhs-s3", ["endoscopy"])]
    again = send(mere.api("icb"), "POST", "/schemes/", said, {"Idempotency-Key": "scheme"})
    assert (again.content, SchemeTerms.objects.filter(deed__agreement=mere.draft).count()) == (answer.content, 2)
    changed = send(mere.api("icb"), "PATCH", path, {"lead": None, "services": "Beds"}, {"If-Match": "*"}).json()
    assert (changed["lead"], changed["services"], len(changed["functions"])) == (None, "Beds", 1)
    stale = send(mere.api("icb"), "DELETE", path, None, {"If-Match": '"1"'})
    assert_problem(stale, 412, "precondition-failed")
    gone = send(mere.api("icb"), "DELETE", path, None, {"If-Match": f'"{changed["version"]}"'})
    assert (gone.status_code, gone.content) == (204, b"")
    assert mere.api("icb").get(path).status_code == 404
    for body in ({"lead": "ZZZ"}, {"pool": "nothing"}, {"functions": [{"function": "nothing"}]}):
        refused = send(
            mere.api("icb"), "PATCH", f"/schemes/{mere.draft.reference}/reablement/", body, {"If-Match": "*"}
        )
        assert refused.status_code in (404, 409), body
    missing = send(mere.api("icb"), "PATCH", f"/schemes/{mere.draft.reference}/nothing/", {}, {"If-Match": "*"})
    assert_problem(missing, 404, "not-found")


def test_a_fund_is_added_changed_and_dropped(mere):
    said = {"agreement": mere.draft.reference, "name": "Equipment", "kind": "aligned", "irrecoverable_vat": "2.50"}
    made = send(mere.api("county"), "POST", "/pools/", said, {"Idempotency-Key": "fund"}).json()
    assert (made["slug"], made["kind"], made["irrecoverable_vat"], made["host"]) == (
        "equipment",
        "aligned",
        "2.50",
        None,
    )
    path = f"/pools/{mere.draft.reference}/equipment/"
    body = {"host": "E10000999", "irrecoverable_vat": None, "vat_structure": "agency", "manager": "Head of equipment"}
    changed = send(mere.api("county"), "PATCH", path, body, {"If-Match": "*"}).json()
    assert {name: changed[name] for name in body} == body
    outside = send(mere.api("county"), "PATCH", path, {"host": "QOX"}, {"If-Match": "*"})
    assert "is not a partner" in assert_problem(outside, 409, "refused")["detail"]
    assert send(mere.api("county"), "DELETE", path, None, {"If-Match": "*"}).status_code == 204
    assert PoolTerms.objects.filter(deed__agreement=mere.draft).count() == 1


def test_a_partner_is_named_once(mere):
    twice = {"partners": [{"organisation": "QMS"}, {"organisation": "qms"}, {"organisation": "E10000999"}]}
    refused = change(mere.api("icb"), mere.draft, twice)
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (409, "CODE_TWICE")


def test_a_later_deed_is_read_as_a_draft_by_partners_alone(mere):
    vary(mere.signed)
    path = f"/schemes/{mere.signed.reference}/reablement/"
    changed = send(mere.api("icb"), "PATCH", path, {"name": "Secret plan"}, {"If-Match": "*"})
    assert (changed.status_code, changed.json()["name"]) == (200, "Secret plan")
    assert mere.api("icb").get(path).json()["name"] == "Example scheme"
    assert mere.api("county").get(f"{path}?draft=true").json()["name"] == "Secret plan"
    for who in ("", "stranger"):
        assert mere.api(who).get(path).json()["name"] == "Example scheme"
        assert_problem(mere.api(who).get(f"{path}?draft=true"), 404, "not-found")
    deed = mere.signed.deeds.get(number=1)
    deed.effective_on = dt.date(2024, 6, 1)
    sign(deed)
    assert mere.api("icb").get(path).json()["name"] == "Secret plan"
    assert mere.api().get(path).json()["name"] == "Example scheme"
    assert_problem(mere.api("icb").get(f"{path}?draft=true"), 404, "not-found")


# --- deeds -----------------------------------------------------------------------------------------------------------


def prepare(api: Api, agreement: Agreement, body: Any, key: str = "deed") -> HttpResponse:
    return send(api, "POST", f"{address(agreement)}deeds/", body, {"Idempotency-Key": key})


def test_a_deed_is_prepared_then_written_through_the_agreement(mere):
    icb = mere.api("icb")
    answer = prepare(icb, mere.signed, {"effective_on": "2025-04-01", "summary": "A second year."})
    assert answer.status_code == 201, answer.content
    made = answer.json()
    assert (made["open_deed"]["number"], made["open_deed"]["kind"]) == (1, "variation")
    assert (made["open_deed"]["effective_on"], made["open_deed"]["summary"]) == ("2025-04-01", "A second year.")
    assert answer.headers["Location"].endswith(f"/api/v1{address(mere.signed)}")
    changed = change(icb, mere.signed, {"title": "Joint arrangements, wider"}, answer.headers["ETag"])
    assert (changed.status_code, changed.json()["title"]) == (200, "Joint arrangements, wider")
    assert icb.get(address(mere.signed)).json()["title"] == "Joint arrangements"
    assert mere.api().get(address(mere.signed)).json()["open_deed"] is None
    assert AuditEvent.objects.filter(action="deed.prepared").count() == 1


def test_a_deed_may_say_nothing_yet(mere):
    made = prepare(mere.api("icb"), mere.signed, {}).json()
    assert (made["open_deed"]["effective_on"], made["open_deed"]["sets_end"]) == (None, False)


def test_a_deed_that_ends_the_agreement_does_so_on_its_first_day(mere):
    made = prepare(mere.api("icb"), mere.signed, {"kind": "termination", "effective_on": "2027-03-31"}).json()
    assert (made["open_deed"]["kind"], made["end"]) == ("termination", "2027-03-31")


def test_one_deed_is_under_work_at_a_time_and_the_same_request_prepares_one(mere):
    icb = mere.api("icb")
    first, again = prepare(icb, mere.signed, {}), prepare(icb, mere.signed, {})
    assert (first.content, again.headers["Idempotent-Replayed"]) == (again.content, "true")
    assert_problem(prepare(icb, mere.signed, {}, key="another"), 409, "refused")
    assert_problem(prepare(icb, mere.signed, {"summary": "x"}), 422, "idempotency-key-reused")
    assert_problem(send(icb, "POST", f"{address(mere.signed)}deeds/", {}), 400, "idempotency-key-missing")
    assert Deed.objects.filter(agreement=mere.signed).count() == 2


def test_what_is_not_signed_is_changed_itself(mere):
    problem = assert_problem(prepare(mere.api("icb"), mere.draft, {}), 409, "refused")
    assert problem["errors"][0]["code"] == "NOT_SIGNED"


def test_a_deed_is_refused_field_by_field(mere):
    wrong = {"kind": "original", "effective_on": "soon", "colour": "red", "summary": 1}
    problem = assert_problem(prepare(mere.api("icb"), mere.signed, wrong), 400, "invalid-body")
    assert {each["where"]["field"] for each in problem["errors"]} == set(wrong)
    early = assert_problem(prepare(mere.api("icb"), mere.signed, {"effective_on": "1999-01-01"}), 409, "refused")
    assert early["errors"][0]["code"] == "DEED_BEFORE_START"
    assert not Deed.objects.filter(agreement=mere.signed, number=1).exists()


def test_whoever_may_not_prepare_a_deed_prepares_none(mere):
    assert_problem(prepare(mere.api(), mere.signed, {}), 401, "authentication-required")
    assert_problem(prepare(mere.api("reader"), mere.signed, {}), 403, "forbidden")
    assert_problem(prepare(mere.api("stranger"), mere.signed, {}), 403, "forbidden")
    assert_problem(prepare(mere.api("stranger"), mere.secret, {}), 404, "not-found")
    assert Deed.objects.exclude(number=0).count() == 0
