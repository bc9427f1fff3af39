"""Which artifact a run executes."""

from django.db.models import Q

from apps.catalog.models import Artifact, Network, Precision, Protocol

ENGINE_FORMATS = {"onnxruntime": "onnx", "onnx": "onnx", "stub": "onnx"}
"""The file format each engine loads."""


def find_artifact(*, network: Network, engine: str, protocol: Protocol) -> Artifact | None:
    """The newest artifact of the network's own weights, else of its architecture; None where there is none.

    Latency, storage and complexity do not depend on weights, so siblings share the architecture's artifact; they
    do depend on the precision, so an int8 model is never measured with an fp32 file.
    """
    format = ENGINE_FORMATS.get(engine)
    wanted = network.precision if network.precision == Precision.INT8 else (protocol.precision or network.precision)
    return (
        Artifact.objects.filter(
            Q(network=network) | Q(network=None, architecture=network.architecture), format=format, precision=wanted
        )
        .order_by("network_id", "-id")
        .first()
    )
