"""The task that every machine can do: is a line of text upright, or turned by 180 degrees?

The images are rendered from a seed; the trained network comes with the library `rapidocr`.
"""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from PIL import features

from runners.accuracy import text_lines
from runners.accuracy.datasets import LabelledImages
from runners.wire import InputPreparation

TASK = "text-angle"
NAME = "text-angle-300"
IMAGES = 300
CLASSES = 2
SEED = 0

LIBRARY = "rapidocr"
MODEL_NAME = "ch_ppocr_mobile_v2.0_cls_mobile"

PREPARATION = InputPreparation(
    method="fit-pad", height=48, width=192, mean=[0.5] * 3, std=[0.5] * 3, channels="BGR", layout="NCHW"
)
"""Source: PaddleOCR, tools/infer/predict_cls.py, which reads images by OpenCV."""


class LibraryMissingError(Exception):
    """The library that ships the trained network is not installed here."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} Install it: pip install 'zooboard-runner[{TASK}]'.")


class TextAngle(LabelledImages):
    """Lines of text, class 0 upright and class 1 turned by 180 degrees, in turn.

    Names and labels, and so the digest, are the same on every machine; `text_lines.png` says what may vary.

    Raises: ImportError where Pillow was built without FreeType, which draws the letters.
    """

    name: str = NAME
    task: str = TASK
    classes: int = CLASSES

    def __init__(self) -> None:
        if not features.check("freetype2"):
            raise ImportError("Pillow cannot draw text here: it was built without FreeType.")
        self.names: Sequence[str] = [f"seed-{SEED}-line-{index:03d}.png" for index in range(IMAGES)]
        self.labels: Sequence[int] = [index % CLASSES for index in range(IMAGES)]

    def read(self, index: int) -> bytes:
        return text_lines.png(SEED, index, is_turned=self.labels[index] == 1)


@dataclass(frozen=True, slots=True)
class TrainedModel:
    """A network on this disk; `weights` says where they come from."""

    name: str
    path: Path
    sha256: str
    weights: str
    preparation: InputPreparation


def model() -> TrainedModel:
    """The trained classifier that the library ships.

    Raises: `LibraryMissingError`.
    """
    # Found, not imported: the library would load OpenCV and more, of which nothing is needed.
    spec = importlib.util.find_spec(LIBRARY)
    if spec is None or not spec.submodule_search_locations:
        raise LibraryMissingError(f"The trained network comes with {LIBRARY}, which is not installed.")
    path = Path(spec.submodule_search_locations[0], "models", f"{MODEL_NAME}.onnx")
    if not path.is_file():
        raise LibraryMissingError(f"This release of {LIBRARY} does not ship {path.name}.")
    release = metadata.version(LIBRARY)
    return TrainedModel(
        name="text-angle-mobile",
        path=path,
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        weights=f"{MODEL_NAME} of PaddleOCR (Apache-2.0), trained by Baidu, as shipped by {LIBRARY} {release}",
        preparation=PREPARATION,
    )
