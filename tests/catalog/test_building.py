"""Building int8 artifacts with the agent's own builder."""

from io import StringIO

import pytest
from django.core.management import call_command

from apps.catalog.artifacts import find_artifact
from apps.catalog.building import CannotBuild, build_artifact, networks_without_artifact
from apps.catalog.models import Architecture, Artifact, Network, Precision, Protocol
from tests.factories import LATENCY, NOW

pytestmark = pytest.mark.usefixtures("catalogue")

INT8_MODEL = "MobileNetV3_large_x1_0_ssld_int8"


def test_missing_int8_artifact_is_built_once() -> None:
    first, second = StringIO(), StringIO()

    call_command("build_artifacts", stdout=first)
    call_command("build_artifacts", stdout=second)

    network = Network.objects.get(name=INT8_MODEL)
    artifact = find_artifact(network=network, engine="onnxruntime", protocol=Protocol.objects.get(slug=LATENCY))
    assert artifact is not None
    assert (artifact.precision, artifact.is_uploaded) == (Precision.INT8, False)
    assert artifact.weights.startswith("random")
    assert artifact.size_bytes < 8_000_000
    assert INT8_MODEL in first.getvalue()
    assert (second.getvalue(), networks_without_artifact()) == ("", [])


def test_architecture_that_the_builder_does_not_know_leaves_nothing() -> None:
    network = Network.objects.select_related("architecture").get(name=INT8_MODEL)
    network.architecture = Architecture(name="Unheard-of", family=network.family)
    before = Artifact.objects.count()

    with pytest.raises(CannotBuild, match="Unheard-of"):
        build_artifact(network=network, at=NOW)

    assert Artifact.objects.count() == before


def test_failure_is_told_and_does_not_stop_the_command() -> None:
    unknown = Architecture.objects.create(name="Unheard-of", family=Network.objects.get(name=INT8_MODEL).family)
    Network.objects.filter(name=INT8_MODEL).update(architecture=unknown)
    errors = StringIO()

    call_command("build_artifacts", stderr=errors)

    assert f"cannot build the int8 artifact of {INT8_MODEL}" in errors.getvalue()
    assert [network.name for network in networks_without_artifact()] == [INT8_MODEL]
