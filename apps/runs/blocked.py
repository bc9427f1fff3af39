"""Why a queued run waits: never in silence. Reads rows that are already loaded, runs no query."""

from collections.abc import Callable, Sequence

from apps.catalog.artifacts import ENGINE_FORMATS, wanted_precision
from apps.catalog.datasets import Standards, find_offered
from apps.catalog.models import Precision
from apps.catalog.models.protocol import ProtocolKind
from apps.fleet.models import STUB_ENGINE, AgentStatus
from apps.runs.candidates import Candidate, Fleet
from apps.runs.models import Run


def why_blocked(run: Run, fleet: Fleet) -> str:
    """The first condition that nobody meets, in words; empty when some agent only has to finish what it does."""
    if run.artifact is None:
        return _missing_artifact(run)
    left = list(fleet.candidates)
    for meets, reason in _conditions(run, fleet):
        met = [candidate for candidate in left if meets(candidate)]
        if not met:
            return reason(left)
        left = met
    return ""


def able(run: Run, fleet: Fleet) -> list[Candidate]:
    """Those that will get the run when they ask and its turn has come: the devices that nothing is in the way of."""
    if run.artifact is None:
        return []
    conditions = [meets for meets, _ in _conditions(run, fleet)]
    return [candidate for candidate in fleet.candidates if all(meets(candidate) for meets in conditions)]


def _missing_artifact(run: Run) -> str:
    if run.protocol.kind == ProtocolKind.ACCURACY:
        name = run.network.name
        return (
            f"no artifact of {name} with trained weights: fetch or import them, see docs/how-to/weights.md; "
            "random ones, int8 on seeded inputs and files without an input preparation have no accuracy"
        )
    format, precision = ENGINE_FORMATS.get(run.engine, run.engine), wanted_precision(run.network, run.protocol)
    kind = format if precision == Precision.FP32 else f"{precision} {format}"
    return f"no {kind} artifact of {run.network.name}"


Condition = tuple[Callable[[Candidate], bool], Callable[[list[Candidate]], str]]


def _conditions(run: Run, fleet: Fleet) -> list[Condition]:
    """(what must hold, what to say of those for whom it does not), from the rarest cure to the commonest."""
    where, standards = _where(run), fleet.standards
    return [
        (lambda c: not c.is_revoked, lambda left: f"no agent is registered{_revoked(run, fleet)}{_gone(run, fleet)}"),
        (
            lambda c: run.engine in c.engines and _is_there(run, c),
            lambda left: f"no registered agent offers {run.engine} on {where}{_instead(run, left, fleet)}",
        ),
        (
            lambda c: _has_dataset(run, c, standards),
            lambda left: f"no agent offers {_dataset_title(run, standards)}; {_offered(run, left)}",
        ),
        (
            lambda c: not c.is_simulated or run.engine == STUB_ENGINE or run.device_kind_id == c.kind_id,
            lambda left: f"only simulated devices offer {run.engine} on {where}, and this run wants a real one",
        ),
        (
            lambda c: c.is_serving(run.requested_by_id),
            lambda left: f"the agents that offer {run.engine} on {where} serve other owners only",
        ),
        (
            lambda c: c.accepts_uploads or (run.artifact is not None and not run.artifact.is_uploaded),
            lambda left: (
                f"{_names(left)} {_verb(left, 'takes', 'take')} catalogue artifacts only, and this one is an upload"
            ),
        ),
        (lambda c: c.unhealthy is None, _unhealthy),
        (
            lambda c: c.status == AgentStatus.ACTIVE,
            lambda left: f"{_names(left)} {_verb(left, 'is', 'are')} {' or '.join(sorted({c.status for c in left}))}",
        ),
        (lambda c: c.is_online, _not_seen),
        (lambda c: c.is_offered, _not_there),
    ]


def _where(run: Run) -> str:
    if run.device_kind:
        return run.device_kind.title
    return f"a {run.protocol.category}" if run.protocol.category else "any device"


def _is_there(run: Run, candidate: Candidate) -> bool:
    """Whether this is the sort of device that the run and its protocol want, as `executable_by` has it."""
    wanted, of_protocol = run.device_kind_id, run.protocol.device_kind_id
    by_name = candidate.is_simulated and wanted == candidate.kind_id and of_protocol == candidate.simulates_id
    return (
        wanted in (None, candidate.kind_id)
        and (of_protocol in (None, candidate.kind_id) or by_name)
        and run.protocol.category in ("", candidate.category)
    )


def _instead(run: Run, left: Sequence[Candidate], fleet: Fleet) -> str:
    """What is there or was there, so that the owner sees what to mend."""
    return _nearest(run, left) + _refused(run, left) + _revoked(run, fleet) + _gone(run, fleet)


