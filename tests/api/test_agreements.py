"""Agreements over the API: who reads what, as at which day, and lists that say the same as the agreements alone."""

from __future__ import annotations

import csv
import datetime as dt
import io
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from partnerships.actions import deeds
from partnerships.changing.agreement import refresh_summaries
from partnerships.models import Agreement, Clause, Deed, Occurrence, Partner, SchemeTerms
from partnerships.reference.law_loading import load_law
from pooledcare.directory.models import Change
from tests import factories
from tests.asking import PROBLEM, Api, assert_problem, key
from tests.deed_steps import hash_now
from tests.partnerships.law_tables import PROPOSAL
from tests.world import World

pytestmark = pytest.mark.django_db
SECOND_YEAR = dt.date(2025, 4, 1)


class Mereshire:
    """The world with what these tests read: an agreement that is published, one that is not, a draft, and five keys."""

    def __init__(self, world: World) -> None:
        self.icb, self.county, self.stranger = (
            each.organisation for each in (world.icb, world.council, world.elsewhere)
        )
        self.place = world.place
        both = {"partners": [self.icb, self.county], "places": [self.place]}
        self.signed = factories.signed_agreement(is_published=True, title="Joint arrangements", **both)
        self.draft = factories.whole_agreement(title="Next arrangements", **both)
        self.secret = factories.signed_agreement(title="Not published", **both)
        self.keys = {
            name: key(factories.member(organisation=body, roles=["governance_lead"]), body, *permissions)
            for name, body, permissions in (
                ("icb", self.icb, ("read_unpublished", "prepare_agreements", "approve_agreements")),
                ("county", self.county, ("read_unpublished", "prepare_agreements")),
                ("reader", self.county, ("read_unpublished",)),
                ("blind", self.county, ("prepare_agreements",)),
                ("stranger", self.stranger, ("read_unpublished", "prepare_agreements", "approve_agreements")),
            )
        }

    def api(self, who: str = "") -> Api:
        return Api(self.keys[who] if who else "")


@pytest.fixture
def mere(db: None) -> Mereshire:
    return Mereshire(World())


def references(api: Api, address: str = "/agreements/") -> list[str]:
    return [row["reference"] for row in api.results(address)]


def vary(agreement: Agreement, **fields: Any) -> Deed:
    """A deed of variation from the second year on, still to be signed."""
    values = {"number": agreement.deeds.count(), "kind": "variation", "effective_on": SECOND_YEAR} | fields
    return Deed.objects.create(agreement=agreement, **values)


def sign(deed: Deed, *, published: bool = False) -> None:
    deed.state, deed.signed_on = "signed", deed.effective_on - dt.timedelta(days=10)
    deed.published_on = deed.signed_on if published else None
    deed.save()
    refresh_summaries([deed.agreement])


# --- reading ---------------------------------------------------------------------------------------------------------


def test_partners_read_all_of_theirs_and_others_what_all_have_published(mere):
    everything = [each.reference for each in (mere.secret, mere.draft, mere.signed)]
    for who in ("icb", "county", "reader"):
        assert references(mere.api(who)) == everything
    for who in ("", "stranger", "blind"):
        assert references(mere.api(who)) == [mere.signed.reference]
    (public,) = mere.api().results("/agreements/")
    assert (public["seen_by"], public["partners"], public["hosts"]) == ("public", ["E10000999", "QMS"], ["QMS"])
    assert (public["state"], public["places"], public["functions"]) == (
        "in_operation", ["mereshire"], ["nhs-s3", "social-services"],
    )  # fmt: skip
    assert mere.api("icb").results("/agreements/")[0]["seen_by"] == "partners"


