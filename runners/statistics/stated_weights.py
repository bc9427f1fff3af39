"""The sentences by which an artifact states where its weights come from, and what they rule out.

Whoever builds a network writes them with these functions and whoever needs to know reads them here. Anything else that
a person states, such as a file's name, is taken as trained weights, whatever word it begins with.
"""

from __future__ import annotations

import re

_SEED_UNKNOWN = "unknown"
_INT8 = "int8 QDQ per channel"
_FILE = re.compile(r", as in .*", re.DOTALL)
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


def accuracy_refusal(weights: str) -> str:
    """Why a network with these stated weights has no accuracy, as a sentence that says what to do; else empty."""
    stated = _FILE.sub("", weights.strip())
    if _RANDOM.fullmatch(stated):
        return RANDOM_REFUSAL
    return SEEDED_REFUSAL if _SEEDED.fullmatch(stated) else ""