def _nearest(run: Run, candidates: Sequence[Candidate]) -> str:
    """What comes closest: the right device with other engines, else a simulator of it."""
    there = [c for c in candidates if _is_there(run, c) and c.engines]
    if there:
        offers = [f"agent {c.agent_name} offers {c.kind_title} with {', '.join(c.engines)}" for c in there]
        return f"; {_list(offers)}"
    wanted = run.device_kind_id or run.protocol.device_kind_id
    simulators = [c for c in candidates if c.simulates_id == wanted is not None and run.engine in c.engines]
    if simulators:
        return f"; {_names(simulators)} only simulates one: a run for {simulators[0].kind_slug} would do"
    return ""


def _refused(run: Run, candidates: Sequence[Candidate]) -> str:
    """Agents whose device of this name the site could not take, and agents that offer no device at all."""
    serving = [c for c in candidates if c.is_serving(run.requested_by_id)]
    wanted = run.device_kind.title if run.device_kind else None
    texts = [
        f"the {refused['kind_name']} of agent {c.agent_name} is refused: {refused['reason'].rstrip('.')}"
        for c in serving
        for refused in c.refused
        if refused["kind_name"] == wanted or c.kind_id is None
    ]
    # What an agent has that never started nobody knows: it is only told of where no other can be meant.
    is_anything_there = any(c.kind_id is not None or c.refused for c in serving)
    silent = [] if is_anything_there else [c.agent_name for c in serving]
    texts += [f"agent {name} has offered no device: start it there with `zooboard-runner start`" for name in silent]
    return f"; {_list(texts)}" if texts else ""


def _revoked(run: Run, fleet: Fleet) -> str:
    """That an agent that could have done it is there no more."""
    were = [c for c in fleet.candidates if c.is_revoked and run.engine in c.engines and _is_there(run, c)]
    if not were:
        return ""
    how = " or ".join(sorted({"deleted" if c.is_retired else "revoked" for c in were}))
    return f"; {_names(were)}, which offered it, {_verb(were, 'was', 'were')} {how}"


def _gone(run: Run, fleet: Fleet) -> str:
    """That a device of the wanted sort is known, and when an agent offered it last."""
    at = fleet.gone.get(run.device_kind_id or run.protocol.device_kind_id or run.protocol.category)
    if at is None:
        return ""
    return f"; one was last offered {at:%Y-%m-%d %H:%M} UTC: connect it to its agent again, or enrol an agent for it"


def _unhealthy(candidates: Sequence[Candidate]) -> str:
    texts = [f"the {c.kind_title} of agent {c.agent_name} is unhealthy {c.unhealthy}" for c in candidates]
    return _list(texts)


def _not_seen(candidates: Sequence[Candidate]) -> str:
    last = max(candidate.last_seen_at for candidate in candidates)
    return f"{_names(candidates)} {_verb(candidates, 'was', 'were')} last seen {last:%Y-%m-%d %H:%M} UTC"


def _not_there(candidates: Sequence[Candidate]) -> str:
    """Its agent is there and asks for runs, if at all, with other devices."""
    texts = [
        f"agent {c.agent_name} is there, but last offered its {c.kind_title} {c.offered_at:%Y-%m-%d %H:%M} UTC: "
        "connect it there again"
        for c in candidates
    ]
    return _list(texts)


def _verb(candidates: Sequence[Candidate], of_one: str, of_several: str) -> str:
    return of_several if len({candidate.agent_name for candidate in candidates}) > 1 else of_one


def _has_dataset(run: Run, candidate: Candidate, standards: Standards) -> bool:
    if run.protocol.kind != ProtocolKind.ACCURACY:
        return True
    task, name = run.protocol.task, run.dataset
    return find_offered(candidate.datasets, task=task, name=name, standards=standards) is not None


def _dataset_title(run: Run, standards: Standards) -> str:
    if run.dataset:
        return f"a dataset {run.dataset} of task {run.protocol.task}"
    standard = standards.get(run.protocol.task)
    return f"the full {standard.title}" if standard else f"a standard dataset of task {run.protocol.task}"


def _offered(run: Run, candidates: Sequence[Candidate]) -> str:
    """What there is instead; an agent with several devices is named once."""
    offers = [
        f"{offered['name']} ({offered['images']:,} images) of agent {candidate.agent_name}"
        for candidate in candidates
        for offered in candidate.datasets
        if offered["task"] == run.protocol.task
    ]
    if not offers:
        return "none is offered: `zooboard-runner dataset add` registers images"
    return "offered: " + _list(offers)


def _names(candidates: Sequence[Candidate]) -> str:
    return _list([candidate.agent_name for candidate in candidates])


def _list(texts: Sequence[str]) -> str:
    """Each once, in order, and no more than three of them."""
    shown = sorted(set(texts))
    return ", ".join(shown[:3]) + (f" and {len(shown) - 3} more" if len(shown) > 3 else "")
