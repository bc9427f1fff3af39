"""Every address of the web process."""

from django.contrib import admin
from django.contrib.auth.views import LoginView, LogoutView
from django.urls import URLPattern, URLResolver, include, path, re_path, register_converter
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from sesame.views import LoginView as LoginLinkView

from apps.accounts.api import views as accounts
from apps.board.api.charts import ChartsView, ChartView
from apps.board.api.compare import CompareView
from apps.board.views import (
    account,
    account_invitations,
    account_passwords,
    account_tokens,
    agent_actions,
    agents,
    audit,
    badges,
    board,
    campaign_actions,
    campaigns,
    compare,
    data,
    devices,
    embed,
    families,
    figures,
    health,
    method,
    models,
    runs,
    submissions,
)
from apps.catalog.api import views as catalog
from apps.core.api.errors import json_not_found
from apps.core.converters import KindConverter, NameConverter
from apps.fleet.actions import OWNER_ACTIONS
from apps.fleet.api import agents as agents_api
from apps.fleet.api import artifacts, uploads
from apps.fleet.api import views as fleet
from apps.results.api import agent as results_agent
from apps.results.api import catalogue, changes
from apps.results.api import submissions as submissions_api
from apps.results.api import views as results
from apps.results.api.leaderboard import LeaderboardView, ParetoView
from apps.runs.api import agent as runs_agent
from apps.runs.api import campaigns as campaigns_api
from apps.runs.api import schedules as schedules_api
from apps.runs.api import views as runs_api
from zooboard import openapi  # noqa: F401 - registers the security schemes

register_converter(NameConverter, "name")
register_converter(KindConverter, "kind")

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
    path("artifacts", uploads.ArtifactUploadView.as_view()),
    path("artifacts/<slug:sha256>/<name:name>", artifacts.ArtifactFileView.as_view()),
]

api_v1: list[URLPattern | URLResolver] = [
    path("agent/", include(agent_api)),
    path("families/", catalog.FamiliesView.as_view()),
    path("models/", catalog.ModelsView.as_view()),
    path("models/<name:name>/", catalogue.ModelView.as_view()),
    path("metrics/", catalog.MetricsView.as_view()),
    path("protocols/", catalog.ProtocolsView.as_view()),
    path("configurations/", catalogue.ConfigurationsView.as_view()),
    path("devices/", catalog.DevicesView.as_view()),
    path("artifacts/", catalog.ArtifactsView.as_view()),
    path("sources/", results.SourcesView.as_view()),
    path("results/", results.ResultsView.as_view()),
    path("history/", results.HistoryView.as_view()),
    path("history/changes/", changes.ChangesView.as_view()),
    path("results/<int:result_id>/", results.ResultView.as_view()),
    path("results/<int:result_id>/samples/", results.SamplesView.as_view(), name="api-samples"),
    path("submissions/", submissions_api.SubmissionsView.as_view()),
    path("submissions/<int:submission_pk>/", submissions_api.SubmissionView.as_view()),
    path("submissions/<int:submission_pk>/withdraw/", submissions_api.WithdrawSubmissionView.as_view()),
    path("leaderboard/", LeaderboardView.as_view()),
    path("pareto/", ParetoView.as_view()),
    path("compare/", CompareView.as_view()),
    path("charts/", ChartsView.as_view()),
    path("charts/<name:slug>/", ChartView.as_view()),
    path("tokens/", accounts.TokensView.as_view()),
    path("tokens/<name:public_id>/", accounts.TokenView.as_view()),
    path("campaigns/", campaigns_api.CampaignsView.as_view()),
    path("campaigns/<int:campaign_id>/", campaigns_api.CampaignView.as_view()),
    path("campaigns/<int:campaign_id>/cancel/", campaigns_api.CancelCampaignView.as_view()),
    path("campaigns/<int:campaign_id>/retry/", campaigns_api.RetryCampaignView.as_view()),
    path("schedules/", schedules_api.SchedulesView.as_view()),
    path("schedules/<int:schedule_id>/", schedules_api.ScheduleView.as_view()),
    path("schedules/<int:schedule_id>/pause/", schedules_api.PauseScheduleView.as_view()),
    path("schedules/<int:schedule_id>/resume/", schedules_api.ResumeScheduleView.as_view()),
    path("schedules/<int:schedule_id>/run/", schedules_api.RunScheduleView.as_view()),
    path("runs/", runs_api.RunsView.as_view()),
    path("runs/<int:run_id>/", runs_api.RunView.as_view()),
    path("runs/<int:run_id>/retry/", runs_api.RetryRunView.as_view()),
    path("agents/", agents_api.AgentsView.as_view()),
    path("agents/codes/", agents_api.EnrolmentCodesView.as_view()),
    path("agents/<name:agent_id>/", agents_api.OneAgentView.as_view()),
    *(path(f"agents/<name:agent_id>/{verb}/", agents_api.AgentActionView.as_view(verb=verb)) for verb in OWNER_ACTIONS),
]

