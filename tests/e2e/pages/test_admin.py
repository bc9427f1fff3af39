"""Pages of others that the site serves, in a browser: Django's administration and the API's documentation."""

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.pages.addresses import logged_in
from tests.e2e.pages.measured import MeasuredSite
from tests.e2e.pages.test_pages import PHONE, WIDE, opened

pytestmark = [pytest.mark.e2e, pytest.mark.django_db]


@pytest.mark.timeout(1200)
def test_administration_keeps_to_the_policy_and_to_the_screen(browser: Browser, measured_site: MeasuredSite) -> None:
    waiting = [f"{measured_site.url}/admin/"]
    seen: set[str] = set()

    # The overview leads to every list, and each list to the first of its rows.
    while waiting:
        address = waiting.pop()
        seen.add(address)
        with opened(browser, address, storage_state=logged_in(measured_site)) as page:
            expect(page.locator("#content h1")).to_be_visible()
            for width in (WIDE, PHONE):
                page.set_viewport_size({"width": width, "height": 900})
                assert page.evaluate("document.documentElement.scrollWidth") <= width, address
            links = page.locator("#content-main tr[class*=model-] th a, #result_list tbody tr:first-child th a")
            found = links.evaluate_all("links => links.map(link => link.href)")
        waiting += [each for each in found if each not in seen]

    assert len(seen) > 25


def test_moderator_withdraws_a_value_with_a_reason(browser: Browser, measured_site: MeasuredSite) -> None:
    address = f"{measured_site.url}/admin/results/submission/"
    with opened(browser, address, storage_state=logged_in(measured_site)) as page:
        row = page.locator("#result_list tr", has_text=measured_site.submission.submission_id)
        row.get_by_role("checkbox").check()
        page.locator("select[name=action]").select_option("withdraw")
        page.get_by_role("button", name="Go").click()

        # Without a reason nothing is withdrawn, and the page says so.
        expect(page.locator(".messagelist")).to_contain_text("reason")


def test_api_documentation_keeps_to_the_policy(browser: Browser, measured_site: MeasuredSite) -> None:
    with opened(browser, f"{measured_site.url}/api/docs/") as page:
        expect(page.get_by_role("heading", name="zooboard")).to_be_visible()
        page.get_by_role("button", name="GET /api/v1/leaderboard/", exact=True).click()
        expect(page.get_by_role("button", name="Try it out")).to_be_visible()
