"""The Celery application for the worker and the beat. The tasks are in each app's `tasks.py`."""

from __future__ import annotations

import logging
import os
from typing import Any

from celery import Celery, bootsteps

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pooledcare.settings")

app = Celery("pooledcare")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

log = logging.getLogger(__name__)


class ChildrenLive(bootsteps.StartStopStep):
    """Exits the worker when one of its pool processes dies, so that its supervisor restarts it.

    An idle pool process waits for work while holding a lock that all pool processes share. If it is killed, the lock
    is never released: the worker would keep taking messages and never process them.
    """

    requires = {"celery.worker.components:Timer", "celery.worker.components:Pool"}
    SECONDS = 1.0

    def start(self, worker: Any) -> None:
        self.children = self.pids(worker)
        worker.timer.call_repeatedly(self.SECONDS, self.check, (worker,))

    def check(self, worker: Any) -> None:
        if self.pids(worker) != self.children:
            log.critical("A pool process of the worker has died; the worker exits so that it is restarted")
            os._exit(os.EX_SOFTWARE)

    @staticmethod
    def pids(worker: Any) -> set[int]:
        """The process ids of the pool; an empty set if the pool does not use processes."""
        pool = getattr(worker.pool, "_pool", None)
        return {child.pid for child in getattr(pool, "_pool", [])}


app.steps["worker"].add(ChildrenLive)
