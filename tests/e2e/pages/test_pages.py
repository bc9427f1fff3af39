"""The pages in a real browser: drawn, quiet, accessible, at every width, with and without JavaScript."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, FrameLocator, Locator, Page, expect

from tests.e2e.pages.addresses import OWN, PUBLIC, WITH_A_CHART, address, logged_in, unseen
from tests.e2e.pages.measured import MeasuredSite

WIDE, PHONE = 1280, 390
WIDTHS = (WIDE, PHONE)
ALL_WIDTHS = (1440, 768, PHONE)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
DRAWN = ".chart-canvas[data-drawn]"

pytestmark = [pytest.mark.e2e, pytest.mark.django_db]


@contextmanager
def opened(browser: Browser, url: str, *, width: int = WIDE, **options: Any) -> Iterator[Page]:
    """A page that must say nothing on the console and break no rule of the policy."""
    context = browser.new_context(viewport={"width": width, "height": 900}, **options)
    page = context.new_page()
    said: list[str] = []

    def note(message: ConsoleMessage) -> None:
        said.append(f"{message.type}: {message.text}")

    page.on("console", note)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("requestfailed", lambda request: said.append(f"failed: {request.url}"))
    page.goto(url)
    try:
        yield page
        assert said == []
    finally:
        context.close()


def draw_chart(page: Page | FrameLocator) -> Locator:
    """What the mouse brings about that comes to the first chart that is displayed: Vega's drawing of it."""
    page.locator(".chart-canvas:visible").first.hover(position={"x": 1, "y": 1})
    drawn = page.locator(f"{DRAWN} svg.marks:visible").first
    drawn.wait_for()
    return drawn


@pytest.mark.parametrize("width", WIDTHS)
def test_board_draws_its_chart_with_vega(browser: Browser, measured_site: MeasuredSite, width: int) -> None:
    with opened(browser, address(measured_site, "board"), width=width) as page:
        draw_chart(page)

        assert page.locator(f"{DRAWN} svg.marks:visible").count() == 1
        assert "Top-1 against latency" in str(page.locator(f"{DRAWN} svg.marks").text_content())


def test_tooltip_shows_the_digits_as_printed(browser: Browser, measured_site: MeasuredSite) -> None:
    with opened(browser, address(measured_site, "board")) as page:
        draw_chart(page)
        # The best model of all: its point is not covered by another one.
        page.locator('[aria-label*="MobileNetV3_large_x1_0_ssld"] >> nth=0').hover(force=True)

        tooltip = page.locator(".vg-tooltip.visible")
        expect(tooltip).to_contain_text("MobileNetV3_large_x1_0_ssld")
        expect(tooltip).to_contain_text("0.790")
        assert "undefined" not in tooltip.inner_text()
        assert "null" not in tooltip.inner_text()


def test_run_draws_its_samples(browser: Browser, measured_site: MeasuredSite) -> None:
    with opened(browser, address(measured_site, "run")) as page:
        assert "300 samples of 5 processes" in str(draw_chart(page).text_content())


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", ["board", "run"])
def test_chart_and_table_are_there_without_javascript(
    browser: Browser, measured_site: MeasuredSite, name: str, width: int
) -> None:
    with opened(browser, address(measured_site, name), width=width, java_script_enabled=False) as page:
        assert page.locator(".chart-canvas > svg:visible").count() == 1
        assert page.locator("table:visible").count() >= 1
        assert page.locator("[data-drawn]").count() == 0


def test_every_page_is_looked_at(measured_site: MeasuredSite) -> None:
    assert unseen(measured_site) == set()


@pytest.mark.parametrize("name", [*PUBLIC, *OWN])
def test_page_is_accessible_quiet_and_never_wider_than_the_screen(
    browser: Browser, measured_site: MeasuredSite, name: str
) -> None:
    axe, state = Axe(), logged_in(measured_site) if name in OWN else None
    with opened(browser, address(measured_site, name), storage_state=state) as page:
        for width, scheme in product(ALL_WIDTHS, SCHEMES):
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme)
            if name in WITH_A_CHART:
                draw_chart(page)
            found = axe.run(page)

            assert found.violations_count == 0, f"{width} px, {scheme}: {found.generate_report()}"
            assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", WIDTHS)
def test_owner_registers_hardware_and_manages_an_agent(
    browser: Browser, measured_site: MeasuredSite, width: int
) -> None:
    axe = Axe()
    with opened(browser, address(measured_site, "agent"), width=width, storage_state=logged_in(measured_site)) as page:
        expect(page.get_by_role("button", name="Drain")).to_be_visible()
        for summary in page.locator("details > summary").all():
            summary.click()
        managed = axe.run(page)
        page.get_by_role("link", name="Agents").click()
        page.get_by_role("button", name="Register hardware").click()
        expect(page.locator("#enrol-command")).to_contain_text("zooboard-runner enroll http")
        page.get_by_role("button", name="Copy").click()
        expect(page.get_by_role("button", name="Copied")).to_be_visible()
        registered = axe.run(page)

        for found in (managed, registered):
            assert found.violations_count == 0, found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_facts_that_were_opened_stay_open_while_the_page_follows(browser: Browser, measured_site: MeasuredSite) -> None:
    url = address(measured_site, "agent")
    with opened(browser, url, storage_state=logged_in(measured_site)) as page:
        page.get_by_text("Facts by which it is recognised").click()

        with page.expect_response(lambda response: "/agents/" in response.url, timeout=32_000):
            pass

        expect(page.get_by_text("fingerprint")).to_be_visible()


def test_keyboard_reaches_a_value_and_its_origin_is_read_out(browser: Browser, measured_site: MeasuredSite) -> None:
    with opened(browser, address(measured_site, "board")) as page:
        line = page.locator("[data-provenance]")
        idle = line.inner_text()
        page.locator(".model-name a", has_text="MobileNetV1_x0_25").focus()

        page.keyboard.press("Tab")

        assert page.evaluate("document.activeElement.className") == "value"
        expect(line).to_contain_text("MobileNetV1_x0_25: Top-1: 0.514, published in")
        assert line.inner_text() != idle


def test_theme_button_turns_the_page_dark_and_is_remembered(browser: Browser, measured_site: MeasuredSite) -> None:
    with opened(browser, address(measured_site, "login"), color_scheme="light") as page:
        light = page.evaluate("getComputedStyle(document.body).backgroundColor")
        page.get_by_role("button", name="Dark theme").click()
        dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
        page.reload()

        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == dark != light
        expect(page.get_by_role("button", name="Dark theme")).to_have_attribute("aria-pressed", "true")


def test_sort_link_works_by_click(browser: Browser, measured_site: MeasuredSite) -> None:
    with opened(browser, address(measured_site, "board")) as page:
        page.get_by_role("link", name="Top-1", exact=True).click()

        expect(page.locator("tbody tr").first).to_contain_text("MobileNetV3_large_x1_0_ssld")
        expect(page).to_have_url(f"{measured_site.url}/?sort=-top1.paddleclas-accuracy")


def test_running_run_follows_by_itself(browser: Browser, measured_site: MeasuredSite) -> None:
    url = f"{measured_site.url}/runs/{measured_site.running.run_id}"
    with opened(browser, url) as page:
        expect(page.locator("#run-live")).to_contain_text("process, 2 of 5")

        with page.expect_response(url, timeout=24_000) as answer:
            pass

        assert answer.value.ok
        assert "<html" not in answer.value.text()
        expect(page.locator("#run-live")).to_contain_text("process, 2 of 5")
