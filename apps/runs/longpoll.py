"""The lease endpoint that waits: async, one LISTEN connection for the whole process, none per waiting agent."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any, TypeVar

import psycopg
from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import connections
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from apps.core.api.body import read_json
from apps.core.api.errors import error_body
from apps.core.errors import TooLarge, UserError
from apps.fleet.authentication import find_agent, refusal
from apps.fleet.models import Agent, Attachment
from apps.runs import lease_once
from apps.runs.bell import Bell
from apps.runs.notify import CHANNEL, Queued
from runners import wire

log = logging.getLogger(__name__)
RECONNECT_S = 1.0
R = TypeVar("R")


class Listener:
    """Rings the bell of this process when Postgres says that runs were queued."""

    def __init__(self, bell: Bell) -> None:
        self._bell = bell
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Listen from now on; nothing where it does already."""
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._listen())

    async def _listen(self) -> None:
        while True:
            try:
                await self._listen_once()
            except psycopg.OperationalError as exc:
                log.warning("lost the connection that listens for runs (%s): connecting again", exc)
                await asyncio.sleep(RECONNECT_S)

    async def _listen_once(self) -> None:
        connect = connections["default"].get_connection_params()
        names = ("dbname", "user", "password", "host", "port", "sslmode")
        target = {name: connect[name] for name in names if connect.get(name)}
        async with await psycopg.AsyncConnection.connect(autocommit=True, **target) as connection:
            await connection.execute(f"LISTEN {CHANNEL}")
            self._bell.ring_all()
            async for message in connection.notifies():
                queued = Queued.read(message.payload)
                self._bell.ring(queued.engine, queued.runs)


bell = Bell()
listener = Listener(bell)


@csrf_exempt
@require_POST
async def lease(request: HttpRequest) -> HttpResponse:
    """`POST lease`: 200 with a run, or 204 after `wait_s`."""
    try:
        agent, message, attachments = await _in_thread(_open, request.headers.get("Authorization", ""), _body(request))
        answer = await _wait(agent, attachments, message)
    except UserError as exc:
        body = error_body(type=exc.type, title=exc.title, detail=exc.detail, errors=exc.errors)
        return JsonResponse(body, status=exc.status)
    if answer is None:
        return HttpResponse(status=204)
    return HttpResponse(answer.model_dump_json(), content_type="application/json")


def _body(request: HttpRequest) -> bytes:
    problem = TooLarge(f"A lease request has at most {settings.MAX_JSON_BYTES:,} bytes: send less.")
    try:
        body = request.body
    except RequestDataTooBig:
        raise problem from None
    if len(body) > settings.MAX_JSON_BYTES:
        raise problem
    return body


async def _wait(agent: Agent, attachments: list[Attachment], message: wire.LeaseRequest) -> wire.LeaseAnswer | None:
    """Try, and try again at every call, until `wait_s` is over."""
    deadline = asyncio.get_running_loop().time() + message.wait_s
    engines = frozenset(engine.name for device in message.devices for engine in device.engines)
    listener.start()
    with bell.waiter(engines) as waiter:
        while True:
            with waiter.answering() as got:
                answer = await _in_thread(lease_once.try_lease, agent, attachments, message)
                got.append(answer is not None)
            # One that is to end has nothing to wait for.
            if answer is not None or agent.is_draining:
                return answer
            try:
                async with asyncio.timeout_at(deadline):
                    await waiter.wait()
            except TimeoutError:
                # It may have been granted meanwhile to a repetition of it, whose answer was lost.
                return await _in_thread(lease_once.repeat_lease, agent, message)


class Unauthorized(UserError):
    status = 401
    type = "authentication-failed"
    title = "Authentication failed"


def _open(authorization: str, body: bytes) -> tuple[Agent, wire.LeaseRequest, list[Attachment]]:
    scheme, _, token = authorization.partition(" ")
    secret = token.strip() if scheme.lower() == "bearer" else ""
    agent = find_agent(secret)
    if agent is None:
        raise Unauthorized(refusal(secret))
    message = lease_once.read_request(read_json(body))
    return agent, message, lease_once.arrive(agent, message)


async def _in_thread(function: Callable[..., R], *args: Any) -> R:
    """Run a database call in a thread, and give its connection back to the pool at once."""

    def call() -> R:
        try:
            return function(*args)
        finally:
            connections.close_all()

    return await sync_to_async(call, thread_sensitive=False)()
