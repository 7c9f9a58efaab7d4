"""The search over all apps: the first hit for what people type, what each reader may find, and suggestions."""

from __future__ import annotations

import datetime as dt
from html import unescape

import html5lib
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from partnerships.changing.agreement import refresh_summaries
from partnerships.models import Agreement, Clause
from pooledcare.directory.models import Organisation
from tests import factories
from tests.budgets.public import HTML, printed
from tests.partnerships.reading_agreements import logged_in, published

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("law")]


def hits(client: Client, text: str) -> list[str]:
    document = html5lib.parse(client.get("/search/", {"q": text}).content.decode())
    lists = [each for each in document.iter(f"{HTML}ul") if "pc-results" in each.get("class", "")]
    return ["".join(item.find(f"{HTML}a").itertext()) for each in lists for item in each.iter(f"{HTML}li")]


def suggested(client: Client, text: str) -> list[str]:
    page = client.get("/search/suggestions/", {"q": text}).content.decode()
    return [unescape(part.split('"')[0]) for part in page.split('<option value="')[1:]]


def write(agreement: Agreement, text: str) -> None:
    Clause.objects.filter(deed__agreement=agreement, kind="disputes").update(text=text)


@pytest.fixture
def somerset() -> Organisation:
    """The names around Somerset, as the reference tables have them; the board, with an agreement and a figure."""
    for name in ("Somerset", "North Somerset", "Bath and North East Somerset"):
        factories.place(name=name)
    for name in ("North Somerset Council", "Somerset Council", "Bath and North East Somerset Council"):
        factories.council(name=name, kind="unitary")
    factories.organisation(name="Somerset NHS Foundation Trust", kind="foundation_trust")
    factories.organisation(name="NHS Somerset CCG", kind="ccg", closed=dt.date(2022, 6, 30))
    board = factories.organisation(name="NHS Somerset Integrated Care Board", code="QSL")
    made = factories.whole_agreement(
        partners=[board, factories.council(name="Mere Council")],
        title="Somerset Better Care Fund",
        places=[factories.place(name="Mere")],
    )
    write(made, "Payments under section 256 continue.")
    made.deeds.update(state="signed", signed_on=dt.date(2024, 3, 1), published_on=dt.date(2024, 3, 2))
    refresh_summaries([made])
    factories.stream(name="Core NHS allocation", code="nhs-core", description="Most of what the NHS spends.")
    return board


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("NHS Somerset", "NHS Somerset Integrated Care Board"),
        ("nhs somerset icb", "NHS Somerset Integrated Care Board"),
        ("QSL", "NHS Somerset Integrated Care Board"),
        ("Somerset", "Somerset"),
        ("north somerset", "North Somerset"),
        ("Somerset Council", "Somerset Council"),
        ("somerset trust", "Somerset NHS Foundation Trust"),
        ("section 256", "Section 256, NHS Act 2006"),
        ("s256", "Section 256, NHS Act 2006"),
        ("s. 75", "Section 75, NHS Act 2006"),
        ("section 117", "Mental health after-care (section 117)"),
        ("dental", "Primary dental services (section 99)"),
        ("SI 2015/1940", "NHS Bodies and Local Authorities Partnership Arrangements (Amendment) Regulations 2015"),
        ("somerset better care fund", "Somerset Better Care Fund"),
        ("payments under section 256", "Somerset Better Care Fund"),
        ("core nhs", "Core NHS allocation"),
        ("nhs-core", "Core NHS allocation"),
        ("gross", "Gross and net"),
    ],
)
def test_what_people_type_comes_first(client, somerset, text: str, first: str):
    assert hits(client, text)[0] == first


def test_agreements_are_found_beside_the_law_by_their_words(client, somerset):
    assert "Somerset Better Care Fund" in hits(client, "section 256")


def test_a_figure_is_found_by_its_reference_by_those_who_may_see_it(client, somerset):
    public = factories.allocation(organisation=somerset, stream=factories.stream(name="Running"), financial_year=2025)
    hidden = factories.allocation(
        organisation=somerset, stream=factories.stream(name="Other"), financial_year=2025, published_on=None
    )
    assert hits(client, public.reference.lower()) == [public.reference]
    assert "NHS Somerset Integrated Care Board: Running, 2025-26." in printed(
        client.get("/search/", {"q": public.reference})
    )
    assert hits(client, hidden.reference) == []
    member = logged_in(factories.member(organisation=somerset, roles=["viewer"]))
    assert hits(member, hidden.reference) == [hidden.reference]


@pytest.mark.parametrize("text", ["secret words", "Quietly prepared"])
def test_the_words_of_a_draft_are_found_by_its_partners_alone(client, somerset, text: str):
    county = factories.council(name="Other Council")
    draft = factories.whole_agreement(partners=[somerset, county], title="Quietly prepared")
    write(draft, "These are SECRET words.")
    partner = logged_in(factories.member(organisation=somerset, roles=["viewer"]))
    outsider = logged_in(factories.member(organisation=factories.organisation(), roles=["governance_lead"]))
    assert "Quietly prepared" in hits(partner, text)
    assert "Quietly prepared" in suggested(partner, "quietly")
    for other in (client, outsider):
        assert "Quietly prepared" not in hits(other, text)
        assert suggested(other, "quietly") == []


def test_suggestions_begin_with_what_is_typed_and_say_what_they_are(client, somerset):
    assert suggested(client, "nhs som")[0] == "NHS Somerset Integrated Care Board"
    assert suggested(client, "somer")[:2] == ["Somerset", "Somerset Council"]
    assert suggested(client, "section 25") == ["Section 256, NHS Act 2006", "Somerset Better Care Fund"]
    assert '<option value="Somerset">Place</option>' in client.get("/search/suggestions/?q=somer").content.decode()
    assert suggested(client, "s") == suggested(client, "") == suggested(client, "zzqx") == []
    assert suggested(client, '"><script>') == []


def test_suggestions_and_results_cost_the_same_queries_for_more_of_everything(client, somerset):
    def cost(address: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        return len(captured)

    addresses = ["/search/?q=somerset", "/search/suggestions/?q=somerset"]
    few = [cost(address) for address in addresses]
    county = factories.council(name="Mere County Council")
    for number in range(5):
        published(somerset, county, title=f"Somerset {number}")
        factories.organisation(name=f"Somerset {number}")
        factories.place(name=f"Somerset {number}")
        factories.stream(name=f"Somerset {number}")
    assert [cost(address) for address in addresses] == few
