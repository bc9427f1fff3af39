"""Which artifact a run executes."""

from django.db.models import Q, QuerySet

from apps.catalog.models import Artifact, Network, Precision, Protocol
from apps.catalog.models.protocol import ProtocolKind

ENGINE_FORMATS = dict.fromkeys(("onnxruntime", "onnx", "stub", "ncnn", "openvino", "mnn"), "onnx")
"""The file format each engine is sent; those with a format of their own convert it on the agent."""


def wanted_precision(network: Network, protocol: Protocol) -> str:
    """An int8 model is never measured with an fp32 file; the others run in what the protocol asks for."""
    return network.precision if network.precision == Precision.INT8 else (protocol.precision or network.precision)


def find_artifact(*, network: Network, engine: str, protocol: Protocol) -> Artifact | None:
    """The newest artifact of the network's own weights, else of its architecture; None where there is none.

    Latency, storage and complexity do not depend on weights, so siblings share the architecture's artifact. Accuracy
    does: only trained weights of the network itself, whose input preparation somebody stated, will do.
    """
    artifacts = Artifact.objects.filter(
        format=ENGINE_FORMATS.get(engine), precision=wanted_precision(network, protocol)
    ).order_by("network_id", "-id")
    if protocol.kind == ProtocolKind.ACCURACY:
        return _trained(artifacts, network).first()
    return artifacts.filter(Q(network=network) | Q(network=None, architecture=network.architecture)).first()


def _trained(artifacts: QuerySet[Artifact], network: Network) -> QuerySet[Artifact]:
    own = artifacts.filter(network=network)
    return own.exclude(weights__istartswith="random").exclude(input_preparation={})
