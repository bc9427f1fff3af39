"""The board in a browser: a question is asked with the mouse, answered at once, and shared by its address."""

import re
from random import Random

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.pages.measured import MeasuredSite
from tests.e2e.pages.test_pages import DRAWN, PHONE, WIDTHS, draw_chart, opened

SD855 = "latency.paddleclas-sd855-bs1"
STORAGE = "storage.paddleclas-storage"
ANSWER = "MobileNetV3_small_x1_0_ssld"
SERVERS_POINTS = ".chart-canvas > svg:visible g.mark-symbol.role-mark path"
READY = "#board-form[data-ready]"
SHOWN_POINTS = """name => [...document.querySelectorAll('.chart-canvas[data-drawn]')]
    .find(canvas => canvas.offsetParent).chart.view.data(name).map(row => row.model)"""
# When the page has nothing left to do, what it had fetched of Vega until then.
FETCHED_OF_VEGA = """async () => {
    await new Promise((idle) => requestIdleCallback(idle));
    return performance.getEntriesByType('resource').map(({ name }) => name).filter((name) => name.includes('vega'));
}"""
# Rows are numbered; a column has their numbers in its own list, as in the page's own data.
FRONTS = """async ([cases, directions]) => {
    const { paretoFront } = await import('/static/board/board_query.js');
    return cases.map((values) => {
        const numbers = (index) => values.map((row) => row[index] ?? undefined);
        const columns = directions.map((direction, index) => ({ direction, numbers: numbers(index) }));
        const rows = values.map((_, index) => ({ index, model: index }));
        const { front, beatenBy } = paretoFront(rows, columns);
        return [[...front], Object.fromEntries(beatenBy)];
    });
}"""

pytestmark = [pytest.mark.e2e, pytest.mark.django_db]


def wait_until_ready(page: Page) -> None:
    draw_chart(page)
    page.wait_for_selector(READY, state="attached")


def models(page: Page) -> list[str]:
    return page.locator("[data-table] tbody .model-name a").all_inner_texts()


def points(page: Page, dataset: str = "points") -> set[str]:
    return set(page.evaluate(SHOWN_POINTS, dataset))


def test_question_is_answered_and_its_address_shows_somebody_else_the_same(
    browser: Browser, measured_site: MeasuredSite
) -> None:
    with opened(browser, measured_site.url) as page:
        wait_until_ready(page)
        page.get_by_label("Latency on Snapdragon 855, batch 1, at most", exact=True).fill("10")
        page.get_by_label("Storage, at most", exact=True).fill("12")
        expect(page.locator("[data-shown]")).to_have_text("14 of 32 models")
        page.get_by_role("link", name="Top-1", exact=True).click()
        expect(page).to_have_url(re.compile(r"sort=-top1\.paddleclas-accuracy.*max\.storage"))
        answer, drawn, shared = models(page), points(page), page.url
        page.get_by_role("link", name="SVG").wait_for()

    with opened(browser, shared) as other:
        wait_until_ready(other)

        assert models(other) == answer
        assert answer[0] == ANSWER
        assert points(other) == drawn == set(answer)
        expect(other.get_by_label("Storage, at most", exact=True)).to_have_value("12")


def test_servers_picture_stands_until_the_page_is_used(browser: Browser, measured_site: MeasuredSite) -> None:
    with opened(browser, measured_site.url) as page:
        page.wait_for_selector(READY, state="attached")

        assert page.evaluate(FETCHED_OF_VEGA) == []
        assert page.locator(SERVERS_POINTS).count() == 32
        draw_chart(page)
        assert page.evaluate(FETCHED_OF_VEGA) != []


@pytest.mark.parametrize("width", WIDTHS)
def test_drawn_chart_stands_where_the_servers_picture_stood(
    browser: Browser, measured_site: MeasuredSite, width: int
) -> None:
    def places(page: Page) -> list[tuple[float, ...]]:
        """Of the picture, and of some of the texts in it."""
        page.evaluate("scrollTo(0, 0)")
        texts = page.locator(".chart-canvas:visible svg text").filter(has_text=re.compile("^(60%|Top-1|Pareto front)"))
        found = [each.bounding_box() for each in (page.locator(".chart-canvas:visible svg"), *texts.all())]
        return [(box["x"], box["y"], box["width"], box["height"]) for box in found if box]

    with opened(browser, measured_site.url, width=width) as page:
        page.wait_for_selector(READY, state="attached")
        picture, *texts = places(page)

        draw_chart(page)

        drawn_picture, *drawn_texts = places(page)
        assert drawn_picture == pytest.approx(picture, abs=0.1)
        assert len(texts) > 2
        # The browser and the server do not measure the axes' labels alike.
        assert drawn_texts == [pytest.approx(text, abs=3) for text in texts]


