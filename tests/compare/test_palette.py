from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from apps.compare.palette import CSS_VARIABLES, FAMILY_COLOURS, SURFACE, family_styles

CSS = Path(__file__).parents[2] / "apps/core/static/core/zooboard.css"
DARK = re.findall(r"--chart-family-\d: light-dark\(#\w+, (#\w+)\)", CSS.read_text())

Linear = npt.NDArray[np.float64]

# Machado, Oliveira and Fernandes (2009), severity 1.0, on linear RGB.
SIGHT = {
    "trichromat": np.eye(3),
    "protanope": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranope": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
}
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
WHITE = np.array([0.9505, 1.0, 1.089])


def linear(colour: str) -> Linear:
    channels = np.array([int(colour[start : start + 2], 16) for start in (1, 3, 5)]) / 255
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def lab(rgb: Linear) -> Linear:
    ratio = TO_XYZ @ np.clip(rgb, 0, 1) / WHITE
    x, y, z = np.where(ratio > 0.008856, np.cbrt(ratio), 7.787 * ratio + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def luminance(colour: str) -> float:
    return float(TO_XYZ[1] @ linear(colour))


@pytest.mark.parametrize("sight", SIGHT)
@pytest.mark.parametrize("colours", [FAMILY_COLOURS, DARK], ids=["light", "dark"])
def test_colours_of_the_published_families_are_told_apart(colours: Sequence[str], sight: str) -> None:
    seen = [lab(SIGHT[sight] @ linear(colour)) for colour in colours[:5]]

    distances = [float(np.linalg.norm(one - other)) for one, other in combinations(seen, 2)]

    assert min(distances) > 18  # about eight just noticeable differences


@pytest.mark.parametrize("colour", FAMILY_COLOURS)
def test_colours_stand_out_from_the_surface(colour: str) -> None:
    assert (luminance(SURFACE) + 0.05) / (luminance(colour) + 0.05) >= 3  # WCAG 1.4.11, graphical objects


def test_no_two_families_look_the_same() -> None:
    colours, shapes = family_styles([f"family {number}" for number in range(36)])

    assert len(set(zip(colours, shapes, strict=True))) == 36


def test_every_colour_has_a_custom_property_of_its_own() -> None:
    assert len(set(CSS_VARIABLES.values())) == len(CSS_VARIABLES)
    assert set(FAMILY_COLOURS) <= set(CSS_VARIABLES)


def test_the_sites_light_theme_has_the_colours_of_the_spec() -> None:
    css = CSS.read_text()

    for number, colour in enumerate(FAMILY_COLOURS, start=1):
        assert f"--chart-family-{number}: light-dark({colour}, " in css
