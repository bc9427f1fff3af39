"""Attempts that never were, as rows: campaigns, runs, attempts, measurements, results, and samples of a few."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

import numpy as np

from apps.catalog.models import Protocol
from apps.results.models import Evidence, Measurement, Origin, Result, Samples
from apps.results.models.measurement import SAMPLES_CODEC
from apps.results.synthetic import PREFIX
from apps.results.synthetic.catalogue import MADE_UP, Catalogue
from apps.results.synthetic.copying import copy_rows, take_ids
from apps.results.synthetic.history import Attempts, make_samples
from apps.results.synthetic.zoo import Zoo
from apps.runs.models import Attempt, AttemptState, Campaign, Run, RunState
from apps.runs.models.asked import NORMAL_PRIORITY

TOOK = timedelta(seconds=9)
FLAGS = ("busy-host", "throttling", "drift", "outliers")
STATISTICS = {"latency": "median", "cpu_time": "10th percentile of CPU time"}
_JSON_EMPTY = "{}"


@dataclass(frozen=True)
class History:
    """Everything that the rows of all attempts are made of; `end` is now."""

    zoo: Zoo
    catalogue: Catalogue
    attempts: Attempts
    results: int
    end: datetime
    rng: np.random.Generator
    campaign_ids: dict[tuple[int, int], int]
    """By turn and column: each asks once for every model that was measured there so often."""
    run_ids: list[int]
    attempt_ids: list[int]

    @classmethod
    def of(cls, attempts: Attempts, **others: Any) -> "History":
        """With numbers for its rows: while rows are copied, their connection takes no query."""
        rounds = sorted(set(zip(attempts.turn.tolist(), attempts.column.tolist(), strict=True)))
        return cls(
            attempts=attempts,
            campaign_ids=dict(zip(rounds, take_ids(Campaign, len(rounds)), strict=True)),
            run_ids=take_ids(Run, len(attempts)),
            attempt_ids=take_ids(Attempt, len(attempts)),
            **others,
        )

    def store(self) -> None:
        """Results in the order of time, as they would have come."""
        count = range(len(self.attempts))
        copy_rows(Campaign, _CAMPAIGN, self._campaign_rows())
        copy_rows(Run, _RUN, map(self._run_row, count))
        copy_rows(Attempt, _ATTEMPT, map(self._attempt_row, count))
        copy_rows(Measurement, _MEASUREMENT, map(self._measurement_row, count))
        copy_rows(Samples, _SAMPLES, self._samples_rows())
        copy_rows(Result, _RESULT, self._result_rows())

    @cached_property
    def protocols(self) -> list[Protocol]:
        return [configuration.protocol for configuration in self.catalogue.configurations]

    def _campaign_rows(self) -> Iterator[tuple[Any, ...]]:
        begun = self.end - timedelta(days=800)
        for (turn, column), pk in self.campaign_ids.items():
            where, protocol = self.zoo.columns[column], self.protocols[column]
            title = (
                f"Synth round {turn + 1} of {where.protocol} with {where.engine} on {self.zoo.kinds[where.kind].title}"
            )
            kind_id = self.catalogue.configurations[column].device_kind_id
            yield (
                pk, title, self.catalogue.owner.pk, [], [protocol.slug], where.engine, kind_id, "", NORMAL_PRIORITY,
                begun, begun,
            )  # fmt: skip

    def _run_row(self, number: int) -> tuple[Any, ...]:
        attempts = self.attempts
        model, column = int(attempts.model[number]), int(attempts.column[number])
        at = attempts.at(number, self.end)
        return (
            self.run_ids[number], self.campaign_ids[int(attempts.turn[number]), column], self.catalogue.owner.pk,
            self.catalogue.networks[model].pk, self.protocols[column].pk, self.catalogue.artifacts[model].pk,
            self.zoo.columns[column].engine, self.catalogue.configurations[column].device_kind_id, "", RunState.DONE, 1,
            0, NORMAL_PRIORITY, 0, "", "", at - 2 * TOOK, at,
        )  # fmt: skip

    def _attempt_row(self, number: int) -> tuple[Any, ...]:
        place, at = int(self.attempts.device[number]), self.attempts.at(number, self.end)
        device = self.catalogue.devices[place]
        return (
            self.attempt_ids[number], self.run_ids[number], self.catalogue.agents[place].pk, device.pk, device.kind_id,
            f"{number:032x}", 1, AttemptState.ACCEPTED, self._release(number),
            at - TOOK, at + TOOK, at - TOOK, at - TOOK, at, "", "", False, _JSON_EMPTY,
        )  # fmt: skip

    def _measurement_row(self, number: int) -> tuple[Any, ...]:
        at = self.attempts.at(number, self.end)
        environment = f'{{"note": "{MADE_UP}", "device": {int(self.attempts.device[number])}}}'
        statistics = f'{{"value_ms": {self.attempts.latency[number]:.6f}}}'
        artifact = self.catalogue.artifacts[int(self.attempts.model[number])]
        return (
            self.attempt_ids[number], artifact.pk, self._release(number), "synth", at - TOOK, at, environment,
            statistics,
        )  # fmt: skip

    def _samples_rows(self) -> Iterator[tuple[Any, ...]]:
        for number in np.flatnonzero(self.attempts.has_samples).tolist():
            if self._is_phone(number):
                continue
            protocol = self.protocols[int(self.attempts.column[number])]
            drawn = make_samples(
                float(self.attempts.latency[number]),
                processes=protocol.processes or 1,
                samples=protocol.repeats or 1,
                rng=self.rng,
            )
            packed = Samples.pack([_process(wall_ns.tolist()) for wall_ns in drawn])
            yield self.attempt_ids[number], SAMPLES_CODEC, packed, sum(map(len, drawn))

    def _result_rows(self) -> Iterator[tuple[Any, ...]]:
        left = self.results
        for number in range(len(self.attempts)):
            for metric in self.zoo.columns[int(self.attempts.column[number])].metrics[:left]:
                left -= 1
                yield self._result_row(number, metric)

    def _result_row(self, number: int, metric: str) -> tuple[Any, ...]:
        attempts, catalogue = self.attempts, self.catalogue
        model, column, device = int(attempts.model[number]), int(attempts.column[number]), int(attempts.device[number])
        value = f"{getattr(attempts, metric)[number]:.8f}"
        low = high = None
        if metric == "latency" and not self._is_phone(number):
            half = attempts.half_width[number]
            low, high = f"{attempts.latency[number] - half:.8f}", f"{attempts.latency[number] + half:.8f}"
        at = attempts.at(number, self.end)
        is_withdrawn = bool(attempts.is_withdrawn[number])
        protocol = self.protocols[column]
        return (
            catalogue.networks[model].pk, metric, catalogue.configurations[column].pk, Origin.RUN,
            self.attempt_ids[number], catalogue.devices[device].pk, value, "",
            Evidence.SUMMARY if self._is_phone(number) else Evidence.SAMPLES, STATISTICS[metric], low, high,
            (protocol.processes or 1) * (protocol.repeats or 1),
            [FLAGS[number % len(FLAGS)]] if attempts.is_flagged[number] else [], self.zoo.columns[column].engine,
            self._release(number), catalogue.agents[device].trust_tier, False, at, at, at,
            at if is_withdrawn else None, f"{PREFIX}withdrawal" if is_withdrawn else "",
        )  # fmt: skip

    def _is_phone(self, number: int) -> bool:
        return self.zoo.kinds[self.zoo.columns[int(self.attempts.column[number])].kind].is_phone

    def _release(self, number: int) -> str:
        return f"{PREFIX}1.{int(self.attempts.release[number])}"


def _process(wall_ns: list[int]) -> dict[str, Any]:
    """As `runners.wire.ProcessSamples` names the fields."""
    return {
        "load_ns": 20_000_000,
        "first_ns": wall_ns[0] * 2,
        "warmup_wall_ns": wall_ns[:10],
        "wall_ns": wall_ns,
        "cpu_ns": [ns * 98 // 100 for ns in wall_ns],
        "device_ns": [],
        "started_at": None,
        "facts": {"note": MADE_UP},
    }


_CAMPAIGN = (
    "id", "title", "requested_by", "model_names", "protocol_slugs", "engine", "device_kind", "dataset", "priority",
    "created_at", "expanded_at",
)  # fmt: skip
_RUN = (
    "id", "campaign", "requested_by", "network", "protocol", "artifact", "engine", "device_kind", "dataset", "state",
    "fence", "counted_attempts", "priority", "share_rank", "blocked_by", "failure", "queued_at", "finished_at",
)  # fmt: skip
_ATTEMPT = (
    "id", "run", "agent", "device", "device_kind", "request_id", "fence", "state", "engine_release", "leased_at",
    "expires_at", "first_heartbeat_at", "last_heartbeat_at", "ended_at", "failure_kind", "reason", "is_counted",
    "progress",
)  # fmt: skip
_MEASUREMENT = (
    "attempt", "artifact", "engine_release", "runner_version", "started_at", "finished_at", "environment", "statistics",
)  # fmt: skip
_SAMPLES = ("attempt", "codec", "data", "count")
_RESULT = (
    "network", "metric", "configuration", "origin", "attempt", "device", "value", "printed", "evidence", "statistic",
    "interval_low", "interval_high", "n", "flags", "engine", "engine_release", "trust_tier", "is_simulated",
    "measured_at", "created_at", "updated_at", "withdrawn_at", "withdrawn_because",
)  # fmt: skip