def test_filter_set_before_the_chart_is_drawn_is_drawn(browser: Browser, measured_site: MeasuredSite) -> None:
    with opened(browser, measured_site.url) as page:
        page.wait_for_selector(READY, state="attached")

        page.get_by_label("Storage, at most", exact=True).fill("12")

        page.wait_for_selector(f"{DRAWN} svg.marks")
        assert points(page) == set(models(page))
        expect(page.locator("[aria-busy]")).to_have_count(0)


def test_finger_that_scrolls_draws_nothing_and_one_that_taps_does(
    browser: Browser, measured_site: MeasuredSite
) -> None:
    with opened(browser, measured_site.url, width=PHONE, has_touch=True, is_mobile=True) as page:
        page.wait_for_selector(READY, state="attached")
        picture = page.locator(".chart-canvas:visible")
        picture.dispatch_event("pointerover", {"pointerType": "touch"})
        picture.scroll_into_view_if_needed()
        assert page.evaluate(FETCHED_OF_VEGA) == []

        page.get_by_role("button", name="Zoom in").tap()

        expect(page.locator(f"{DRAWN} svg.marks")).to_be_visible()
        expect(page).to_have_url(re.compile(r"zoom=[\d.]+,[\d.]+,[\d.]+,[\d.]+"))


def test_slider_fills_in_its_field_and_back_takes_it_away(browser: Browser, measured_site: MeasuredSite) -> None:
    with opened(browser, measured_site.url) as page:
        wait_until_ready(page)
        page.get_by_role("slider", name="Storage MiB, at most").focus()
        for _ in range(5):
            page.keyboard.press("PageDown")
        expect(page).to_have_url(re.compile(rf"max\.{re.escape(STORAGE)}="))
        some = page.locator("[data-shown]").inner_text()

        page.go_back()

        expect(page.locator("[data-shown]")).to_have_text("all 32 models")
        expect(page.get_by_label("Storage, at most", exact=True)).to_have_value("")
        assert some != "all 32 models"


def test_facet_moves_table_chart_front_and_counts(browser: Browser, measured_site: MeasuredSite) -> None:
    with opened(browser, measured_site.url) as page:
        wait_until_ready(page)

        page.get_by_role("checkbox", name="MobileNetV2").check()

        expect(page.locator("[data-shown]")).to_have_text("7 of 32 models")
        assert points(page) == set(models(page))
        front = page.locator("tr.on-front .model-name a").all_inner_texts()
        assert set(front) == {"MobileNetV2_x0_25", "MobileNetV2_x0_5", "MobileNetV2_x0_75", "MobileNetV2_ssld"}
        expect(page.locator('[data-count="recipe=ssld"]')).to_have_text("1")
        expect(page.locator('[data-count="family=MobileNetV1"]')).to_have_text("5")


def test_other_axes_are_drawn_and_a_drag_zooms(browser: Browser, measured_site: MeasuredSite) -> None:
    with opened(browser, measured_site.url) as page:
        wait_until_ready(page)
        page.get_by_label("Horizontal", exact=True).select_option(STORAGE)
        plot = page.locator(f"{DRAWN} svg.marks:visible")
        expect(plot).to_contain_text("Storage (MiB)")
        plot.scroll_into_view_if_needed()
        box = plot.bounding_box()
        assert box is not None

        page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 0.35 * box["height"])
        page.mouse.down()
        page.mouse.move(box["x"] + 0.7 * box["width"], box["y"] + 0.7 * box["height"], steps=3)
        page.mouse.up()

        expect(page).to_have_url(re.compile(r"zoom=[\d.]+,[\d.]+,[\d.]+,[\d.]+"))
        page.get_by_role("link", name="Whole plot").click()
        expect(page).not_to_have_url(re.compile("zoom="))


def test_row_under_the_pointer_is_ringed_in_the_plot(browser: Browser, measured_site: MeasuredSite) -> None:
    with opened(browser, measured_site.url) as page:
        wait_until_ready(page)

        page.locator('tr[data-model="MobileNetV1_x0_5"] th').hover()

        assert points(page, "marked") == {"MobileNetV1_x0_5"}


