"""What is executed: a network's files, how to build them, and how an image becomes its input."""

from __future__ import annotations

import hashlib
import json
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, model_validator

from runners.wire.base import Message, Name, Sha256


class ArtifactFile(Message):
    name: Name
    sha256: Sha256
    size_bytes: int = Field(ge=0)


class Recipe(Message):
    """How an agent builds an artifact itself instead of downloading it; the hash decides whether it is the same."""

    builder: Name
    architecture: Name
    seed: int = Field(ge=0)


class InputPreparation(Message):
    """How an image becomes the network's input, as whoever made the weights states it.

    `method` says how it comes to `height` x `width`: `short-side-crop` scales the short side to `short_side` and crops
    the centre; `central-fraction` crops the central fraction of both sides and scales that; `stretch` scales both
    sides; `fit-pad` scales to the height, to at most the width, and fills the right with zeros. `bilinear` mixes the
    four nearest pixels, as OpenCV does; `bilinear-antialias` and `bicubic-antialias` average all pixels that shrink
    into one, as Pillow does. Then a value is (v / 255 - mean) / std. `label_offset` is output index minus class index.
    """

    method: Literal["short-side-crop", "central-fraction", "stretch", "fit-pad"]
    height: int = Field(ge=1, le=4096)
    width: int = Field(ge=1, le=4096)
    short_side: int | None = Field(default=None, ge=1, le=8192)
    central_fraction: float | None = Field(default=None, gt=0, le=1)
    interpolation: Literal["bilinear", "bilinear-antialias", "bicubic-antialias"] = "bilinear"
    mean: list[float] = Field(min_length=3, max_length=3)
    std: list[Annotated[float, Field(gt=0)]] = Field(min_length=3, max_length=3)
    channels: Literal["RGB", "BGR"] = "RGB"
    layout: Literal["NCHW", "NHWC"] = "NCHW"
    label_offset: int = Field(default=0, ge=-10_000, le=10_000)

    @model_validator(mode="after")
    def _method_has_its_number(self) -> InputPreparation:
        if self.method == "short-side-crop" and (self.short_side or 0) < max(self.height, self.width):
            raise ValueError("short-side-crop needs a short_side of at least height and width")
        if self.method == "central-fraction" and self.central_fraction is None:
            raise ValueError("central-fraction needs central_fraction")
        return self


class WeightsKind(StrEnum):
    """What the weights rule out. The sentence beside it says where they come from, for people only."""

    STATED = "stated"
    """Whoever gave the file answers for them: they are taken as trained."""
    RANDOM = "random"
    """Never trained: they have no accuracy."""
    SEEDED_INT8 = "seeded-int8"
    """Trained, but quantized for ranges that seeded inputs gave: they have no accuracy."""


class Artifact(Message):
    sha256: Sha256
    format: Name
    precision: Literal["fp32", "fp16", "int8"]
    weights: str = Field(max_length=300)
    weights_kind: WeightsKind = WeightsKind.STATED
    files: list[ArtifactFile] = Field(min_length=1, max_length=10)
    recipe: Recipe | None = None
    input: InputPreparation | None = None
    """None where nobody stated it; accuracy is refused then."""


class ArtifactAnswer(Message):
    """`POST artifacts`: the manifest under which the uploaded files are stored."""

    sha256: Sha256


def manifest_sha256(*, format: str, precision: str, files: list[ArtifactFile]) -> str:
    """Address of an artifact: sha256 of the canonical JSON of its format, precision and files, ordered by name."""
    manifest = {
        "format": format,
        "precision": precision,
        "files": sorted((file.model_dump() for file in files), key=lambda file: file["name"]),
    }
    canonical = json.dumps(manifest, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
