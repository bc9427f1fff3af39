"""`/models/<name>`: everything known of one model; and the files of artifacts."""

from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.views import redirect_to_login
from django.core.files.storage import storages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from apps.board.model_artifacts import artifact_row, usable_artifacts
from apps.board.model_cite import citations
from apps.board.model_dominance import dominance_block
from apps.board.model_history import change_rows, history_chart
from apps.board.model_pairs import published_pairs
from apps.board.model_reproduce import reproduction
from apps.board.model_siblings import sibling_table
from apps.board.model_stages import stage_block
from apps.board.model_submitted import submitted_values
from apps.board.model_values import headline_numbers, value_groups
from apps.board.previews import preview
from apps.board.views.cacheable import kept_page
from apps.board.views.errors import answers_user_errors
from apps.catalog.models import ArtifactFile, Network
from apps.core.api.parameters import check_known, one_of
from apps.core.api.renderers import dumps
from apps.results.agreement import comparisons_of
from apps.results.board_token import both_tokens, results_token
from apps.results.history import load_history
from apps.results.leaderboard import load_board
from apps.results.level_changes import level_changes
from apps.results.models import Origin

FORMATS = ("html", "json")


@answers_user_errors
def model(request: HttpRequest, name: str) -> HttpResponse:
    check_known(request.GET, ("format",))
    shape = one_of(request.GET, "format", FORMATS, "html")
    token, results = both_tokens()

    def render() -> HttpResponse:
        return _model(request, name, token, is_json=shape == "json")

    if shape == "json":
        return render()
    return kept_page(request, state=_state, said=_on_this_day(results), is_shared=False, render=render)


def _state() -> str:
    return _on_this_day(results_token())


def _on_this_day(results: str) -> str:
    """What a model's page shows changes with results, with what the board shows, and with the day of its citation."""
    return f"{results} {timezone.now():%Y-%m-%d}"


def _model(request: HttpRequest, name: str, token: str, *, is_json: bool) -> HttpResponse:
    network = Network.objects.select_related("family", "architecture", "base").filter(name=name).first()
    board = load_board(network.task, token=token) if network else None
    row = next((row for row in board.rows if row.model == name), None) if board else None
    if network is None or board is None or row is None:
        raise Http404(f"There is no model {name}.")
    artifacts = usable_artifacts(network)
    history = load_history(network)
    changes = level_changes(history)
    data: dict[str, Any] = {
        "headlines": headline_numbers(board, row),
        "groups": value_groups(board, row),
        "submitted": submitted_values(name),
        "siblings": sibling_table(board, row),
        "dominance": dominance_block(board, row),
        "pairs": published_pairs(board, row, comparisons_of(board)),
        "artifacts": [artifact_row(artifact, network) for artifact in artifacts],
        "changes": change_rows(board, changes),
    }
    if is_json:
        stated = {"model": name, "family": network.family.slug, **data, "stages": network.architecture.stages}
        return HttpResponse(dumps(stated), content_type="application/json")
    pairs = data.pop("pairs")
    numbers = [f"{n['label']} {n['text']} {n['unit']}".strip() + f" ({n['source']})" for n in data["headlines"]]
    context = {
        "network": network,
        "preview": preview(request, title=name, text=f"{name}: {', '.join(numbers)}", select=name),
        **data,
        "pairs": [each[0] for each in pairs],
        "other_pairs": [pair for each in pairs for pair in each[1:]],
        "stages": stage_block(network),
        "history": history_chart(board, history, changes),
        "results_url": f"/api/v1/results/?{urlencode({'model': name, 'origin': Origin.RUN})}",
        "steps": reproduction(board, row, network, artifacts, site_url=request.build_absolute_uri("/").rstrip("/")),
        "citation": citations(network, row, url=_address(request, name), today=timezone.now().date()),
        "today": timezone.now(),
    }
    return render(request, "board/model.html", context)


@answers_user_errors
def artifact_file(request: HttpRequest, sha256: str, name: str) -> HttpResponseBase:
    """A file whose bytes the site keeps; one that is built from its recipe has no download.

    What somebody uploaded is for accounts only: the site does not know under which licence it may be passed on.
    """
    check_known(request.GET, ())
    file = (
        ArtifactFile.objects.select_related("artifact__architecture").filter(artifact__sha256=sha256, name=name).first()
    )
    storage = storages["artifacts"]
    if file is None or not storage.exists(file.storage_name):
        raise Http404(f"The site does not store {name} of artifact {sha256}.")
    if file.artifact.is_uploaded and not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    as_name = f"{file.artifact.architecture.name}.{file.artifact.precision}.{file.name}"
    return FileResponse(storage.open(file.storage_name), as_attachment=True, filename=as_name)


def _address(request: HttpRequest, name: str) -> str:
    return request.build_absolute_uri(reverse("model", args=[name]))
