"""The 32 models of the published tables: 27 architectures as they are, four SSLD siblings and one in int8.

A sibling shares its architecture's graph and has other weights (SSLD: a distilled training) or another precision.
Source: Cui et al., Beyond Self-Supervision: A Simple Yet Effective Network Distillation Alternative to Improve
Backbones, arXiv:2103.05959, for SSLD.
"""

from __future__ import annotations

from dataclasses import dataclass

from runners.zoo import catalogue

SSLD = ("MobileNetV1", "MobileNetV2", "MobileNetV3_large_x1_0", "MobileNetV3_small_x1_0")
INT8 = "MobileNetV3_large_x1_0_ssld_int8"

_PUBLISHED_AS = {"ShuffleNetV2": "ShuffleNetV2_x1_0"}
_NEW_NAMES = ("MobileNetV1", "MobileNetV3")
"""Families whose weights PaddleClas published again, under `legendary_models`, when it renamed their parameters."""


@dataclass(frozen=True)
class Model:
    """A row of the published tables."""

    name: str
    architecture: str
    is_int8: bool = False

    @property
    def weights_path(self) -> str | None:
        """Where PaddleClas publishes the fp32 weights, below `published_weights.ADDRESS`; None if it does not."""
        if self.is_int8:
            return None
        folder = "legendary_models/" if self.name.startswith(_NEW_NAMES) else ""
        return f"{folder}{_PUBLISHED_AS.get(self.name, self.name)}_pretrained.pdparams"


WEIGHTS_NOTES = {"ShuffleNetV2_x2_0": "may be those of the 244-channel network, which are refused"}
"""Model -> what to know of the weights that PaddleClas publishes: in May 2022 it widened this one's first stage."""

MODELS: dict[str, Model] = {
    model.name: model
    for name in catalogue.ARCHITECTURES
    for model in (
        Model(name, name),
        *([Model(f"{name}_ssld", name)] if name in SSLD else []),
        *([Model(INT8, name, is_int8=True)] if INT8.startswith(f"{name}_") else []),
    )
}


def find(name: str) -> Model:
    """Raises: `runners.zoo.catalogue.UnknownArchitectureError`."""
    try:
        return MODELS[name]
    except KeyError:
        raise catalogue.UnknownArchitectureError(name, MODELS) from None