def test_out_of_reach_is_401_for_nobody_and_404_for_a_key_whether_or_not_it_exists(mere):
    for reference in (mere.draft.reference, mere.secret.reference, "S75-999999", "nonsense"):
        for address in (f"/agreements/{reference}/", f"/agreements/{reference}/findings/",
                        f"/schemes/{reference}/reablement/", f"/pools/{reference}/reablement/"):  # fmt: skip
            assert_problem(mere.api().get(address), 401, "authentication-required")
            for who in ("stranger", "blind"):
                assert_problem(mere.api(who).get(address), 404, "not-found")
    for who in ("", "stranger", "icb"):
        assert mere.api(who).get(f"/agreements/{mere.signed.reference}/").status_code == 200


def test_an_agreement_reads_whole(mere):
    body = mere.api().get(f"/agreements/{mere.signed.reference}/").json()
    assert (body["title"], body["start"], body["notice_months"]) == ("Joint arrangements", "2024-04-01", 6)
    assert [each["organisation"] for each in body["partners"]] == ["QMS", "E10000999"]
    assert [each["place"] for each in body["places"]] == ["mereshire"]
    (pool,) = body["pools"]
    (scheme,) = body["schemes"]
    assert (pool["host"], pool["kind"], scheme["pool"], scheme["lead"]) == ("QMS", "pooled", "reablement", "QMS")
    assert [(each["function"], each["holder"]) for each in scheme["functions"]] == [
        ("nhs-s3", "QMS"), ("social-services", "E10000999"),
    ]  # fmt: skip
    assert len(body["clauses"]) == 13
    assert (body["open_deed"], body["version"], len(body["deeds"])) == (None, None, 1)


def test_the_etag_begins_with_the_version_for_partners_only(mere):
    address = f"/agreements/{mere.draft.reference}/"
    answer = mere.api("icb").get(address)
    tag = answer.headers["ETag"]
    assert tag.startswith(f'"{mere.draft.version}.')
    assert answer.json()["version"] == mere.draft.version
    assert answer.json()["open_deed"]["number"] == 0
    assert mere.api("icb").get(address, {"If-None-Match": tag}).status_code == 304
    assert "." not in mere.api().get(f"/agreements/{mere.signed.reference}/").headers["ETag"]


def test_as_at_chooses_the_deeds_in_effect_and_known_at_those_that_were_signed(mere):
    deed = vary(mere.signed, title="Wider arrangements")
    Clause.objects.create(deed=deed, kind="aims", text="More people at home.")
    sign(deed, published=True)
    address = f"/agreements/{mere.signed.reference}/"

    def title(query: str) -> str:
        return mere.api().get(f"{address}?{query}").json()["title"]

    assert title("as_at=2025-03-31") == "Joint arrangements"
    assert title("as_at=2025-04-01") == "Wider arrangements"
    assert title("as_at=2025-04-01&known_at=2025-03-21") == "Joint arrangements"
    assert title("as_at=2025-04-01&known_at=2025-03-22") == "Wider arrangements"
    assert_problem(mere.api().get(f"{address}?as_at=2024-03-31"), 404, "not-found")
    assert_problem(mere.api().get(f"{address}?known_at=2020-01-01"), 404, "not-found")
    assert_problem(mere.api().get(f"{address}?as_at=soon"), 400, "invalid-parameter")


def test_a_deed_that_is_not_published_is_for_partners_alone(mere):
    deed = vary(mere.signed, title="Secret title", summary="Secret summary")
    sign(deed)
    address = f"/agreements/{mere.signed.reference}/"
    assert "Secret" not in mere.api().get(address).content.decode()
    assert "Secret" not in mere.api("stranger").get(address).content.decode()
    assert len(mere.api().get(address).json()["deeds"]) == 1
    assert mere.api("county").get(address).json()["title"] == "Secret title"
    assert {row["title"] for row in mere.api().results("/agreements/")} == {"Joint arrangements"}


# --- lists -----------------------------------------------------------------------------------------------------------


