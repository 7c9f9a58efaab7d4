"""Published files without a layout, through the pages: sent, described, accepted by a second person, summed up.

What the proposals say of the same files is tested in `tests/uploads/proposals/test_published_files.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import html5lib
import pytest
from django.core.management import call_command
from django.db import transaction
from django.db.models import Count, Sum
from django.test import Client
from django.urls import reverse

from budgets.models import Allocation
from pooledcare.directory.loading import load_reference
from pooledcare.uploads.asking import pages
from pooledcare.uploads.models import LayoutQuestion, Upload
from pooledcare.uploads.proposals import Proposal, open_questions
from tests import factories
from tests.uploads.proposals.test_published_files import BOARDS, BROKEN, CCG, IBCF
from tests.uploads.sending import Desk, worked

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
MOST_DECISIONS = 6


@pytest.fixture(scope="module", autouse=True)
def reference(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Every organisation and stream, and no figures; loaded once for all tests here, undone after them."""
    with django_db_blocker.unblock(), transaction.atomic():
        load_reference()
        call_command("load_figures", "--without-publisher", "X24", "--without-publisher", "MHCLG", verbosity=0)
        yield
        transaction.set_rollback(True)


class Person:
    """Somebody who prepares an upload on the pages: what they see, and what they fill in."""

    def __init__(self, client: Client, desk: Desk, path: Path) -> None:
        self.client, self.desk = client, desk
        self.upload: Upload = desk.send(path.read_bytes(), name=path.name)
        assert (self.upload.state, self.upload.problem_count) == ("needs_layout", 0)
        self.page = reverse("uploads:layout-question", args=[self.upload.reference])

    def open(self) -> list[str]:
        """The keys of the questions that are open."""
        question = LayoutQuestion.objects.get(upload=self.upload)
        proposal = Proposal.from_json(question.proposal)
        return [one.key for one in open_questions(proposal, pages.decisions_of(question, proposal))]

    def sees(self, url: str = "") -> str:
        """The words of a page."""
        return words(self.html(url))

    def html(self, url: str = "") -> str:
        found = self.client.get(url or self.page)
        assert found.status_code == 200
        return found.content.decode()

    def fills_in(self, url: str = "", **changes: str) -> Any:
        """Send the form of a page as it is shown, but for these fields."""
        url = url or self.page
        fields = fields_of(self.html(url))
        unknown = changes.keys() - fields.keys() - {"do"}
        assert not unknown, f"the page has no {sorted(unknown)}"
        return self.client.post(url, {**fields, **changes})

    def describes_sheet(self, **changes: str) -> None:
        url = reverse("uploads:layout-sheet", args=[self.upload.reference, 1])
        answer = self.fills_in(url, do="show", **{name: text for name, text in changes.items() if "role" in name})
        assert answer.status_code == 302, answer.content.decode()
        answer = self.fills_in(url, do="save", **changes)
        assert answer.status_code == 302, answer.content.decode()

    def shows(self, **changes: str) -> str:
        answer = self.fills_in(do="show", **changes)
        assert answer.status_code == 302, answer.content.decode()
        return self.sees(answer.headers["Location"])

    def confirms(self) -> Upload:
        """What was decided is confirmed, and a second person accepts what it reads."""
        assert self.fills_in(do="continue", save="no").headers["Location"] == self.upload.get_absolute_url()
        upload = worked(self.upload)
        assert upload.state == "awaiting_second_person", upload.problems.values_list("code", "message")[:5]
        accepted: Upload = self.desk.accept(upload)
        assert accepted.state == "accepted"
        return accepted


def words(html: str) -> str:
    """What a page says, without its frame."""
    return " ".join("".join(html5lib.parse(html, namespaceHTMLElements=False).find(".//main").itertext()).split())


def fields_of(html: str) -> dict[str, Any]:
    """The fields of the form of a page with what they hold."""
    form = html5lib.parse(html, namespaceHTMLElements=False).find(".//form[@class='pc-reading']")
    fields: dict[str, Any] = {}
    for each in form.iter():
        if each.tag not in ("input", "select", "textarea"):
            continue
        name, kind = each.get("name"), each.get("type", "")
        if name is None or kind == "submit":
            continue
        if each.tag == "select":
            options = list(each.iter("option"))
            chosen = [one for one in options if one.get("selected") is not None] or options[:1]
            fields[name] = chosen[0].get("value")
        elif kind == "radio":
            fields.setdefault(name, "")
            fields[name] = each.get("value") if each.get("checked") is not None else fields[name]
        elif kind == "checkbox":
            held = fields.setdefault(name, [])
            if each.get("checked") is not None:
                held.append(each.get("value", "on"))
        else:
            fields[name] = each.get("value", "")
    return fields


@pytest.fixture
def sending(client_of: Callable[..., Client], shared_data: Path) -> Callable[[Desk, str], Person]:
    return lambda desk, path: Person(client_of(desk.officer.person), desk, shared_data / path)


@pytest.fixture
def nhs_england() -> Desk:
    return Desk(factories.nhs_england(), ("publisher",))


@pytest.fixture
def department() -> Desk:
    return Desk(factories.mhclg(), ("publisher",))


def accepted(upload: Upload) -> dict[tuple[str, int], tuple[int, Decimal | None]]:
    """How many figures of the upload stand, and their sum, by stream and starting year."""
    found = Allocation.objects.filter(upload=upload, is_current=True).values_list("stream__code", "financial_year")
    return {(stream, year): (count, total) for stream, year, count, total in found.annotate(Count("pk"), Sum("amount"))}


