"""A whole agent in one file, written from docs/agent-protocol.md alone: the standard library and nothing else.

    python minimal_agent.py http://127.0.0.1:8000 CODE FOLDER

It offers a simulated CPU with the engine `stub`, executes one run, and keeps token and result in FOLDER. What it times
is the hash of the network's file: a stand-in for an inference, on a device that says it is simulated.
"""

import gzip
import hashlib
import http.client
import json
import random
import subprocess
import sys
import threading
import time
import uuid
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlsplit

Json = dict[str, Any]
RELEASE = "minimal 1"
EXIT_CODES = {401: 3, 426: 4}


class Refused(Exception):
    """The site said no, and would say so again."""

    def __init__(self, status: int, body: bytes) -> None:
        self.status, self.told = status, read(body)
        super().__init__(f"{status}: {self.told.get('detail', 'no reason given')} {self.told.get('errors', '')}")


class Site:
    """Calls of the agent API, repeated for as long as the site is away or busy."""

    def __init__(self, address: str, token: str = "") -> None:
        self.address, self.token = address.rstrip("/"), token

    def post(self, path: str, message: Json, *, timeout_s: float = 15) -> Json:
        return read(self.call("POST", path, json.dumps(message).encode(), timeout_s=timeout_s))

    def call(self, method: str, path: str, body: bytes = b"", *, timeout_s: float = 15, **headers: str) -> bytes:
        sent = {"Zooboard-Wire-Version": "1", "Content-Type": "application/json", **headers}
        sent |= {"Authorization": f"Bearer {self.token}"} if self.token else {}
        wait_s = 0.5
        while True:
            status, asked_s, content = self._try(method, path, body, sent, timeout_s)
            if 200 <= status < 300:
                return content
            if status != 429 and status < 500:
                raise Refused(status, content)
            time.sleep(max(asked_s, random.SystemRandom().uniform(wait_s / 2, wait_s)))
            wait_s = min(2 * wait_s, 30)

    def _try(self, method: str, path: str, body: bytes, sent: Json, timeout_s: float) -> tuple[int, int, bytes]:
        url = urlsplit(path if "://" in path else f"{self.address}/api/v1/agent/{path}")
        connect = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
        connection = connect(url.netloc, timeout=timeout_s)
        try:
            connection.request(method, f"{url.path}?{url.query}", body, sent)
            answer = connection.getresponse()
            asked = answer.headers.get("Retry-After", "")
            return answer.status, int(asked) if asked.isdigit() else 0, answer.read()
        except (OSError, http.client.HTTPException):
            return 503, 0, b""
        finally:
            connection.close()


class Attempt:
    """One order, from the first heartbeat to the compressed result."""

    def __init__(self, site: Site, lease: Json, folder: Path) -> None:
        self.site, self.order, self.network = site, lease["order"], folder / "network"
        self.token, self.every_s = lease["lease_token"], lease["settings"]["heartbeat_every_s"]
        self.progress: Json = {"phase": "prepare"}
        self.log_bytes = 0
        self.is_over = threading.Event()

    def beat(self) -> None:
        """Keep the lease, until it is gone or the run was cancelled."""
        message = {"lease_token": self.token, "progress": self.progress, "client_time": now()}
        try:
            is_over = self.site.post("heartbeat", message)["action"] == "cancel"
        except Refused as refused:
            is_over = refused.status in (401, 409, 426)
        if is_over:
            self.is_over.set()

    def keep(self) -> None:
        while not self.is_over.wait(self.every_s):
            self.beat()

    def say(self, line: str) -> None:
        """Append to the log; a 416 says how much of it the site has."""
        text, headers = f"{now()} {line}\n".encode(), {"Zooboard-Lease": self.token, "Content-Type": "text/plain"}
        for _ in range(2):
            path = f"log?attempt={self.order['attempt_id']}&offset={self.log_bytes}"
            try:
                self.log_bytes = read(self.site.call("PUT", path, text, **headers))["size"]
                return
            except Refused as refused:
                self.log_bytes = refused.told.get("size", self.log_bytes)

    def run(self) -> bytes | None:
        """None where there is nothing to send."""
        self.beat()
        threading.Thread(target=self.keep, daemon=True).start()
        started_at = now()
        try:
            self.fetch()
            processes = [self.measure(number) for number in range(self.order["protocol"]["processes"])]
        except (Refused, OSError, ValueError, subprocess.CalledProcessError) as error:
            if not self.is_over.is_set():
                why = {"kind": "infrastructure", "reason": str(error)[:4000]}
                self.site.post("fail", {"lease_token": self.token, **why})
            return None
        return None if self.is_over.is_set() else gzip.compress(json.dumps(self.result(processes, started_at)).encode())

    def fetch(self) -> None:
        """The network's file, if its manifest and its bytes have the hashes that the order names."""
        artifact, [file] = self.order["artifact"], self.order["artifact"]["files"]
        manifest = {"files": [file], "format": artifact["format"], "precision": artifact["precision"]}
        canonical = json.dumps(manifest, sort_keys=True, separators=(",", ":"))
        content = self.site.call("GET", f"artifacts/{artifact['sha256']}/{file['name']}")
        if (sha256(canonical.encode()), sha256(content)) != (artifact["sha256"], file["sha256"]):
            raise ValueError(f"{file['name']} has sha256 {sha256(content)}, its manifest says {file['sha256']}.")
        self.network.write_bytes(content)

    def measure(self, number: int) -> Json:
        if self.is_over.is_set():
            return {}
        self.progress = {"phase": "process", "done": number, "total": self.order["protocol"]["processes"]}
        command = [sys.executable, __file__, "--child", str(self.network), json.dumps(self.order["protocol"])]
        samples = read(subprocess.run(command, check=True, capture_output=True).stdout)
        self.say(f"process {number + 1}: median {median(samples['wall_ns']) / 1e6:.4g} ms")
        return samples

    def result(self, processes: list[Json], started_at: str) -> Json:
        order, protocol = self.order, self.order["protocol"]
        said = {name: order[name] for name in ("run_id", "attempt_id", "model", "engine", "device_fingerprint")}
        said |= {"protocol_slug": protocol["slug"], "protocol_version": protocol["version"]}
        said |= {"lease_token": self.token, "artifact_sha256": order["artifact"]["sha256"]}
        said |= {"engine_release": RELEASE, "runner_version": RELEASE, "environment": {"runner": RELEASE}}
        stated_ns = median(sample for process in processes for sample in process["wall_ns"])
        record = {"kind": "latency", "processes": processes, "stated_median_ns": stated_ns, "output_sha256": "0" * 64}
        return said | {"started_at": started_at, "finished_at": now(), "record": record}


