"""What a person does who has a machine and a question, in a browser from the log-in to the value on the board."""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e.processes import ROOT, Process
from tests.e2e.stack import DONE_WITHIN_S, LATENCY, Stack

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(1600)]

# Nobody else's in this folder, so that its value is new on the board.
MODEL = "ShuffleNetV2_x0_33"
LIVE_WITHIN_MS = 2000 * DONE_WITHIN_S
MEASURED = re.compile(rf"[Mm]easured in run \d+ by {LATENCY} with onnxruntime")
SAMPLES = ".chart-canvas:visible"
OPENED_ONCE = "window.openedOnce = true"
NOTE_WHAT_IS_SHOWN = """
    window.shown = [];
    new MutationObserver(() => {
        const state = document.querySelector('#run-live .state')?.textContent;
        const now = `${state}, ${document.querySelector('#run-log') ? 'logged' : 'silent'}`;
        if (state && window.shown.at(-1) !== now) window.shown.push(now);
    }).observe(document.body, { childList: true, subtree: true });
"""


class Host:
    """The machine that measures, with a state folder of its own: its owner pastes a line there, then starts it."""

    def __init__(self, root: Path) -> None:
        self._state = ["--state", str(root / "state")]
        self._environment = {"PATH": "/usr/bin:/bin", "HOME": str(root), "PYTHONUNBUFFERED": "1"}
        start = [sys.executable, "-m", "runners", "start", *self._state]
        self.runner = Process(start, self._environment, root / "log")

    def paste(self, line: str) -> None:
        """Run the page's line; phones and GPUs of the machine that tests are left alone."""
        program, *words = line.split()
        assert program == "zooboard-runner"
        command = [sys.executable, "-m", "runners", *words, "--no-phones", "--no-gpus", *self._state]
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
        assert done.returncode == 0, done.stderr


@pytest.fixture
def stack() -> Iterator[Stack]:
    """A site of its own, as new as a person's who begins: nothing waits there, and no device has a history."""
    with Stack() as own:
        yield own


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    host = Host(tmp_path)
    yield host
    print(host.runner.log())
    host.runner.kill()


@contextmanager
def quiet_context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser whose pages must neither fail nor break the policy."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    said: list[str] = []
    context.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    context.on("weberror", lambda error: said.append(str(error.error)))
    try:
        yield context
        assert said == []
    finally:
        context.close()


def enrol(page: Page, host: Host) -> str:
    """Register hardware on the fleet's page; the agent's name, as soon as the page says it by itself."""
    page.get_by_role("link", name="Agents", exact=True).click()
    page.get_by_role("button", name="Register hardware").click()
    page.evaluate(OPENED_ONCE)
    host.paste(page.locator("#enrol-command").inner_text())
    expect(page.locator("#code-state")).to_contain_text("is enrolled. Start it there", timeout=LIVE_WITHIN_MS)
    assert was_opened_once(page)
    return page.locator("#code-state a").inner_text()


def ask(page: Page) -> None:
    """Tick a model on the board and ask for its latency; ends on the campaign's page."""
    page.get_by_role("link", name="Board", exact=True).click()
    page.get_by_role("checkbox", name=f"Measure {MODEL}", exact=True).check()
    page.get_by_label("Protocol", exact=True).select_option(LATENCY)
    page.get_by_role("button", name="Ask for the runs").click()
    expect(page).to_have_url(re.compile(r"/campaigns/\d+$"))
    page.evaluate(OPENED_ONCE)


def follow_run(context: BrowserContext, campaign: Page) -> Page:
    """The campaign's run in a tab of its own, which notes whatever it shows."""
    page = context.new_page()
    page.goto(campaign.url)
    page.get_by_role("link", name="All its runs").click()
    page.locator("#runs-live").get_by_role("link", name=re.compile(r"\d+")).first.click()
    expect(page).to_have_url(re.compile(r"/runs/\d+$"))
    page.evaluate(OPENED_ONCE)
    page.evaluate(NOTE_WHAT_IS_SHOWN)
    return page


def was_opened_once(page: Page) -> bool:
    """Whether it is still the document that was opened: a reload, or a link, would have made a new one."""
    return bool(page.evaluate("window.openedOnce"))


def test_machine_is_enrolled_a_campaign_followed_live_and_its_value_found_with_its_source(
    browser: Browser, stack: Stack, host: Host
) -> None:
    with quiet_context(browser) as context:
        page = context.new_page()
        page.goto(stack.command("owner_login"))
        agent = enrol(page, host)
        ask(page)
        run = follow_run(context, page)

        host.runner.start()
        expect(run.locator("#run-live .state").first).to_have_text("done", timeout=LIVE_WITHIN_MS)
        expect(page.locator("#count-done")).to_have_text("1 done", timeout=LIVE_WITHIN_MS)
        run.locator(SAMPLES).first.hover()
        expect(run.locator(f"{SAMPLES}[data-drawn] svg.marks").first).to_be_visible()
        latency = run.locator("#run-values tr", has=run.get_by_role("rowheader", name="Latency")).locator(".headline")
        value, source = latency.inner_text(), run.url.removeprefix(stack.url)

        assert was_opened_once(page)
        assert was_opened_once(run)
        shown = run.evaluate("window.shown")
        assert "active, logged" in shown
        assert shown[-1] == "done, logged"

        page.get_by_role("link", name="Board", exact=True).click()
        row = page.locator(f'tr[data-model="{MODEL}"]')
        expect(row.locator(f'a.value[href="{source}"]', has_text=value)).to_have_attribute("title", MEASURED)
        row.locator(".model-name a").click()
        values = page.get_by_role("region", name=f"Values of {MODEL}")
        stated = values.get_by_role("row").filter(has=page.locator(f'a[href="{source}"]', has_text=value))
        expect(stated).to_contain_text(MEASURED)
        stated.get_by_role("link", name=value).click()
        expect(page.locator("#run-live")).to_contain_text(agent)
