"""Builds the file of a model: random or given weights, fp32 or int8, and says what it is."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Literal

import onnx
from pydantic import BaseModel, ConfigDict

from runners.statistics import stated_weights
from runners.wire import WeightsKind
from runners.zoo import catalogue, complexity, pdparams, provenance
from runners.zoo.inspect import InspectedWeights, inspect
from runners.zoo.models import Model

SHA256_DIGITS = 12
"""Of a weight file's hash in a text for people; enough to tell files apart."""

MOST_OF_A_NAME = 100
"""The text is at most 300 characters, see `wire.Artifact`."""


class BuildError(ValueError):
    """The model's file cannot be built as asked."""


class BuiltFile(BaseModel):
    """What `zoo build --json` prints.

    Units: `size_bytes` bytes; `params` and `macs` single parameters and multiply-accumulates of one image.
    """

    model_config = ConfigDict(frozen=True)

    file: str
    sha256: str
    size_bytes: int
    precision: Literal["fp32", "int8"]
    weights: str
    weights_kind: WeightsKind
    architecture: str
    params: int
    macs: int


def build_file(
    model: Model,
    path: Path,
    *,
    seed: int = 0,
    weights: Path | None = None,
    is_int8: bool = False,
    calibrate: Path | None = None,
) -> BuiltFile:
    """Writes `model` to `path`; int8 is calibrated on the images in `calibrate`, or on seeded inputs.

    Raises: `BuildError`, `RefusedFileError` for weights that cannot be read, and what `runners.zoo.pdparams` and
    `runners.zoo.images` raise.
    """
    is_int8 = is_int8 or model.is_int8
    if calibrate is not None and not is_int8:
        raise BuildError("Calibration images are for int8 only; add --int8 or leave --calibrate out.")
    network = catalogue.build(model.architecture, seed=seed)
    stated = stated_weights.random_weights(seed) if weights is None else _load(network, weights)
    kind = WeightsKind.RANDOM if weights is None else WeightsKind.STATED
    counted = complexity.count(network)
    if is_int8:
        kind = stated_weights.quantized_kind(kind, is_on_images=calibrate is not None)
        content, stated = _quantized(network, stated, kind, calibrate, seed=seed)
    else:
        content = catalogue.serialize(network)
    _write(path, content)
    return BuiltFile(
        file=str(path),
        sha256=hashlib.sha256(content).hexdigest(),
        size_bytes=len(content),
        precision="int8" if is_int8 else "fp32",
        weights=stated,
        weights_kind=kind,
        architecture=model.architecture,
        params=counted.params,
        macs=counted.macs,
    )


def _load(network: onnx.ModelProto, weights: Path) -> str:
    # A stranger's file is read first where it can take neither much memory nor much time.
    inspected = inspect(weights)
    if not isinstance(inspected, InspectedWeights):
        raise BuildError(f"{weights.name} is a network and no weight file: give a .pdparams file.")
    try:
        arrays = pdparams.read(weights)
        with weights.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise BuildError(f"The weights {weights} cannot be read: {error.strerror}.") from error
    if digest != inspected.sha256:
        raise BuildError(f"{weights} changed while it was read. Try again when it is complete.")
    pdparams.transplant(network, arrays)
    name = "".join(letter if letter.isprintable() else "?" for letter in weights.name[-MOST_OF_A_NAME:])
    stated = f"{name} (sha256 {digest[:SHA256_DIGITS]})"
    provenance.mark(network, stated, WeightsKind.STATED)
    return stated


def _quantized(
    network: onnx.ModelProto, stated: str, kind: WeightsKind, calibrate: Path | None, *, seed: int
) -> tuple[bytes, str]:
    """The file, and where its weights come from, which it says itself too."""
    # Only here, because the quantizer's imports take a second that no other command should wait for.
    from runners.zoo.quantize import Calibration, quantize

    calibration = Calibration(folder=calibrate, seed=seed)
    stated = stated_weights.quantized(stated, str(calibration))
    provenance.mark(network, stated, kind)
    return quantize(network, calibration=calibration), stated


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise BuildError(f"{path} cannot be written: {error.strerror}. Choose another file with --out.") from error
