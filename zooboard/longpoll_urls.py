"""Addresses of the long-poll process."""

from django.urls import path

from apps.board.views.health import healthz
from apps.runs.longpoll import lease

handler400 = "apps.core.api.errors.json_bad_request"
handler404 = "apps.core.api.errors.json_not_found"
handler500 = "apps.core.api.errors.json_server_error"

urlpatterns = [path("api/v1/agent/lease", lease), path("healthz", healthz)]
