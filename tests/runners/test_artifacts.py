from __future__ import annotations

import hashlib
import threading
from pathlib import Path

import pytest

from runners import download, wire
from runners.answers import RefusedError, UnavailableError
from runners.artifacts import ArtifactCache
from runners.client import SiteClient
from runners.download import ArtifactError, DownloadStopped
from runners.retry import Backoff
from runners.zoo import catalogue
from tests.runners.site_double import ARTIFACT_BYTES, Reply, SiteDouble, make_artifact, problem

ARTIFACT = make_artifact()
SMALLEST = "ShuffleNetV2_x0_25"


@pytest.fixture
def cache(client: SiteClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ArtifactCache:
    monkeypatch.setattr(download, "Backoff", lambda: Backoff(first_s=0.001, cap_s=0.01))
    return ArtifactCache(tmp_path, client, print)


def obtain(cache: ArtifactCache, artifact: wire.Artifact = ARTIFACT) -> bytes:
    return (cache.obtain(artifact, should_stop=threading.Event()) / "model.onnx").read_bytes()


def ranges(site: SiteDouble) -> list[str | None]:
    return [call.headers.get("range") for call in site.calls("artifacts")]


def test_an_artifact_is_downloaded_once(site: SiteDouble, cache: ArtifactCache) -> None:
    assert cache.hashes() == []

    assert obtain(cache) == ARTIFACT_BYTES
    assert obtain(cache) == ARTIFACT_BYTES

    assert len(site.calls("artifacts")) == 1
    assert cache.hashes() == [ARTIFACT.sha256]


def test_only_whole_artifacts_are_announced(cache: ArtifactCache, tmp_path: Path) -> None:
    obtain(cache)
    (tmp_path / "lost+found").mkdir()
    (tmp_path / ("0" * 64)).mkdir()
    (tmp_path / ("1" * 64)).mkdir()
    (tmp_path / ("1" * 64) / "model.onnx.part").write_bytes(ARTIFACT_BYTES[:10])

    assert cache.hashes() == [ARTIFACT.sha256]


def test_a_corrupt_copy_is_deleted_and_fetched_again(site: SiteDouble, cache: ArtifactCache, tmp_path: Path) -> None:
    obtain(cache)
    (tmp_path / ARTIFACT.sha256 / "model.onnx").write_bytes(ARTIFACT_BYTES[:-1] + b"!")

    assert obtain(cache) == ARTIFACT_BYTES

    assert ranges(site) == [None, None]


def test_a_cut_connection_is_resumed_where_it_stopped(site: SiteDouble, cache: ArtifactCache) -> None:
    site.script("artifacts", Reply(cut_at=1_000), Reply(cut_at=500))

    assert obtain(cache) == ARTIFACT_BYTES

    assert ranges(site) == [None, "bytes=1000-", "bytes=1500-"]


def test_a_site_without_ranges_is_read_from_the_beginning(site: SiteDouble, cache: ArtifactCache) -> None:
    site.script("artifacts", Reply(cut_at=1_000), Reply(200, ARTIFACT_BYTES))

    assert obtain(cache) == ARTIFACT_BYTES


def test_another_range_than_the_wanted_one_is_not_appended(site: SiteDouble, cache: ArtifactCache) -> None:
    wrong = Reply(206, ARTIFACT_BYTES[900:], {"Content-Range": "bytes 900-102399/102400"})
    site.script("artifacts", Reply(cut_at=1_000), wrong)

    assert obtain(cache) == ARTIFACT_BYTES

    assert ranges(site) == [None, "bytes=1000-", None]


def test_a_range_the_site_does_not_have_starts_from_the_beginning(
    site: SiteDouble, cache: ArtifactCache, tmp_path: Path
) -> None:
    part = tmp_path / ARTIFACT.sha256 / "model.onnx.part"
    part.parent.mkdir()
    part.write_bytes(ARTIFACT_BYTES + b"of something longer")

    assert obtain(cache) == ARTIFACT_BYTES

    assert ranges(site) == [f"bytes={len(ARTIFACT_BYTES) + 19}-", None]


@pytest.mark.parametrize("sent", [ARTIFACT_BYTES[:-1], ARTIFACT_BYTES + b"!", b"?" * len(ARTIFACT_BYTES), b""])
def test_other_bytes_than_the_manifest_says_are_refused_with_both_hashes(
    site: SiteDouble, cache: ArtifactCache, tmp_path: Path, sent: bytes
) -> None:
    site.files["model.onnx"] = sent

    with pytest.raises(ArtifactError) as error:
        obtain(cache)

    assert hashlib.sha256(sent).hexdigest() in str(error.value)
    assert ARTIFACT.files[0].sha256 in str(error.value)
    assert list((tmp_path / ARTIFACT.sha256).iterdir()) == []
    site.files["model.onnx"] = ARTIFACT_BYTES
    assert obtain(cache) == ARTIFACT_BYTES


def test_a_manifest_that_has_another_hash_is_refused_before_anything_is_fetched(
    site: SiteDouble, cache: ArtifactCache
) -> None:
    forged = ARTIFACT.model_copy(update={"precision": "fp16"})

    with pytest.raises(ArtifactError, match=ARTIFACT.sha256):
        obtain(cache, forged)

    assert site.calls("artifacts") == []


def test_a_site_that_stays_down_ends_the_tries(site: SiteDouble, cache: ArtifactCache) -> None:
    site.script("artifacts", *[problem(503, "Down.")] * 20)

    with pytest.raises(UnavailableError):
        obtain(cache)

    assert len(site.calls("artifacts")) == download.TRIES_WITHOUT_PROGRESS


def test_a_refusal_is_not_repeated(site: SiteDouble, cache: ArtifactCache) -> None:
    site.script("artifacts", problem(404, "No such artifact."))

    with pytest.raises(RefusedError, match="No such artifact"):
        obtain(cache)

    assert len(site.calls("artifacts")) == 1


def test_a_stopped_attempt_stops_its_download(site: SiteDouble, cache: ArtifactCache) -> None:
    should_stop = threading.Event()
    should_stop.set()

    with pytest.raises(DownloadStopped):
        cache.obtain(ARTIFACT, should_stop=should_stop)

    assert site.calls("artifacts") == []


def test_an_artifact_larger_than_the_disk_is_refused_before_it_is_fetched(
    site: SiteDouble, cache: ArtifactCache
) -> None:
    file = ARTIFACT.files[0].model_copy(update={"size_bytes": 1 << 60})
    sha256 = wire.manifest_sha256(format="onnx", precision="fp32", files=[file])
    huge = ARTIFACT.model_copy(update={"files": [file], "sha256": sha256})

    with pytest.raises(ArtifactError, match="Free some disk"):
        obtain(cache, huge)

    assert site.calls("artifacts") == []


def test_a_recipe_of_this_builder_is_built_here(site: SiteDouble, cache: ArtifactCache) -> None:
    artifact = catalogue.artifact(SMALLEST)

    built = obtain(cache, artifact)

    assert hashlib.sha256(built).hexdigest() == artifact.files[0].sha256
    assert site.calls("artifacts") == []


@pytest.mark.parametrize(
    "recipe",
    [
        wire.Recipe(builder="another-builder", architecture=SMALLEST, seed=0),
        wire.Recipe(builder=catalogue.BUILDER, architecture="NetworkOfTomorrow", seed=0),
        wire.Recipe(builder=catalogue.BUILDER, architecture=SMALLEST, seed=0),
    ],
    ids=["unknown builder", "unknown architecture", "other bytes"],
)
def test_what_cannot_be_built_here_is_downloaded(site: SiteDouble, cache: ArtifactCache, recipe: wire.Recipe) -> None:
    assert obtain(cache, make_artifact(recipe=recipe)) == ARTIFACT_BYTES

    assert ranges(site) == [None]


def test_every_file_of_an_artifact_is_fetched(site: SiteDouble, cache: ArtifactCache) -> None:
    site.files = {"net.param": b"layers", "net.bin": b"weights"}
    files = [
        wire.ArtifactFile(name=name, sha256=hashlib.sha256(content).hexdigest(), size_bytes=len(content))
        for name, content in site.files.items()
    ]
    sha256 = wire.manifest_sha256(format="ncnn", precision="fp32", files=files)
    artifact = wire.Artifact(sha256=sha256, format="ncnn", precision="fp32", weights="random", files=files)

    folder = cache.obtain(artifact, should_stop=threading.Event())

    assert {path.name: path.read_bytes() for path in folder.iterdir()} == site.files
