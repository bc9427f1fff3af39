"""Whether the local agent has to be enrolled, asked of a small site that only knows one token."""

import asyncio
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from zooboard.up.agent import LocalAgent
from zooboard.up.services import Ports
from zooboard.up.state import State
from zooboard.up.supervisor import Supervisor


class OneToken(BaseHTTPRequestHandler):
    """Refuses every token but `known`, and what that one sends as incomplete."""

    def do_POST(self) -> None:
        self.send_response(400 if self.headers["Authorization"] == "Bearer known" else 401)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        return None


@pytest.fixture
def port() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), OneToken) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        yield server.server_port
        server.shutdown()


def local_agent(supervisor: Supervisor, state: State, port: int) -> LocalAgent:
    return LocalAgent(supervisor, state, Ports(port), f"http://127.0.0.1:{port}")


def remember(agent: LocalAgent, **config: str) -> None:
    agent.config_path.write_text(json.dumps({"site": agent.site_url, "name": "local", **config}))


@pytest.mark.parametrize(("token", "expected"), [("known", True), ("revoked", False)])
def test_agent_is_enrolled_while_the_site_knows_its_token(
    supervisor: Supervisor, state: State, port: int, token: str, expected: bool
) -> None:
    agent = local_agent(supervisor, state, port)
    remember(agent, token=token)

    assert asyncio.run(agent.is_enrolled()) is expected


@pytest.mark.parametrize("content", [None, "", "{}", "[]"])
def test_agent_without_a_readable_token_is_not_enrolled(
    supervisor: Supervisor, state: State, port: int, content: str | None
) -> None:
    agent = local_agent(supervisor, state, port)
    if content is not None:
        agent.config_path.write_text(content)

    assert not asyncio.run(agent.is_enrolled())


def test_site_on_another_port_keeps_its_agent(supervisor: Supervisor, state: State, port: int) -> None:
    agent = local_agent(supervisor, state, port)
    remember(agent, token="known", site="http://127.0.0.1:1")

    assert asyncio.run(agent.is_enrolled())

    config = json.loads(agent.config_path.read_text())
    assert config == {"site": agent.site_url, "name": "local", "token": "known"}


def test_site_that_does_not_answer_makes_no_second_agent(supervisor: Supervisor, state: State) -> None:
    agent = local_agent(supervisor, state, 1)
    remember(agent, token="known")

    assert asyncio.run(agent.is_enrolled())
