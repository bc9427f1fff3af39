"""The web process: pages and REST API."""

import os
import sys

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zooboard.settings")

application = get_wsgi_application()

# A thread that got its answer from Postgres waits for another one that computes: not ten times as long as it takes.
sys.setswitchinterval(0.0005)

# Pages want pandas for Pareto fronts; it takes a second to import, which no visitor should wait for.
import apps.compare.pareto  # noqa: E402, F401
