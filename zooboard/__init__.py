"""Wiring of the site: settings, addresses, processes."""

from zooboard.celery import app as celery_app

__all__ = ["celery_app"]
