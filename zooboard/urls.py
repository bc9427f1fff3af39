"""Every address of the web process."""

from django.contrib import admin
from django.contrib.auth.views import LoginView, LogoutView
from django.urls import URLPattern, URLResolver, include, path, re_path, register_converter
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from sesame.views import LoginView as LoginLinkView

from apps.board.views import board, campaigns, health, method, models, runs
from apps.catalog.api import views as catalog
from apps.core.api.errors import json_not_found
from apps.core.converters import NameConverter
from apps.fleet.api import artifacts
from apps.fleet.api import views as fleet
from apps.results.api import agent as results_agent
from apps.results.api import configurations
from apps.results.api import views as results
from apps.results.api.leaderboard import LeaderboardView
from apps.runs.api import agent as runs_agent
from apps.runs.api import views as runs_api
from zooboard import openapi  # noqa: F401 - registers the security schemes

register_converter(NameConverter, "name")

agent_api: list[URLPattern | URLResolver] = [
    path("enroll", fleet.EnrolView.as_view()),
    path("rotate", fleet.RotateView.as_view()),
    path("lease", runs_agent.LeaseView.as_view()),
    path("heartbeat", runs_agent.HeartbeatView.as_view()),
    path("release", runs_agent.ReleaseView.as_view()),
    path("fail", runs_agent.FailView.as_view()),
    path("log", runs_agent.LogView.as_view()),
    path("result", results_agent.ResultView.as_view()),
    path("submission", results_agent.SubmissionView.as_view()),
    path("artifacts/<slug:sha256>/<name:name>", artifacts.ArtifactFileView.as_view()),
]

api_v1: list[URLPattern | URLResolver] = [
    path("agent/", include(agent_api)),
    path("families/", catalog.FamiliesView.as_view()),
    path("models/", catalog.ModelsView.as_view()),
    path("models/<name:name>/", catalog.ModelView.as_view()),
    path("metrics/", catalog.MetricsView.as_view()),
    path("protocols/", catalog.ProtocolsView.as_view()),
    path("configurations/", configurations.ConfigurationsView.as_view()),
    path("devices/", catalog.DevicesView.as_view()),
    path("artifacts/", catalog.ArtifactsView.as_view()),
    path("sources/", results.SourcesView.as_view()),
    path("results/", results.ResultsView.as_view()),
    path("results/<int:result_id>/", results.ResultView.as_view()),
    path("results/<int:result_id>/samples/", results.SamplesView.as_view(), name="api-samples"),
    path("leaderboard/", LeaderboardView.as_view()),
    path("campaigns/", runs_api.CampaignsView.as_view()),
    path("campaigns/<int:campaign_id>/", runs_api.CampaignView.as_view()),
    path("runs/", runs_api.RunsView.as_view()),
    path("runs/<int:run_id>/", runs_api.RunView.as_view()),
    path("agents/", fleet.AgentsView.as_view()),
]

urlpatterns = [
    path("", board.board, name="board"),
    path("models/<name:name>", models.model, name="model"),
    path("about/method", method.method, name="method"),
    path("runs", runs.run_list, name="runs"),
    path("runs/<int:run_id>", runs.run_detail, name="run"),
    path("runs/<int:run_id>/cancel", runs.cancel, name="run-cancel"),
    path("campaigns", campaigns.create, name="campaign-create"),
    path("login", LoginView.as_view(), name="login"),
    path("login/link", LoginLinkView.as_view(), name="login-link"),
    path("logout", LogoutView.as_view(), name="logout"),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("admin/", admin.site.urls),
    path("api/v1/", include(api_v1)),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="docs"),
    re_path(r"^api/(?P<path>.*)$", json_not_found),
]

handler500 = "apps.board.views.errors.server_error"
