"""Queuing background work when the transaction commits."""

import logging
from functools import partial
from typing import Any

from celery import Task
from django.db import transaction
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)


def on_commit(task: Task, *args: Any) -> None:
    """Queue a task once the rows it reads are there.

    A broker that is away costs seconds, not work: the periodic sweep finds what was not queued.
    """
    transaction.on_commit(partial(_queue, task, *args))


def _queue(task: Task, *args: Any) -> None:
    try:
        task.delay(*args)
    except OperationalError as exc:
        log.warning("could not queue %s%s (%s): the next sweep does it", task.name, args, exc)
