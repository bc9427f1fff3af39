"""The sentences by which an artifact states where its weights come from, and what their kind rules out.

The kind travels beside the sentence, from whoever builds a network to whoever asks for its accuracy. A sentence decides
only where there is no kind: in a person's own words, and in files that were built before they had one.
"""

from __future__ import annotations

import re

from runners.wire import WeightsKind

_SEED_UNKNOWN = "unknown"
_INT8 = "int8 QDQ per channel"
_RANDOM = re.compile(rf"random( weights)?( \(seed (\d+|{_SEED_UNKNOWN})\))?(, int8( .*)?)?", re.IGNORECASE | re.DOTALL)
_SEEDED = re.compile(r"(.*, )?calibrated on \d+ seeded inputs", re.DOTALL)

RANDOM_REFUSAL = (
    "These weights are random, so there is no accuracy: use an artifact with trained weights, such as a model of the "
    "zoo that was built by `zooboard-runner zoo build MODEL --weights FILE.pdparams`."
)
SEEDED_REFUSAL = (
    "These int8 weights are calibrated on seeded inputs, for latency and storage only: calibrate them on images by "
    "`zooboard-runner zoo build MODEL --int8 --weights FILE.pdparams --calibrate FOLDER` and measure that file."
)


def random_weights(seed: int | None) -> str:
    """Of a network that the zoo built without a weight file; None where the file does not tell its seed."""
    return f"random (seed {_SEED_UNKNOWN if seed is None else seed})"


def quantized(weights: str, calibration: str) -> str:
    return f"{weights}, {_INT8}, {calibration}"


def on_seeded_inputs(inputs: int) -> str:
    return f"calibrated on {inputs} seeded inputs"


def on_images(images: int, list_digest: str) -> str:
    return f"calibrated on {images} images (list sha256 {list_digest})"


def quantized_kind(kind: WeightsKind, *, is_on_images: bool) -> WeightsKind:
    """Of the int8 network that is made of one of this kind: calibrating trains nothing."""
    return WeightsKind.SEEDED_INT8 if kind == WeightsKind.STATED and not is_on_images else kind


def kind_said(weights: str) -> WeightsKind:
    """The kind that words tell by themselves; a file's name in front of them tells nothing, whatever it is."""
    said = weights.strip()
    if _RANDOM.fullmatch(said):
        return WeightsKind.RANDOM
    return WeightsKind.SEEDED_INT8 if _SEEDED.fullmatch(said) else WeightsKind.STATED


def accuracy_refusal(kind: str) -> str:
    """Why weights of this `WeightsKind` have no accuracy, as a sentence that says what to do; else empty."""
    return {WeightsKind.RANDOM.value: RANDOM_REFUSAL, WeightsKind.SEEDED_INT8.value: SEEDED_REFUSAL}.get(kind, "")