def child(content: bytes, protocol: Json) -> Json:
    """What one process measures: warm-ups, then at least `repeats` samples and at least `min_duration_s`."""
    (first_ns, _), *warmup = [timed(content) for _ in range(protocol["warmup"] + 1)]
    samples: list[tuple[int, int]] = []
    until = time.monotonic() + protocol["min_duration_s"]
    while len(samples) < protocol["repeats"] or time.monotonic() < until:
        samples.append(timed(content))
    wall_ns, cpu_ns = zip(*samples, strict=True)
    before = {"load_ns": 0, "first_ns": first_ns, "warmup_wall_ns": [wall for wall, _ in warmup]}
    return {**before, "wall_ns": wall_ns, "cpu_ns": cpu_ns, "started_at": now()}


def timed(content: bytes) -> tuple[int, int]:
    wall_ns, cpu_ns = time.perf_counter_ns(), time.process_time_ns()
    hashlib.sha256(content)
    return time.perf_counter_ns() - wall_ns, time.process_time_ns() - cpu_ns


def leased(site: Site) -> Json:
    device: Json = {"category": "cpu", "kind_name": "Example CPU", "is_simulated": True}
    device |= {"fingerprint": sha256(f"minimal {uuid.getnode()}".encode())}
    device |= {"engines": [{"name": "stub", "release": RELEASE}]}
    while True:
        lease_url = site.post("heartbeat", {"client_time": now()})["settings"]["lease_url"]
        request = {"request_id": uuid.uuid4().hex, "devices": [device], "wait_s": 25, "runner_version": RELEASE}
        if answer := site.post(lease_url, {**request, "client_time": now()}, timeout_s=35):
            return answer
        time.sleep(1)


def main(address: str, code: str, folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    token, spooled = folder / "token", folder / "result.json.gz"
    if not token.exists():
        answer = Site(address).post("enroll", {"code": code, "name": "minimal-agent", "runner_version": RELEASE})
        token.touch(mode=0o600)
        token.write_text(answer["token"])
    site = Site(address, token.read_text())
    if not spooled.exists() and (result := Attempt(site, leased(site), folder).run()):
        spooled.write_bytes(result)
    if spooled.exists():
        packed = {"Content-Encoding": "gzip"}
        print(read(site.call("POST", "result", spooled.read_bytes(), timeout_s=60, **packed))["detail"])
        spooled.unlink()


def read(body: bytes) -> Json:
    """The object in a body; empty where there is none, as in a 204."""
    return dict(json.loads(body)) if body.lstrip().startswith(b"{") else {}


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def now() -> str:
    return datetime.now(UTC).isoformat()


if __name__ == "__main__":
    try:
        if sys.argv[1] == "--child":
            print(json.dumps(child(Path(sys.argv[2]).read_bytes(), json.loads(sys.argv[3]))))
        else:
            main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
    except Refused as refusal:
        print(refusal, file=sys.stderr)
        sys.exit(EXIT_CODES.get(refusal.status, 1))
