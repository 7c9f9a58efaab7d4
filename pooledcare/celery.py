"""The Celery application: where the worker and its beat begin. What they do is in each app's tasks."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pooledcare.settings")

app = Celery("pooledcare")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
