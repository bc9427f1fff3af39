"""`/devices` and `/devices/<slug>`: the kinds of hardware, and what is known of one."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from apps.board.charts import FRONT_COLUMNS, scatter_chart
from apps.board.device_agents import agent_names, agent_rows, attachments_of
from apps.board.device_board import device_columns, device_table, shown_columns
from apps.board.device_facts import fact_rows, recognition_rows
from apps.board.device_kinds import kind_sections, nature
from apps.board.device_ran import newest_off_board, off_board_rows, ran_rows
from apps.board.device_spread import spread_rows
from apps.board.paging import page_links
from apps.board.text import source_line
from apps.board.views.errors import answers_user_errors
from apps.catalog.models import Configuration, DeviceKind
from apps.core.api.parameters import check_known, one_of
from apps.core.api.renderers import dumps
from apps.fleet.models import Attachment
from apps.results.leaderboard import Board, Column, load_board

FORMATS = ("html", "json")


@answers_user_errors
def devices(request: HttpRequest) -> HttpResponse:
    check_known(request.GET, ("format",))
    shape = one_of(request.GET, "format", FORMATS, "html")
    sections = kind_sections()
    if shape == "json":
        return HttpResponse(dumps(sections), content_type="application/json")
    return render(request, "board/devices.html", {"nav": "devices", **sections})


@answers_user_errors
def device(request: HttpRequest, slug: str) -> HttpResponse:
    check_known(request.GET, ("format", "sort", "page"))
    shape = one_of(request.GET, "format", FORMATS, "html")
    kind = DeviceKind.objects.select_related("simulates").filter(slug=slug).first()
    if kind is None:
        raise Http404(f"There is no kind of device {slug}.")
    attachments = attachments_of(kind)
    board = load_board()
    configurations = set(Configuration.objects.filter(device_kind=kind).values_list("slug", flat=True))
    data = {
        "facts": fact_rows(kind),
        "recognition": recognition_rows(kind),
        **_what_ran(request, kind, board, device_columns(board, configurations), attachments),
        "agents": agent_rows(attachments, at=timezone.now()),
    }
    if shape == "json":
        table = {"table": {**data["table"], "page": None}} if "table" in data else {}
        return HttpResponse(dumps({"device": slug, **data, **table}), content_type="application/json")
    context = {
        "nav": "devices",
        "kind": kind,
        "nature": nature(kind),
        "agent_count": len({attachment.agent_id for attachment in attachments}),
        "simulators": list(kind.simulators.all()),
        **data,
        **_drawn(request, board, data),
    }
    return render(request, "board/device.html", context)


def _what_ran(
    request: HttpRequest, kind: DeviceKind, board: Board, columns: list[Column], attachments: list[Attachment]
) -> dict[str, Any]:
    """What the board has of a real kind; of others, which never get there, their own values."""
    if nature(kind) != "real":
        return {"off_board": off_board_rows(kind), "newest": newest_off_board(kind), "keys": []}
    shown = shown_columns(board, columns)
    return {
        "ran": ran_rows(board, columns),
        "table": device_table(board, columns, shown, request.GET),
        "spread": spread_rows(board, columns, agent_names(attachments)),
        "keys": [column.key for column in columns],
    }


def _drawn(request: HttpRequest, board: Board, data: dict[str, Any]) -> dict[str, Any]:
    """The chart of accuracy against the first latency of the kind, and the links to further pages of its table."""
    latency = next((key for key in data["keys"] if key.startswith("latency.")), None)
    if latency is None:
        return {}
    rows = [row for row in board.rows if latency in row.cells]
    cells = (cell for row in rows for key in (latency, FRONT_COLUMNS[0]) if (cell := row.cells.get(key)))
    chart = scatter_chart(board, rows, y_key=FRONT_COLUMNS[0], x_key=latency)
    return {
        "chart": {**chart, "source": source_line(cells)} if chart else None,
        "page": page_links(request.GET, data["table"]["page"]),
    }
