"""PooledCare: pooled health and social care budgets in England, recorded to the penny."""

from pooledcare.celery import app as celery_app

__all__ = ["celery_app"]