def test_point_under_the_pointer_marks_its_row_and_a_click_picks_it_out(
    browser: Browser, measured_site: MeasuredSite
) -> None:
    with opened(browser, measured_site.url) as page:
        wait_until_ready(page)
        point = page.locator('[aria-label*="MobileNetV3_large_x1_0_ssld"] >> nth=0')
        point.hover(force=True)
        expect(page.locator('tr[data-model="MobileNetV3_large_x1_0_ssld"]')).to_have_class(re.compile("is-pointed"))

        point.click(force=True)

        expect(page).to_have_url(re.compile("select=MobileNetV3_large_x1_0_ssld"))
        expect(page.locator("tr.is-selected")).to_have_count(1)


def test_table_drawn_by_the_browser_is_the_servers(browser: Browser, measured_site: MeasuredSite) -> None:
    def texts(page: Page) -> list[str]:
        rows = page.locator("[data-table] tr").all_inner_texts()
        return [" ".join(row.split()) for row in rows]

    with opened(browser, f"{measured_site.url}/?sort=model") as page:
        wait_until_ready(page)
        served = texts(page)

        page.get_by_label("Model or family").fill("mobile")
        expect(page.locator("[data-shown]")).to_have_text("25 of 32 models")
        page.get_by_label("Model or family").fill("")
        expect(page.locator("[data-shown]")).to_have_text("all 32 models")

        assert texts(page) == served


def test_form_works_without_javascript(browser: Browser, measured_site: MeasuredSite) -> None:
    with opened(browser, measured_site.url, java_script_enabled=False) as page:
        page.get_by_label("Latency on Snapdragon 855, batch 1, at most", exact=True).fill("10")
        page.get_by_role("checkbox", name="MobileNetV2").check()
        page.get_by_role("button", name="Show", exact=True).click()

        assert (
            page.url == f"{measured_site.url}/?max.{SD855}=10&family=MobileNetV2&y=top1.paddleclas-accuracy&x={SD855}"
        )
        assert models(page) == ["MobileNetV2_x0_25", "MobileNetV2_x0_5"]


def test_question_and_its_address_work_without_javascript(browser: Browser, measured_site: MeasuredSite) -> None:
    with opened(browser, measured_site.url, java_script_enabled=False) as page:
        page.get_by_label("Latency on Snapdragon 855, batch 1, at most", exact=True).fill("10")
        page.get_by_label("Storage, at most", exact=True).fill("12")
        page.get_by_role("button", name="Show", exact=True).click()
        page.get_by_role("link", name="Top-1", exact=True).click()
        answer, shared = models(page), page.url
        assert page.locator(SERVERS_POINTS).count() == len(answer)

    with opened(browser, shared, java_script_enabled=False) as other:
        assert models(other) == answer
        assert answer[0] == ANSWER
        assert other.locator(SERVERS_POINTS).count() == len(answer)
        expect(other.locator("[data-shown]")).to_have_text("14 of 32 models")
        expect(other.get_by_label("Storage, at most", exact=True)).to_have_value("12")
    with opened(browser, shared) as third:
        wait_until_ready(third)

        assert models(third) == answer
        assert points(third) == set(answer)


def test_front_in_the_browser_is_what_the_definition_says(browser: Browser, measured_site: MeasuredSite) -> None:
    random = Random(1)
    cases = [
        [[random.choice([None, 1, 2, 3]) for _ in range(3)] for _ in range(random.randrange(12))] for _ in range(300)
    ]
    directions = ["min", "max", "min"]

    with opened(browser, measured_site.url) as page:
        wait_until_ready(page)
        found = {objectives: page.evaluate(FRONTS, [cases, directions[:objectives]]) for objectives in range(1, 4)}

    for objectives, fronts in found.items():
        for case, (front, beaten_by) in zip(cases, fronts, strict=True):
            costs = [costs_of(values[:objectives], directions) for values in case]
            expected = [n for n, own in enumerate(costs) if own and not any(beats(other, own) for other in costs)]
            assert sorted(front) == expected
            assert {int(n) for n in beaten_by} == {n for n, own in enumerate(costs) if own} - set(expected)
            assert all(beats(costs[winner], costs[int(n)]) and winner in expected for n, winner in beaten_by.items())


def costs_of(values: list[int | None], directions: list[str]) -> list[int] | None:
    """Less is better in each; None where one is missing."""
    signs = [1 if direction == "min" else -1 for direction in directions]
    known = [sign * value for sign, value in zip(signs, values, strict=False) if value is not None]
    return known if len(known) == len(values) else None


def beats(one: list[int] | None, other: list[int] | None) -> bool:
    if one is None or other is None:
        return False
    return one != other and all(a <= b for a, b in zip(one, other, strict=True))