urlpatterns = [
    path("", board.board, name="board"),
    path("board.json", board.board_data, name="board-data"),
    # Early, since addresses are tried one after the other.
    path("api/v1/", include(api_v1)),
    path("models/<name:name>", models.model, name="model"),
    path("artifacts/<slug:sha256>/<name:name>", models.artifact_file, name="artifact-file"),
    path("devices", devices.devices, name="devices"),
    path("devices/<kind:slug>", devices.device, name="device"),
    path("compare", compare.compare, name="compare"),
    path("families", families.families, name="families"),
    path("families/<name:slug>", families.family, name="family"),
    path("data", data.data, name="data"),
    path("data/<slug:table>.<slug:extension>", data.download, name="data-download"),
    path("charts", figures.charts, name="charts"),
    path("charts/<name:slug>", figures.chart, name="chart"),
    path("embed/charts/<name:slug>", embed.embedded_chart, name="embed-chart"),
    path("badges/<name:name>.svg", badges.badge, name="badge"),
    path("about/method", method.method, name="method"),
    path("runs", runs.run_list, name="runs"),
    path("runs/<int:run_id>", runs.run_detail, name="run"),
    path("runs/<int:run_id>/cancel", runs.cancel, name="run-cancel"),
    path("runs/<int:run_id>/retry", runs.retry, name="run-retry"),
    path("runs/<int:run_id>/log", runs.log, name="run-log"),
    path("submissions", submissions.submission_list, name="submissions"),
    path("submissions/<int:submission_pk>", submissions.submission, name="submission"),
    path("campaigns", campaigns.campaigns, name="campaigns"),
    path("campaigns/new", campaigns.new_campaign, name="campaign-compose"),
    path("campaigns/<int:campaign_id>", campaigns.campaign_detail, name="campaign"),
    path("campaigns/<int:campaign_id>/cancel", campaign_actions.cancel, name="campaign-cancel"),
    path("campaigns/<int:campaign_id>/retry", campaign_actions.retry, name="campaign-retry"),
    path("campaigns/<int:campaign_id>/priority", campaign_actions.priority, name="campaign-priority"),
    path("campaigns/<int:campaign_id>/repeat", campaign_actions.repeat, name="campaign-repeat"),
    path("schedules/<int:schedule_id>/pause", campaign_actions.pause_repeating, name="schedule-pause"),
    path("schedules/<int:schedule_id>/resume", campaign_actions.resume_repeating, name="schedule-resume"),
    path("schedules/<int:schedule_id>/end", campaign_actions.end_repeating, name="schedule-end"),
    path("agents", agents.agent_list, name="agents"),
    path("agents/register", agent_actions.register, name="agent-register"),
    path("agents/codes/<int:code_id>", agent_actions.code_state, name="agent-code"),
    path("agents/<name:public_id>", agents.agent_detail, name="agent"),
    path("agents/<name:public_id>/settings", agent_actions.change, name="agent-settings"),
    path("agents/<name:public_id>/delete", agent_actions.delete, name="agent-delete"),
    path(
        "agents/<name:public_id>/devices/<int:device_id>/healthy", agent_actions.declare_healthy, name="device-healthy"
    ),
    *(
        path(f"agents/<name:public_id>/{verb}", agent_actions.act, {"verb": verb}, name=f"agent-{verb}")
        for verb in OWNER_ACTIONS
    ),
    path("login", LoginView.as_view(), name="login"),
    path("login/link", LoginLinkView.as_view(), name="login-link"),
    path("login/reset", account_passwords.ResetView.as_view(), name="reset"),
    path("login/reset/sent", account_passwords.ResetSentView.as_view(), name="reset-sent"),
    path("login/reset/<uidb64>/<token>", account_passwords.ResetConfirmView.as_view(), name="reset-confirm"),
    path("account", account.account, name="account"),
    path("account/password", account_passwords.ChangeView.as_view(), name="password"),
    path("account/deactivate", account.deactivate, name="account-deactivate"),
    path("account/tokens", account_tokens.tokens, name="tokens"),
    path("account/tokens/<name:public_id>/revoke", account_tokens.revoke, name="token-revoke"),
    path("audit", audit.audit, name="audit"),
    path("invitations", account_invitations.invitations, name="invitations"),
    path("invitations/<name:link>", account_invitations.accept, name="invitation"),
    path("invitations/<name:public_id>/revoke", account_invitations.revoke, name="invitation-revoke"),
    path("logout", LogoutView.as_view(), name="logout"),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("admin/", admin.site.urls),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path(
        "api/docs/",
        SpectacularSwaggerSplitView.as_view(url_name="schema", template_name="core/api_docs.html"),
        name="docs",
    ),
    re_path(r"^api/", json_not_found),
]

handler400 = "apps.board.views.errors.bad_request"
handler500 = "apps.board.views.errors.server_error"
