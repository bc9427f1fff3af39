"""A site in this process for the browser tests, with published and measured values."""

import io
import os
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import connections
from pytest_django.live_server_helper import LiveServer

from tests.e2e.pages.measured import MeasuredSite, measure_some


@pytest.fixture(scope="session", autouse=True)
def _database_before_the_browser(django_db_setup: None) -> None:
    """Made before Playwright's loop runs, and dropped after it has ended."""


@pytest.fixture(scope="package")
def measured_site(django_db_blocker: Any, playwright: object) -> Iterator[MeasuredSite]:
    """Its pages are only read, so that one serves all tests of this folder."""
    with pytest.MonkeyPatch.context() as patch, django_db_blocker.unblock():
        # Django takes Playwright's event loop for ours, which never touches the database.
        patch.setitem(os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        cache.clear()
        call_command("vendor_static", stdout=io.StringIO())
        call_command("seed", stdout=io.StringIO())
        site = measure_some()
        server = LiveServer("127.0.0.1")
        site.url = server.url
        try:
            yield site
        finally:
            server.stop()
            call_command("flush", verbosity=0, interactive=False)
            # Under a running loop Django keeps connections of their own, which nobody else would give back.
            connections.close_all()
