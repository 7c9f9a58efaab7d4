"""What PooledCare does with agreements every day by itself. A day that was missed is made up for by the next."""

from __future__ import annotations

from celery import shared_task

from partnerships.actions import daily, reminding
from pooledcare.directory.access import system_actor

CALENDAR = system_actor("calendar")


@shared_task(expires=3600)
def advance_agreements() -> int:
    """Bring every agreement to today, some hundred in each transaction, so that nobody waits long."""
    done = 0
    while True:
        some = daily.advance_agreements(by=CALENDAR)
        done += some
        if some < daily.AT_ONCE:
            return done


@shared_task(expires=3600)
def send_reminders() -> int:
    return reminding.send_reminders(by=CALENDAR)