def test_filters_narrow_by_what_an_agreement_is_about(mere):
    other = factories.signed_agreement(is_published=True, title="Elsewhere", partners=[mere.stranger, mere.county],
                                       sets_end=True, end_on=dt.date(2026, 3, 31))  # fmt: skip
    found = {
        "place=mereshire": [mere.signed],
        "partner=QMS": [mere.signed],
        "partner=E10000999": [other, mere.signed],
        "host=QOX": [other],
        "function=nhs-s3": [other, mere.signed],
        "flexibility=council_exercises_nhs_functions": [],
        "flexibility=pooled_fund": [other, mere.signed],
        "power=s31": [],
        "power=s75&status=in_operation": [other, mere.signed],
        "status=draft": [],
        "ending_before=2026-04-01": [other],
        "ending_before=2026-03-31": [],
    }
    for query, expected in found.items():
        assert references(mere.api(), f"/agreements/?{query}") == [each.reference for each in expected], query
    assert references(mere.api("icb"), "/agreements/?status=draft") == [mere.draft.reference]


def test_unknown_filters_are_refused_and_unknown_codes_not_found(mere):
    for address in ("agreements/?colour=red", "agreements/?status=done", "agreements/?ending_before=soon",
                    "schemes/?host=QMS", "pools/?function=nhs-s3", "schemes/?agreement=1"):  # fmt: skip
        answer = mere.api().get(f"/{address}")
        assert (answer.status_code, answer.headers["Content-Type"]) == (400, PROBLEM), address
    for address in ("agreements/?place=nowhere", "agreements/?partner=ZZZ", "agreements/?host=ZZZ",
                    "agreements/?function=nothing", "schemes/?lead=ZZZ", "pools/?host=ZZZ"):  # fmt: skip
        assert mere.api().get(f"/{address}").status_code == 404, address
    for resource in ("schemes", "pools"):
        assert mere.api("stranger").get(f"/{resource}/?agreement={mere.draft.reference}").status_code == 404
        assert mere.api().get(f"/{resource}/?agreement={mere.draft.reference}").status_code == 401


def test_the_lists_are_csv_too(mere):
    (row,) = csv.DictReader(io.StringIO(mere.api().csv("/agreements/")))
    assert (row["reference"], row["partners"], row["integrated"]) == (mere.signed.reference, "E10000999 QMS", "false")
    (row,) = csv.DictReader(io.StringIO(mere.api().csv("/schemes/")))
    assert (row["agreement"], row["functions"], row["lead"]) == (
        mere.signed.reference, "nhs-s3 social-services", "QMS",
    )  # fmt: skip
    (row,) = csv.DictReader(io.StringIO(mere.api().csv("/pools/")))
    assert (row["slug"], row["host"], row["manager"]) == ("reablement", "QMS", "Head of joint commissioning")
    assert len(list(csv.DictReader(io.StringIO(mere.api("icb").csv("/schemes/"))))) == 3


def test_schemes_and_pools_are_listed_as_their_agreement_reads(mere):
    """The list says of each thing what reading it alone says, whoever asks: after a variation, a succession, an end."""
    successor = factories.organisation(name="NHS Greater Mereshire Integrated Care Board", code="QZZ")
    deed = vary(mere.signed)
    scheme = mere.signed.schemes.get()
    Occurrence.objects.create(
        agreement=mere.secret, scheme=mere.secret.schemes.get(), kind="closure_of_scheme", evidence="Letter",
        happened_on=dt.date(2025, 1, 1), organisation=mere.icb, actor="user:1",
    )  # fmt: skip
    SchemeTerms.objects.create(deed=deed, scheme=scheme, name="Changed by deed 1", lead=mere.county, services="Other")
    sign(deed)
    for agreement in (mere.signed, mere.draft):
        joined = agreement.partners.get(organisation=mere.icb)
        Partner.objects.create(
            agreement=agreement, organisation=successor, role="commissioner", valid_from=dt.date(2025, 6, 1),
            by_succession_of=joined,
        )  # fmt: skip
    refresh_summaries([mere.signed, mere.draft, mere.secret])
    compared = 0
    for who in ("", "icb", "county", "stranger"):
        api = mere.api(who)
        for resource in ("schemes", "pools"):
            listed = {(row["agreement"], row["slug"]): row for row in api.results(f"/{resource}/")}
            alone = {
                (reference, thing["slug"]): thing
                for reference in references(api)
                for thing in api.get(f"/agreements/{reference}/").json()[resource]
            }
            assert listed.keys() == alone.keys()
            for place, row in listed.items():
                compared += 1
                for name in row.keys() - {"agreement_state", "seen_by", "functions"}:
                    assert row[name] == alone[place][name], (who, resource, place, name)
    assert compared >= 10
    (public,) = mere.api().results("/schemes/")
    assert (public["name"], public["lead"]) == ("Example scheme", "QZZ")
    assert mere.api().results("/pools/")[0]["host"] == "QZZ"
    names = {row["name"] for row in mere.api("icb").results(f"/schemes/?agreement={mere.signed.reference}")}
    assert names == {"Changed by deed 1"}
    assert mere.api("icb").results(f"/schemes/?agreement={mere.secret.reference}") == []


