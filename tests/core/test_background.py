import logging
from typing import Any

import pytest
from celery import shared_task
from django.db import transaction
from kombu.exceptions import OperationalError
from pytest_django import DjangoCaptureOnCommitCallbacks

from apps.core.background import on_commit

pytestmark = pytest.mark.django_db


@shared_task  # type: ignore[untyped-decorator]
def nothing(number: int) -> None:
    """A task that nobody executes."""


def test_on_commit_queues_nothing_when_the_transaction_is_rolled_back(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks() as callbacks, transaction.atomic():
        on_commit(nothing, 1)
        transaction.set_rollback(True)

    assert callbacks == []


def test_on_commit_goes_on_without_a_broker(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def refuse(*args: Any) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(nothing, "delay", refuse)

    with caplog.at_level(logging.WARNING), django_capture_on_commit_callbacks(execute=True):
        on_commit(nothing, 1)

    assert "the next sweep does it" in caplog.text
