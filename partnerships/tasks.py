"""Daily tasks on agreements. If a day is missed, the next run catches up."""

from __future__ import annotations

from celery import shared_task

from partnerships.actions import daily, reminding
from pooledcare.directory.access import system_actor

CALENDAR = system_actor("calendar")


@shared_task(expires=3600)
def advance_agreements() -> int:
    """Update every agreement for today, in batches of one transaction each, so that locks are short."""
    done = 0
    while True:
        some = daily.advance_agreements(by=CALENDAR)
        done += some
        if some < daily.AT_ONCE:
            return done


@shared_task(expires=3600)
def send_reminders() -> int:
    return reminding.send_reminders(by=CALENDAR)
