"""Which artifact a run executes."""

from django.db.models import Q, QuerySet

from apps.catalog.models import Artifact, Network, Precision, Protocol
from apps.catalog.models.protocol import ProtocolKind
from runners.statistics.stated_weights import accuracy_refusal

_FROM_ONNX = (
    "onnxruntime",
    "onnx",
    "stub",
    "ncnn",
    "openvino",
    "mnn",
    "onnxruntime-tensorrt",
    "onnxruntime-cuda",
    "trtexec",
)
ENGINE_FORMATS = dict.fromkeys(_FROM_ONNX, "onnx") | {"paddle-lite": "paddle-lite", "tflite": "tflite"}
"""The file format each engine is sent; an engine with a format of its own that ONNX can become converts it itself."""


def wanted_precision(network: Network, protocol: Protocol) -> str:
    """The precision of the file that is sent.

    An int8 model is never measured with an fp32 file. A protocol's FP16 is made of the model's own file where it is
    executed, by the engine or by its converter.
    """
    if network.precision == Precision.INT8 or protocol.precision == Precision.FP16:
        return network.precision
    return protocol.precision or network.precision


def executed_precision(artifact_precision: str, protocol: Protocol) -> str:
    """The precision in which an artifact is executed: int8 stays int8, the others do what the protocol asks for."""
    return artifact_precision if artifact_precision == Precision.INT8 else (protocol.precision or artifact_precision)


def find_artifact(*, network: Network, engine: str, protocol: Protocol) -> Artifact | None:
    """The newest artifact of the network itself, else of its architecture; None where there is none.

    Latency, storage and complexity do not depend on weights, so siblings share the architecture's artifact, and one
    that the catalogue built goes before an upload: whoever uploads weights for their accuracy changes neither the file
    that everybody's latency is measured with nor the agents that take it. Accuracy does depend on them: only trained
    weights of the network itself, whose input preparation somebody stated, will do.
    """
    artifacts = Artifact.objects.filter(
        format=ENGINE_FORMATS.get(engine), precision=wanted_precision(network, protocol)
    )
    if protocol.kind == ProtocolKind.ACCURACY:
        return _trained(artifacts.order_by("-id"), network)
    of_the_shape = artifacts.filter(Q(network=network) | Q(network=None, architecture=network.architecture))
    return of_the_shape.order_by("is_uploaded", "network_id", "-id").first()


def _trained(artifacts: QuerySet[Artifact], network: Network) -> Artifact | None:
    own = artifacts.filter(network=network).exclude(input_preparation={})
    return next((artifact for artifact in own if not accuracy_refusal(artifact.weights_kind)), None)
