"""Leases asked for at the same moment, from threads with connections of their own."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial

import pytest
from django.db import connection, transaction
from django.db.models import Count

from apps.catalog.models import Network
from apps.fleet.actions import delete_agent
from apps.fleet.actions.contact import AgentGone
from apps.fleet.models import Agent, Attachment
from apps.runs.actions.campaigns import expand_campaign
from apps.runs.actions.leases import heartbeat, lease_run
from apps.runs.actions.outcomes import expire_attempt, release_attempt
from apps.runs.actions.queue import refresh_queue
from apps.runs.models import Attempt, Run
from tests.core.together import together
from tests.factories import (
    MODEL,
    NOW,
    OTHER_MODEL,
    attach,
    device_offer,
    lease,
    make_agent,
    make_campaign,
    make_runs,
    make_user,
    request_id,
    seed_catalogue,
    token_of,
)

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 8
RUNS = 30
WITHIN_S = 10.0
"""Only bounds a failure."""


@pytest.fixture(autouse=True)
def _catalogue(transactional_db: None) -> None:
    seed_catalogue()


def _lease_until_empty(agent: Agent, attachments: list[Attachment]) -> list[int]:
    run_ids = []
    while (attempt := lease_run(agent=agent, attachments=attachments, request_id=request_id(), at=NOW)) is not None:
        run_ids.append(attempt.run_id)
        Attempt.objects.filter(pk=attempt.pk).update(state="submitted", ended_at=NOW)
    return run_ids


def test_no_run_is_given_twice() -> None:
    user = make_user()
    models = list(Network.objects.filter(precision="fp32").values_list("name", flat=True)[:RUNS])
    runs = make_runs(requested_by=user, models=models)
    agents = [make_agent(owner=user)[0] for _ in range(THREADS)]
    attachments = [attach(agent) for agent in agents]

    given = together([partial(_lease_until_empty, a, at) for a, at in zip(agents, attachments, strict=True)])

    run_ids = [run_id for ids in given if isinstance(ids, list) for run_id in ids]
    assert [outcome for outcome in given if isinstance(outcome, Exception)] == []
    assert len(runs) == RUNS
    assert sorted(run_ids) == [run.pk for run in runs]
    assert not Run.objects.annotate(tries=Count("attempts")).exclude(tries=1, state="active", fence=1).exists()


def _lease_within_2_s(agent: Agent, attachments: list[Attachment]) -> Attempt:
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '2s'")
        try:
            return lease(agent, attachments)
        finally:
            cursor.execute("RESET lock_timeout")


def test_lease_does_not_wait_for_a_run_that_somebody_else_holds() -> None:
    user = make_user()
    first, second = make_runs(requested_by=user, models=[MODEL, OTHER_MODEL])
    agent, _ = make_agent(owner=user)
    attachments = attach(agent)

    with transaction.atomic():
        Run.objects.select_for_update().get(pk=first.pk)
        [attempt] = together([partial(_lease_within_2_s, agent, attachments)])

    assert attempt.run == second


def _wait_until_somebody_waits_for_a_lock() -> None:
    deadline = time.monotonic() + WITHIN_S
    with connection.cursor() as cursor:
        while time.monotonic() < deadline:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone() != (0,):
                return
            time.sleep(0.01)
    pytest.fail(f"nobody waited for a lock within {WITHIN_S} s")


def test_heartbeat_that_overtakes_the_sweep_keeps_the_lease() -> None:
    user = make_user()
    make_runs(requested_by=user)
    agent, _ = make_agent(owner=user)
    attempt = lease(agent, attach(agent))
    late = attempt.expires_at + timedelta(seconds=1)

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            Run.objects.select_for_update().get(pk=attempt.run_id)
            expiring = pool.submit(together, [partial(expire_attempt, attempt_id=attempt.pk, at=late)])
            _wait_until_somebody_waits_for_a_lock()
            heartbeat(agent=agent, token=token_of(attempt), progress=None, at=late)
        outcome = expiring.result(WITHIN_S)

    attempt.refresh_from_db()
    assert outcome == [False]
    assert (attempt.state, attempt.run.state) == ("running", "active")


def test_same_request_at_the_same_moment_leases_once() -> None:
    user = make_user()
    make_runs(requested_by=user, models=[MODEL, OTHER_MODEL])
    agent, _ = make_agent(owner=user)
    attachments, request = attach(agent, device_offer(), device_offer()), request_id()
    ask = partial(lease_run, agent=agent, attachments=attachments, request_id=request, at=NOW)

    outcomes = together([ask] * THREADS)

    assert outcomes == [Attempt.objects.get()] * THREADS
    assert Run.objects.filter(state="queued").count() == 1


def test_one_device_behind_two_agents_leases_once() -> None:
    user = make_user()
    make_runs(requested_by=user, models=[MODEL, OTHER_MODEL])
    offer = device_offer()
    agents = [make_agent(owner=user)[0] for _ in range(2)]
    asks = [
        partial(lease_run, agent=agent, attachments=attach(agent, offer), request_id=request_id(), at=NOW)
        for agent in agents
    ]

    outcomes = together(asks)

    assert sum(isinstance(outcome, Attempt) for outcome in outcomes) == 1
    assert outcomes.count(None) == 1


def test_ending_an_attempt_from_two_sides_ends_it_once() -> None:
    user = make_user()
    make_runs(requested_by=user)
    agent, _ = make_agent(owner=user)
    attempt = lease(agent, attach(agent))
    release = partial(release_attempt, agent=agent, token=token_of(attempt), reason="", at=NOW)

    outcomes = together([release] * THREADS)

    assert outcomes == [None] * THREADS
    assert Run.objects.get().state == "queued"


def test_campaign_expanded_by_many_workers_is_expanded_once() -> None:
    campaign = make_campaign(requested_by=make_user(), models=[MODEL, OTHER_MODEL])
    expand = partial(expand_campaign, campaign_id=campaign.pk, at=NOW)

    outcomes = together([expand] * THREADS)

    assert sorted(map(str, outcomes)) == ["0"] * (THREADS - 1) + ["2"]


def test_queue_refreshed_by_many_workers_ranks_each_owners_runs_once() -> None:
    user = make_user()
    campaigns = [make_campaign(requested_by=user, models=[MODEL, OTHER_MODEL]) for _ in range(THREADS)]
    expand = [partial(expand_campaign, campaign_id=campaign.pk, at=NOW) for campaign in campaigns]

    outcomes = together([*expand, partial(refresh_queue, at=NOW)])

    assert [outcome for outcome in outcomes if isinstance(outcome, Exception)] == []
    ranks = Run.objects.order_by("share_rank").values_list("share_rank", flat=True)
    assert list(ranks) == list(range(1, 2 * THREADS + 1))


def test_agent_that_is_deleted_while_it_arrives_is_refused_like_one_that_is_unknown() -> None:
    agent, _ = make_agent()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            delete_agent(agent=agent, by=agent.owner, at=NOW)
            arriving = pool.submit(together, [partial(attach, agent, device_offer())])
            _wait_until_somebody_waits_for_a_lock()
        [outcome] = arriving.result(WITHIN_S)

    assert isinstance(outcome, AgentGone)
    assert outcome.status == 401
    assert not Attachment.objects.exists()
