"""Charts in a real browser: a page with everything open, and a chart in a frame of another site."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from tests.e2e.pages.measured import MeasuredSite
from tests.e2e.pages.test_pages import PHONE, WIDE, draw_chart, opened

pytestmark = [pytest.mark.e2e, pytest.mark.django_db]


@pytest.mark.parametrize("width", [WIDE, PHONE])
def test_chart_page_is_accessible_with_everything_open(
    browser: Browser, measured_site: MeasuredSite, width: int
) -> None:
    with opened(browser, f"{measured_site.url}/charts/ssld-gain", width=width) as page:
        draw_chart(page)
        for summary in page.locator("details > summary").all():
            summary.click()
        page.locator("[data-copy=snippet-frame]").click()

        expect(page.locator("[data-copy=snippet-frame]")).to_have_text("Copied")
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@contextmanager
def other_site(folder: Path, body: str) -> Iterator[str]:
    """Another site on this machine with one page."""
    (folder / "index.html").write_text(f"<!doctype html><title>A blog</title><link rel=icon href=data:,>{body}")

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


def test_chart_is_drawn_in_a_frame_of_another_site(
    browser: Browser, measured_site: MeasuredSite, tmp_path: Path
) -> None:
    body = f'<iframe src="{measured_site.url}/embed/charts/ssld-gain" width="900" height="500"></iframe>'

    with other_site(tmp_path, body) as url, opened(browser, url) as page:
        frame = page.frame_locator("iframe")
        expect(draw_chart(frame)).to_be_visible()
        link = frame.get_by_role("link", name="zooboard")
        expect(link).to_have_attribute("href", f"{measured_site.url}/charts/ssld-gain")
