"""Charts taken away from pages that draw them, as files that say where they come from."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.pages.addresses import address
from tests.e2e.pages.measured import MeasuredSite
from tests.e2e.pages.test_pages import PHONE, WIDE, opened

pytestmark = [pytest.mark.e2e, pytest.mark.django_db]

PNG = b"\x89PNG"


def taken(page: Page, kind: str) -> bytes:
    button = page.get_by_role("button", name=kind, exact=True).first
    with page.expect_download() as started:
        button.click()
    assert started.value.suggested_filename.endswith(f".{kind.lower()}")
    return started.value.path().read_bytes()


def test_chart_is_copied_as_an_image_and_its_address_as_a_link(browser: Browser, measured_site: MeasuredSite) -> None:
    url = address(measured_site, "chart")
    with opened(browser, url, permissions=["clipboard-read", "clipboard-write"]) as page:
        page.get_by_role("button", name="Copy link").click()
        expect(page.locator("[data-take=link]")).to_have_text("Copied")
        link = page.evaluate("navigator.clipboard.readText()")
        page.get_by_role("button", name="Copy image").click()
        # The first picture waits for the bundle.
        expect(page.locator("[data-take=image]")).to_have_text("Copied", timeout=20_000)

        assert link == url
        assert page.evaluate("navigator.clipboard.read().then(([item]) => item.types)") == ["image/png"]


@pytest.mark.parametrize("width", [WIDE, PHONE])
@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("compare", "Source: Mobile and Embedded Vision"),
        ("family", "Source: Mobile and Embedded Vision"),
        ("device", "Source: Mobile and Embedded Vision"),
        ("model", "Source: counted from the graph"),
        ("run", "Source: run "),
    ],
)
def test_chart_is_taken_away_with_its_source_the_day_and_the_address_on_it(
    browser: Browser, measured_site: MeasuredSite, name: str, source: str, width: int
) -> None:
    url = address(measured_site, name)
    with opened(browser, url, width=width) as page:
        svg, png = taken(page, "SVG").decode(), taken(page, "PNG")

    assert source in svg
    assert f"{datetime.now(UTC):%Y-%m-%d}" in svg
    assert url.removeprefix("http://").split("?")[0] in svg
    assert "var(" not in svg
    assert png.startswith(PNG)
