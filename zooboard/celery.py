"""The Celery application: queue `dispatch` for the life cycle, queue `heavy` for charts and exports."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zooboard.settings")

app = Celery("zooboard")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
