"""The board in Chromium, with hands on its sliders."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Locator, Page, Request, sync_playwright

from tests.chromium import find_chromium, launch_arguments

SCREEN: Any = {"width": 1920, "height": 1200}
"""The sliders, the plot and the head of the table are in view, so that all of it has to be laid out and painted."""
DRAWN_WITHIN_MS = 30_000
FALLING = ("PageDown", "ArrowLeft", "ArrowLeft", "PageDown", "ArrowRight", "PageUp", "End")
RISING = ("PageUp", "ArrowRight", "ArrowRight", "PageUp", "ArrowLeft", "PageDown", "Home")
"""A tenth of the slider's length, a hundredth, and back: many rows change, and few."""
DRAG_STEPS = 20
THUMB_PX = 16
REST_MS = 400
"""After a pause like this the board has put its state into the address and asked the server for labels."""

PAINTED = "() => new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted)))"
NOTE_PAINTS = """() => {
    window.paints = [];
    // "all 32 models", "5 of 32 models", "models 1 to 100 of 1500"
    const models = () => {
        const numbers = document.querySelector('[data-shown]').textContent.match(/\\d+/g);
        return Number(numbers.length < 3 ? numbers[0] : numbers[2]);
    };
    const points = () => document.querySelectorAll('.chart-canvas[data-drawn] .mark-symbol path[aria-label]').length;
    document.addEventListener('input', ({ target, timeStamp }) => {
        if (target.type !== 'range') return;
        // The board draws in the next frame; the one after it begins when this one has gone to the screen.
        requestAnimationFrame(() => requestAnimationFrame(() => {
            paints.push({ ms: performance.now() - timeStamp, models: models(), points: points() });
        }));
    }, true);
}"""


@dataclass(frozen=True)
class Paint:
    """What stood on the screen `ms` after a slider moved: how many models the table counts, and the plot has."""

    ms: float
    models: int
    points: int


@contextmanager
def drawn_board(url: str) -> Iterator[tuple[Page, int]]:
    """The board with its chart drawn, in a browser that has nothing in its cache; and the bytes that came for it."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=launch_arguments())
        try:
            page = browser.new_page(viewport=SCREEN)
            came: list[Request] = []
            page.on("requestfinished", lambda request: came.append(request))
            page.goto(url)
            page.wait_for_selector("#board-form[data-ready]", state="attached")
            page.locator(".chart-canvas:visible").hover(position={"x": 1, "y": 1})
            page.wait_for_selector(".chart-canvas[data-drawn] svg.marks", timeout=DRAWN_WITHIN_MS)
            yield page, sum(_bytes(request) for request in came)
        finally:
            browser.close()


def _bytes(request: Request) -> int:
    sizes = request.sizes()
    return sizes["responseBodySize"] + sizes["responseHeadersSize"]


def move_sliders(page: Page) -> list[Paint]:
    """Each thumb that stands open, by keys and by a drag to the middle and back."""
    page.evaluate(NOTE_PAINTS)
    for thumb in page.locator(".range-slider:visible input[type=range]").all():
        is_upper = float(thumb.input_value()) > 0
        _press(page, thumb, FALLING if is_upper else RISING)
        _drag(page, thumb)
        page.wait_for_timeout(REST_MS)
        _press(page, thumb, ("End" if is_upper else "Home",))
    return [Paint(**paint) for paint in page.evaluate("window.paints")]


def _press(page: Page, thumb: Locator, keys: Sequence[str]) -> None:
    thumb.focus()
    for key in keys:
        page.keyboard.press(key)
        page.evaluate(PAINTED)


def _drag(page: Page, thumb: Locator) -> None:
    box, at = thumb.bounding_box(), float(thumb.input_value()) / 100
    assert box is not None
    y, start, length = box["y"] + box["height"] / 2, box["x"] + THUMB_PX / 2, box["width"] - THUMB_PX
    page.mouse.move(start + at * length, y)
    page.mouse.down()
    page.mouse.move(start + length / 2, y, steps=DRAG_STEPS)
    page.mouse.move(start + at * length, y, steps=DRAG_STEPS)
    page.evaluate(PAINTED)
    page.mouse.up()
