"""Lines of text rendered from a seed, as a scanner might see them: nothing to download, the same list everywhere."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

TEXT = (
    "amount batch bridge channel date depth engine garden Invoice kernel latency layer Madrid measure median Monday "
    "number Order paper platform Price receipt river sample Street stride ticket Total train Weather width window"
)
WORDS = TEXT.split()

MOST_WORDS = 4
FONT_SIZES = (12, 40)
MARGINS = (1, 9)
INK_LEVELS = (0, 110)
PAPER_LEVELS = (150, 256)
"""Half-open ranges. Units: pixels, and grey levels of 255."""
MOST_BLUR = 1.2
"""Standard deviation of the blur. Units: pixels."""
MOST_NOISE = 12.0
"""Standard deviation of the noise. Units: grey levels."""


def png(seed: int, index: int, *, is_turned: bool) -> bytes:
    """The line of that index, upright or turned by 180 degrees.

    What is written, its size and its greys come from numpy's frozen `RandomState`, the same everywhere; the pixels of
    a letter may differ a little between releases of FreeType.
    """
    random = np.random.RandomState([seed, index])
    line = _worn(_drawn(_text(random), random), random)
    if is_turned:
        line = line.transpose(Image.Transpose.ROTATE_180)
    file = io.BytesIO()
    line.save(file, "PNG")
    return file.getvalue()


def _text(random: np.random.RandomState) -> str:
    return " ".join(_word(random) for _ in range(random.randint(1, MOST_WORDS + 1)))


def _word(random: np.random.RandomState) -> str:
    """One of the words, in small, capital or title letters, or a number: digits are hard to tell from turned ones."""
    if random.randint(3) == 0:
        return str(random.randint(1_000, 10_000_000))
    word = WORDS[random.randint(len(WORDS))]
    return (word, word.upper(), word.title())[random.randint(3)]


def _drawn(text: str, random: np.random.RandomState) -> Image.Image:
    """Dark on light, or in every fourth line light on dark, with margins that the text does not fill evenly."""
    font = ImageFont.load_default(size=int(random.randint(*FONT_SIZES)))
    left, top, right, bottom = ImageDraw.Draw(Image.new("L", (1, 1))).textbbox((0, 0), text, font=font)
    before, after, above, below = (int(margin) for margin in random.randint(*MARGINS, size=4))
    ink, paper = int(random.randint(*INK_LEVELS)), int(random.randint(*PAPER_LEVELS))
    if random.randint(4) == 0:
        ink, paper = paper, ink
    size = (int(right - left) + before + after, int(bottom - top) + above + below)
    line = Image.new("L", size, paper)
    ImageDraw.Draw(line).text((before - left, above - top), text, fill=ink, font=font)
    return line


def _worn(line: Image.Image, random: np.random.RandomState) -> Image.Image:
    """Blurred and noisy, each line differently."""
    blurred = line.filter(ImageFilter.GaussianBlur(random.uniform(0, MOST_BLUR)))
    pixels = np.asarray(blurred, np.float64)
    noisy = pixels + random.normal(0, random.uniform(0, MOST_NOISE), size=pixels.shape)
    return Image.fromarray(np.clip(np.rint(noisy), 0, 255).astype(np.uint8))