def test_lists_take_as_many_queries_for_three_as_for_one(mere):
    def queries(address: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert mere.api("icb").get(address).status_code == 200
        return len(captured)

    addresses = ("/agreements/", "/schemes/", "/pools/")
    assert queries("/agreements/") > 0  # the first use of a key in a day is noted
    before = [queries(address) for address in addresses]
    for _ in range(3):
        factories.signed_agreement(partners=[mere.icb, mere.county])
    assert [queries(address) for address in addresses] == before


def test_pages_of_each_list_follow_one_another(mere):
    for resource in ("agreements", "schemes", "pools"):
        seen, address = [], f"/{resource}/?page_size=1"
        while address:
            page = mere.api("icb").get(address.removeprefix("http://localhost:8000")).json()
            seen += [row.get("agreement") or row["reference"] for row in page["results"]]
            address = page["next"]
        assert sorted(seen) == sorted(each.reference for each in (mere.signed, mere.draft, mere.secret))


# --- findings --------------------------------------------------------------------------------------------------------


def test_findings_cite_their_provisions_and_say_what_a_proposal_would_change(mere):
    load_law()
    dental = factories.signed_agreement(is_published=True, partners=[mere.icb, mere.county])
    found = mere.api().get(f"/agreements/{dental.reference}/findings/").json()
    assert all(each["provision"] for each in found["findings"])
    assert found["with_proposals"] is None
    both = mere.api().get(f"/agreements/{dental.reference}/findings/?with={PROPOSAL}").json()
    assert both["findings"] == found["findings"]
    assert isinstance(both["with_proposals"], list)
    answer = mere.api().get(f"/agreements/{dental.reference}/findings/?with=nothing")
    assert_problem(answer, 404, "not-found")


def test_a_proposal_changes_the_findings_of_a_scheme_with_its_function(mere):
    load_law()
    draft = factories.whole_agreement(partners=[mere.icb, mere.county])
    terms = SchemeTerms.objects.get(deed__agreement=draft)
    terms.functions.create(function=factories.function("primary-dental"), holder=mere.icb)
    refresh_summaries([draft])
    found = mere.api("icb").get(f"/agreements/{draft.reference}/findings/?with={PROPOSAL}").json()
    assert found["verdict"] == "unlawful"
    (change,) = [each for each in found["with_proposals"] if each["about"] == "function:primary-dental"]
    assert (change["before"]["outcome"], change["after"]["outcome"]) == ("unlawful", "lawful")
    assert mere.api().get(f"/agreements/{draft.reference}/findings/").status_code == 401


# --- the feed --------------------------------------------------------------------------------------------------------


def feed(api: Api, resource: str = "agreements") -> list[str]:
    return [entry["reference"] for entry in api.results(f"/changes/?resource={resource}")]


def announced(agreement: Agreement, **more: Any) -> None:
    from partnerships.changing.agreement import finish_change
    from pooledcare.directory.access import system_actor

    finish_change(agreement, by=system_actor("example"), action="agreement.changed", sentence="Changed.", **more)


def test_changes_that_are_not_public_are_seen_by_every_partner_and_nobody_else(mere):
    reference = mere.draft.reference
    announced(mere.draft, tell=[("schemes", f"{reference}/reablement"), ("pools", f"{reference}/reablement")])
    for who in ("icb", "county", "reader"):
        assert feed(mere.api(who)) == [reference]
        assert feed(mere.api(who), "schemes") == feed(mere.api(who), "pools") == [f"{reference}/reablement"]
    for who in ("", "stranger", "blind"):
        assert mere.api(who).results("/changes/") == []
    assert Change.objects.count() == 3
    (entry, *_) = mere.api("county").results("/changes/?resource=schemes")
    assert mere.api("county").get(entry["links"]["self"].removeprefix("http://localhost:8000")).status_code == 200


def test_what_is_published_is_told_to_everybody(mere):
    deed = mere.secret.deeds.get()
    Deed.objects.filter(pk=deed.pk).update(published_on=dt.date(2024, 5, 1))
    announced(mere.secret, event="published")
    assert feed(mere.api()) == [mere.secret.reference]
    announced(mere.secret)
    assert feed(mere.api()) == [mere.secret.reference]
    announced(mere.secret, event="published", public=True)
    assert feed(mere.api("stranger")) == [mere.secret.reference] * 2


def test_a_body_that_is_no_partner_any_more_still_reads_what_made_it_none(mere):
    mere.draft.partners.get(organisation=mere.county).delete()
    announced(mere.draft)
    assert feed(mere.api("county")) == [mere.draft.reference]
    announced(mere.draft)
    assert feed(mere.api("county")) == [mere.draft.reference]
    assert feed(mere.api("icb")) == [mere.draft.reference] * 2


# --- for whom it waits -----------------------------------------------------------------------------------------------


def approved_by_the_county(mere: Mereshire, agreement: Agreement) -> None:
    approver = factories.actor(factories.member(organisation=mere.county, roles=["finance_approver"]))
    deed = agreement.deeds.latest("number")
    deeds.approve_deed(deed=deed, content_hash=hash_now(deed), by=approver)


def test_a_partners_key_reads_for_whom_agreements_wait(mere: Mereshire):
    vary(mere.signed)
    approved_by_the_county(mere, mere.signed)
    icb = mere.api("icb")
    waiting = {row["reference"]: (row["awaits"], row["awaited"]) for row in icb.results("/agreements/")}
    assert waiting.pop(mere.signed.reference) == ("approval", ["QMS"])
    assert set(map(str, waiting.values())) == {"(None, [])"}
    assert references(icb, "/agreements/?awaits=approval") == [mere.signed.reference]
    assert references(icb, "/agreements/?awaits=signature") == []
    alone = icb.get(f"/agreements/{mere.signed.reference}/").json()
    assert (alone["awaits"], alone["awaited"]) == ("approval", ["QMS"])
    (line,) = csv.DictReader(io.StringIO(icb.csv("/agreements/?awaits=approval")))
    assert (line["awaits"], line["awaited"], line["to_publish"]) == ("approval", "QMS", "")


def test_a_partners_key_reads_who_has_still_to_publish(mere: Mereshire):
    approver = factories.actor(factories.member(organisation=mere.county, roles=["finance_approver"]))
    deeds.publish_deed(deed=mere.secret.deeds.get(), by=approver)
    rows = {row["reference"]: row["to_publish"] for row in mere.api("icb").results("/agreements/")}
    assert rows[mere.secret.reference] == ["QMS"]
    assert mere.api("icb").get(f"/agreements/{mere.secret.reference}/").json()["to_publish"] == ["QMS"]


@pytest.mark.parametrize("who", ["", "stranger"])
def test_nobody_else_reads_for_whom_an_agreement_waits(mere: Mereshire, who: str):
    vary(mere.signed)
    approved_by_the_county(mere, mere.signed)
    (row,) = mere.api(who).results("/agreements/")
    assert (row["awaits"], row["awaited"]) == (None, [])
    assert references(mere.api(who), "/agreements/?awaits=approval") == []
