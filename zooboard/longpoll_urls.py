"""Addresses of the long-poll process."""

from django.urls import path

from apps.board.views.health import healthz
from apps.runs.longpoll import lease

urlpatterns = [path("api/v1/agent/lease", lease), path("healthz", healthz)]
