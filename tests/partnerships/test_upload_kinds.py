"""Files about drafts: who sends them, who accepts them, what they hold; one person never does both."""

from __future__ import annotations

import pytest

from partnerships import tasks
from partnerships.upload_kinds import kinds as declared
from partnerships.upload_kinds.kinds import AGREEMENTS, SCHEMES
from pooledcare.directory.access import Permission
from pooledcare.kernel.problems import Refused
from pooledcare.uploads import actions, kinds
from pooledcare.uploads.models import Upload
from pooledcare.uploads.rules import is_waived
from tests import factories


@pytest.mark.parametrize("kind", [AGREEMENTS, SCHEMES], ids=lambda kind: kind.key)
def test_who_prepares_agreements_sends_and_who_approves_them_accepts(kind):
    assert (kind.prepare, kind.accept) == (Permission.PREPARE_AGREEMENTS, Permission.APPROVE_AGREEMENTS)
    assert (kind.is_published, kind.most_rows) == (False, 500)
    assert (kind.steps.key, kind.steps.table) == (kind.key, "partnerships_uploadedrow")
    assert kinds.kind(kind.key) is kind
    assert f"A file has at most {declared.MOST_ROWS} rows." in kind.guidance


def test_the_columns_of_the_files():
    needed = {kind.key: [each.heading for each in kind.columns if each.required] for kind in (AGREEMENTS, SCHEMES)}
    assert needed == {"agreements": ["reference", "title"], "schemes": ["agreement", "scheme", "name"]}
    assert [each.heading for each in AGREEMENTS.columns] == [
        "reference", "title", "power", "start", "end", "notice_months", "review_on", "places", "partners", "summary",
        "aims", "contributions", "payments", "persons_and_services", "resources", "duration", "fund_management",
        "monitoring", "charging", "information_sharing", "improvement", "disputes", "exit",
    ]  # fmt: skip
    assert [each.heading for each in SCHEMES.columns] == [
        "agreement", "scheme", "name", "functions", "exclusions", "flexibilities", "ways_of_working", "lead", "pool",
        "aims", "services", "client_group", "geography", "providers", "governance", "exit_terms", "start", "end",
        "notice_months", "voluntary", "information_shared", "information_every", "information_days",
        "monitoring_percent", "monitoring_pounds", "monitoring_rule", "tolerance_percent", "early_warning_percent",
        "instalments", "instalment_count", "instalment_shares", "no_budget", "no_budget_months", "income_basis",
    ]  # fmt: skip
    assert [*AGREEMENTS.column("power").choices()] == [
        ("s31", "Section 31, Health Act 1999"), ("s75", "Section 75, NHS Act 2006"),
        ("s65Z5_65Z6", "Sections 65Z5 and 65Z6, NHS Act 2006"),
    ]  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["agreements", "schemes"])
def test_a_waiver_of_the_second_person_does_not_reach_drafts(kind):
    """The same person may send and accept: only the second person is missing."""
    organisation = factories.organisation()
    organisation.waives_second_person = True
    organisation.save()
    user = factories.member(organisation=organisation, roles=["governance_lead"])
    by = factories.actor(user)
    upload = factories.upload(
        organisation=organisation, kind=kind, state="awaiting_second_person", prepared_by=user,
        prepared_actor=by.reference, accepted_actor="", accepted_at=None, channel="page",
    )  # fmt: skip
    assert not is_waived(upload, kinds.kind(kind))
    with pytest.raises(Refused) as refused:
        actions.accept_upload(upload=upload, by=by)
    assert [problem.code for problem in refused.value.problems] == ["FOUR_EYES"]
    found = Upload.objects.get(pk=upload.pk)
    assert (found.state, found.accepted_actor, found.second_person_waived) == ("awaiting_second_person", "", False)


def test_the_work_of_each_day_is_not_done_an_hour_late_nor_by_anybody_else():
    assert [task.expires for task in (tasks.advance_agreements, tasks.send_reminders)] == [3600, 3600]
    assert tasks.CALENDAR.reference == "system:calendar"
