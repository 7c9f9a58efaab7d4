"""The Celery application: where the worker and its beat begin. What they do is in each app's tasks."""

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
    """Ends a worker that has lost one of its processes, so that whoever watches over it starts it afresh.

    An idle child waits for work with a lock in its hand that the others need too. When it is killed, its lock is never
    given back: the worker would go on taking messages, and nobody would ever work on them.
    """

    requires = {"celery.worker.components:Timer", "celery.worker.components:Pool"}
    SECONDS = 1.0

    def start(self, worker: Any) -> None:
        self.children = self.pids(worker)
        worker.timer.call_repeatedly(self.SECONDS, self.look, (worker,))

    def look(self, worker: Any) -> None:
        if self.pids(worker) != self.children:
            log.critical("A process of the worker has died; the worker ends, to be started afresh")
            os._exit(os.EX_SOFTWARE)

    @staticmethod
    def pids(worker: Any) -> set[int]:
        """None, where the pool is not one of processes."""
        pool = getattr(worker.pool, "_pool", None)
        return {child.pid for child in getattr(pool, "_pool", [])}


app.steps["worker"].add(ChildrenLive)
