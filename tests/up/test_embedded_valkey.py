"""The bundled Valkey, really started."""

from pathlib import Path

import psutil
import pytest
import redis

from zooboard.up.valkey import EmbeddedValkey

pytestmark = pytest.mark.timeout(240)


@pytest.fixture
def valkey(tmp_path: Path, socket_dir: Path) -> EmbeddedValkey:
    return EmbeddedValkey(tmp_path / "valkey", socket_dir)


def test_data_survives_a_restart(valkey: EmbeddedValkey) -> None:
    with valkey, redis.Redis.from_url(valkey.url) as client:
        client.set("kept", "42")

    with valkey, redis.Redis.from_url(valkey.url) as client:
        kept = client.get("kept")

    assert kept == b"42"


def test_server_starts_again_after_kill_9_left_its_socket(valkey: EmbeddedValkey) -> None:
    valkey.start()
    assert valkey.process is not None
    with redis.Redis.from_url(valkey.url) as client:
        client.set("kept", "42")
    valkey.process.kill()
    valkey.process.wait()
    assert valkey.socket_path.exists()

    with valkey, redis.Redis.from_url(valkey.url) as client:
        kept = client.get("kept")

    assert kept == b"42"


def test_server_has_no_port_and_only_we_may_use_its_socket(valkey: EmbeddedValkey) -> None:
    with valkey:
        assert valkey.process is not None
        listening = psutil.Process(valkey.process.pid).net_connections("inet")
        mode = valkey.socket_path.stat().st_mode & 0o777

    assert (listening, oct(mode)) == ([], "0o700")


def test_stop_leaves_no_process(valkey: EmbeddedValkey) -> None:
    with valkey:
        assert valkey.process is not None
        pid = valkey.process.pid

    assert not psutil.pid_exists(pid)
