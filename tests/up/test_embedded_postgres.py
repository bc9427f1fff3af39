"""The bundled PostgreSQL, really started."""

import os
import signal
from pathlib import Path

import psutil
import psycopg
import pytest

from tests.up.waiting import wait_until
from zooboard.up.embedded import ServerFailedError
from zooboard.up.postgres import EmbeddedPostgres, binary
from zooboard.up.unprivileged import AS_NOBODY

pytestmark = pytest.mark.timeout(240)


@pytest.fixture
def postgres(tmp_path: Path, socket_dir: Path) -> EmbeddedPostgres:
    return EmbeddedPostgres(tmp_path / "postgres", socket_dir, is_durable=False)


def scalar(server: EmbeddedPostgres, query: str) -> object:
    with psycopg.connect(server.url) as connection:
        row = connection.execute(query).fetchone()
        assert row is not None
        return row[0]


def keep_42(server: EmbeddedPostgres) -> None:
    with psycopg.connect(server.url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS n")


def test_data_survives_a_restart(postgres: EmbeddedPostgres) -> None:
    with postgres:
        keep_42(postgres)

    with postgres:
        kept = scalar(postgres, "SELECT n FROM kept")

    assert kept == 42


def test_server_listens_on_no_port_and_sorts_like_everywhere(postgres: EmbeddedPostgres) -> None:
    with postgres:
        addresses = scalar(postgres, "SHOW listen_addresses")
        in_order = scalar(postgres, "SELECT array_agg(t ORDER BY t) FROM unnest(ARRAY['b', 'a', 'B', 'é']) t")

    assert addresses == ""
    assert in_order == ["B", "a", "b", "é"]


def test_stop_leaves_no_process_and_no_socket(postgres: EmbeddedPostgres) -> None:
    with postgres:
        assert postgres.process is not None
        pid = postgres.process.pid

    assert not psutil.pid_exists(pid)
    assert list(postgres.socket_dir.iterdir()) == []


def test_committed_data_survives_kill_9(tmp_path: Path, socket_dir: Path) -> None:
    postgres = EmbeddedPostgres(tmp_path / "postgres", socket_dir)
    postgres.start()
    assert postgres.process is not None
    keep_42(postgres)
    postgres.process.kill()
    postgres.process.wait()

    with postgres:
        kept = scalar(postgres, "SELECT n FROM kept")

    assert kept == 42


def test_stale_pid_file_that_names_a_living_process_does_not_block(postgres: EmbeddedPostgres) -> None:
    with postgres:
        lines = (postgres.data_dir / "postmaster.pid").read_text().splitlines()
    lines[0] = str(os.getppid())
    (postgres.data_dir / "postmaster.pid").write_text("\n".join(lines) + "\n")

    with postgres:
        assert postgres.is_ready()


def test_second_server_on_the_same_data_is_refused_and_the_first_unharmed(
    postgres: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zooboard.up.postgres.ORPHANS_LEAVE_WITHIN_S", 0.1)
    second = EmbeddedPostgres(postgres.data_dir, postgres.socket_dir)

    with postgres:
        with pytest.raises(ServerFailedError, match="already runs on"):
            second.start()
        assert postgres.is_ready()


def test_half_made_cluster_is_not_used(postgres: EmbeddedPostgres) -> None:
    partial = postgres.data_dir.with_suffix(".partial")
    partial.mkdir()
    (partial / "PG_VERSION").write_text("18\n")

    with postgres:
        assert postgres.is_ready()

    assert not partial.exists()


def test_server_that_cannot_start_says_where_the_reason_is(postgres: EmbeddedPostgres) -> None:
    postgres.data_dir.mkdir()

    with pytest.raises(ServerFailedError, match=r"postgres\.log"):
        postgres.start()

    assert postgres.process is None


def test_postgres_stops_when_its_parent_is_killed(tmp_path: Path, socket_dir: Path) -> None:
    parent = os.fork()
    if parent == 0:
        EmbeddedPostgres(tmp_path / "postgres", socket_dir, is_durable=False).start()
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(parent, 0)

    wait_until(lambda: not (tmp_path / "postgres" / "postmaster.pid").exists())

    assert "database system is shut down" in (tmp_path / "postgres.log").read_text()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become somebody else")
def test_root_without_user_namespaces_runs_it_as_nobody_below_private_folders(tmp_path: Path, socket_dir: Path) -> None:
    tmp_path.chmod(0o700)
    own = EmbeddedPostgres(tmp_path / "postgres", socket_dir, is_durable=False)
    with own:
        keep_42(own)

    as_nobody = EmbeddedPostgres(tmp_path / "postgres", socket_dir, is_durable=False, way=AS_NOBODY)
    with as_nobody:
        assert as_nobody.process is not None
        uid = psutil.Process(as_nobody.process.pid).uids().effective
        kept = scalar(as_nobody, "SELECT n FROM kept")

    assert (uid, kept) == (AS_NOBODY.uid, 42)
    with own:
        assert scalar(own, "SELECT n FROM kept") == 42


def test_bundle_has_the_programs_that_the_operations_page_names() -> None:
    assert [name for name in ("initdb", "psql", "pg_dump", "pg_restore") if not binary(name).is_file()] == []