def test_core_allocations_of_groups(sending: Any, nhs_england: Desk):
    person = sending(nhs_england, CCG)
    assert len(person.open()) <= MOST_DECISIONS
    shown = person.sees()
    assert "Rows 102 and 103 are of the same body, “NHS Leicester City CCG”. Which one is left out?" in shown
    sheet = person.sees(reverse("uploads:layout-sheet", args=[person.upload.reference, 1]))
    assert "the headings may stand one column off" in sheet
    refused = person.fills_in(do="continue", save="no")
    assert "Which one is left out?" in words(refused.content.decode())
    person.describes_sheet(**{"role-2": "not_read", "role-4": "amount", "value-4-stream": "nhs-core"})
    names = {"name-1": "08Y", "question-1": "102"}
    shown = person.shows(unit="1000", year="2016-17", **{"value-recurrence": "recurrent"}, **names)
    assert "This reads 208 figures of 208 bodies, £74,498,870,000.00 in total." in shown
    assert accepted(person.confirms()) == {("nhs-core", 2016): (208, Decimal("74498870000.00"))}


def test_the_improved_better_care_fund(sending: Any, department: Desk):
    person = sending(department, IBCF)
    assert person.open() == ["value:basis", "value:recurrence"]
    shown = person.shows(**{"value-basis": "allocation", "value-recurrence": "not_stated"})
    assert "This reads 30 figures of 15 bodies, £423,753,382.00 in total." in shown
    one = (15, Decimal("211876691.00"))
    assert accepted(person.confirms()) == {("ibcf", 2023): one, ("ibcf", 2024): one}


def test_a_broken_pound_sign_is_asked_about(sending: Any, department: Desk):
    person = sending(department, BROKEN)
    assert person.open() == ["unit", "pounds", "value:basis", "value:recurrence"]
    assert "贈" in person.sees()
    answers = {"unit": "1", "value-basis": "allocation", "value-recurrence": "not_stated"}
    shown = person.shows(**answers, **{"question-1": "no"})
    assert "This reads 0 figures" in shown
    assert "Cells that are not amounts: 15" in shown
    shown = person.shows(**{"question-1": "yes"})
    assert "This reads 15 figures of 15 bodies, £211,876,691.00 in total." in shown


def test_spending_by_board_has_the_sums_of_its_own_total_row(sending: Any, department: Desk):
    person = sending(department, BOARDS)
    assert len(person.open()) <= MOST_DECISIONS
    roles = {"role-2": "amount", "role-3": "amount"}
    person.describes_sheet(**roles, **{"value-2-stream": "ibcf", "value-3-stream": "adult-social-care"})
    shown = person.shows(unit="1", year="2022-23", **{"value-basis": "budget", "value-recurrence": "not_stated"})
    assert "The file’s own totals are the same." in shown
    assert accepted(person.confirms()) == {
        ("ibcf", 2022): (151, Decimal("624155185.27")),
        ("adult-social-care", 2022): (151, Decimal("579656507.75")),
    }


def test_weighted_populations_are_told_to_hold_no_amounts(sending: Any, nhs_england: Desk):
    person = sending(nhs_england, "allocations/icb_place_practice_weighted_populations_2025-26.csv")
    assert "The heading says “population”, which is not an amount of money" in person.sees()
    told = person.fills_in(do="continue", save="no")
    assert told.status_code == 200
    assert "There is a problem No sheet is read. Choose at least one sheet with figures." in words(
        told.content.decode()
    )
    person.upload.refresh_from_db()
    assert person.upload.state == "needs_layout"


def test_core_spending_power_lists_its_columns_with_their_sums_and_asks_for_a_stream(sending: Any, department: Desk):
    person = sending(department, "la_finance/CSP_2019.csv")
    sheet = person.sees(reverse("uploads:layout-sheet", args=[person.upload.reference, 1]))
    assert "Column D: sfa_2019" in sheet
    assert "13,369.06 in the file’s own unit" in sheet
    person.describes_sheet(**{"role-8": "amount"})
    assert "column::8:stream" in person.open()


def test_a_known_file_without_its_title_is_asked_only_for_its_year(
    department: Desk, shared_data: Path, client_of: Any, tmp_path: Path
):
    lines = (shared_data / "la_finance/RSX_2022-23_data_by_LA.csv").read_text(encoding="utf-8-sig").splitlines(True)
    first = next(at for at, line in enumerate(lines) if "ONS Code" in line)
    (tmp_path / "rsx.csv").write_text("".join(lines[first:]), encoding="utf-8")
    person = Person(client_of(department.officer.person), department, tmp_path / "rsx.csv")
    question = LayoutQuestion.objects.get(upload=person.upload)
    assert (question.asked, question.fitting) == ("year", ["dluhc-revenue-outturn"])
    assert "does not say its financial year." in words(person.html())
    chosen = {"layout": "dluhc-revenue-outturn", "financial_year": "2022-23"}
    url = reverse("uploads:layout-choose", args=[person.upload.reference])
    told = person.client.post(url, {**chosen, "financial_year": ""})
    assert "Enter the financial year of the figures" in words(told.content.decode())
    assert person.client.post(url, chosen).status_code == 302
    assert worked(person.upload).state == "awaiting_second_person"
    whole = department.send("".join(lines).replace("2022-23", "2022-23 **Final**", 1), published_on=None)
    assert whole.state == "awaiting_second_person"
    assert (whole.counts["new"], whole.rows_read) == (person.upload.counts["new"], person.upload.rows_read)
