"""Shapes of the answers about results."""

from datetime import datetime
from typing import Literal

from apps.catalog.api import schema as catalogue
from apps.core.api.schema import FieldProblem, Page, Shape

Interval = tuple[float, float]
"""(low, high) of a 95 % interval, in the metric's unit."""


class ResultRow(Shape):
    """`printed` are the digits of a published value as text; `value` is the same as a number, in `unit`.

    `artifact_of` names what the measured artifact was made for: the model itself, or the architecture that it shares.
    `artifact_of` of a submission is null where this site does not know the artifact. `submission` is the sha256 of the
    record that was sent in. `dataset` is the named subset of an accuracy, null where it is the whole standard dataset.
    """

    id: int
    model: str
    metric: str
    configuration: str
    protocol: str
    protocol_version: int
    device: str | None
    engine: str
    engine_release: str
    dataset: str | None
    precision: str
    batch_size: int
    value: float
    printed: str | None
    unit: str
    origin: str
    source: str | None
    source_edition: int | None
    run: int | None
    submission: str | None
    flags: list[str]
    copied_from: str | None
    evidence: str
    statistic: str
    interval: Interval | None
    n: int | None
    trust_tier: int
    is_simulated: bool
    artifact_sha256: str | None
    weights: str | None
    artifact_of: str | None
    measured_at: datetime | None
    updated_at: datetime


class ResultPage(Page):
    results: list[ResultRow]


class FactDifference(Shape):
    """A fact of `environment`, by its path, or of the result; null where it was not stated."""

    fact: str
    before: str | None
    after: str | None


class ChangeRow(Shape):
    """A change of a series' level: a metric of a model under a configuration on the device `device_id`.

    `result`, of `run`, is the first value after it, `result_before` the one before; the result of `known_since_run`
    made it certain. `before` and `after` are the medians, in `unit`, of the `count_before` values since the change
    before and of the `count_after` until the next one; `ratio` is after to before, null where that is nought.
    `strength` is the Mann-Whitney statistic, in standard deviations. `differences` are facts on which the three runs
    on either side agree among themselves and not with each other.
    """

    model: str
    metric: str
    unit: str
    configuration: str
    device_id: int
    result: int
    run: int
    measured_at: datetime
    result_before: int
    run_before: int
    known_since_run: int
    before: float
    after: float
    ratio: float | None
    is_better: bool | None
    count_before: int
    count_after: int
    strength: float
    differences: list[FactDifference]
    sentence: str


class ChangePage(Page):
    results: list[ChangeRow]


class OneResult(ResultRow):
    """`statistics` are all of the samples behind it, those of the published document among them; null without."""

    statistics: dict[str, object] | None
    environment: dict[str, object] | None
    runner_version: str | None
    withdrawn_at: datetime | None
    withdrawn_because: str


class ProcessRow(Shape):
    """What one child process measured, in the order in which it happened."""

    load_ns: int
    first_ns: int
    warmup_wall_ns: list[int]
    wall_ns: list[int]
    cpu_ns: list[int]
    device_ns: list[int]
    started_at: datetime
    facts: dict[str, object]


class ImageRows(Shape):
    """Of every image, in the order of the dataset's list: its class, the predicted one, and the true one's place.

    Classes count from 0. Place 0 is the highest output, 5 stands for every place after the fifth; -1 are unreadable.
    """

    labels: list[int]
    predicted: list[int]
    ranks: list[int]


class InvocationRow(Shape):
    """What a benchmark program said of the runs of one invocation; null for what it does not say.

    `output` is what it printed, from which the numbers were read.
    """

    runs: int
    warmup: int
    mean_ns: float
    median_ns: float | None
    min_ns: float | None
    max_ns: float | None
    standard_deviation_ns: float | None
    init_ns: float | None
    first_ns: float | None
    started_at: datetime
    output: str
    facts: dict[str, object]


class SummaryRows(Shape):
    tool: str
    tool_release: str
    invocations: list[InvocationRow]


class RawSamples(Shape):
    """`processes` of a latency, `images` of an accuracy; `count` are the inferences of one, the images of the other.

    `values` are samples that came with a stated value, in the metric's unit.

    A program that keeps its samples leaves neither, but its `summary`, and `note` says so. The `facts` of a process or
    an invocation are what the agent read of the device: on a phone temperature, frequencies and battery, on a GPU
    clocks, reasons for lower ones, temperature and power; each with its unit in its name, null where it is not told.
    """

    result: int
    unit: str
    count: int
    processes: list[ProcessRow]
    images: ImageRows | None
    values: list[float] | None
    summary: SummaryRows | None
    note: str


class SentRow(Shape):
    """What became of a row; `row` is its line. `submission` and `result` are null where it was refused or only tried.

    `existing` is one that is there already, from an earlier call or an earlier row.
    """

    row: int
    status: Literal["stored", "existing", "refused", "valid"]
    submission: int | None
    result: int | None
    problems: list[FieldProblem]


class SentReport(Shape):
    """`valid` are the rows that would have been stored, had it not been a dry run."""

    is_dry_run: bool
    received: int
    stored: int
    existing: int
    refused: int
    valid: int
    rows: list[SentRow]


SubmissionKind = Literal["record", "value"]
PublicState = Literal["submitted", "accepted", "refused", "superseded", "withdrawn"]


class SubmittedValue(Shape):
    """One value of a submission; `printed` is what its sender wrote, null for what a record's samples gave."""

    result: int
    model: str
    metric: str
    configuration: str
    value: float
    unit: str
    printed: str | None
    evidence: str
    withdrawn_at: datetime | None
    withdrawn_because: str


class SubmissionRow(Shape):
    """`kind` is `record` for all that `zooboard-runner` measured at once, `value` for one stated value.

    `corrects` is the edition before, `corrected_by` the one after. `citation` is its sender's word; nobody fetched it.
    """

    id: int
    kind: SubmissionKind
    record_id: str
    sha256: str
    owner: str
    state: PublicState
    edition: int
    corrects: int | None
    corrected_by: int | None
    citation: str
    created_at: datetime
    results: list[SubmittedValue]


class SubmissionPage(Page):
    results: list[SubmissionRow]


class OneSubmission(SubmissionRow):
    """`editions` are the ids of all its editions, the first one first; `problems` why a record was refused."""

    editions: list[int]
    problems: list[str]


class ConfigurationRow(catalogue.ConfigurationRow):
    """`aa_floor` is the relative difference that two measurements of the same thing exceed in 5 % of pairs at most.

    It comes from `aa_pairs` pairs of unflagged attempts, and is assumed where they are too few. Null where nothing is
    timed.
    """

    aa_floor: float | None
    aa_pairs: int | None
    aa_is_assumed: bool | None


class ConfigurationPage(Page):
    results: list[ConfigurationRow]


class SourceRow(Shape):
    id: int
    slug: str
    edition: int
    document: str
    section: str
    table: str
    repository: str
    digest: str
    created_at: datetime


class SourcePage(Page):
    results: list[SourceRow]


class LeaderboardColumn(Shape):
    key: str
    metric: str
    unit: str
    direction: Literal["max", "min"]
    configuration: str
    protocol: str
    engine: str | None
    device: str | None
    is_measured: bool
    is_submitted: bool


Verdict = Literal["yes", "caveat", "no", "not stated"]
"""Whether the values of two protocols may be compared; `not stated` where the catalogue says nothing."""


class AgainstPublished(Shape):
    """`ratio` is the measured value over the published one of `column`."""

    column: str
    ratio: float
    comparable: Verdict


class LeaderboardCell(Shape):
    """`range` is the lowest and highest value of the `device_count` devices behind the cell.

    Of a submitted cell it is that of all values that stand, by so many `submitters`; `submission` is the newest one.

    `against_published` of a measured value holds the published ones shown beside it; it is empty for published values.
    """

    value: float
    printed: str | None
    unit: str
    origin: str
    evidence: str
    interval: Interval | None
    n: int | None
    flags: list[str]
    copied_from: str | None
    source: str
    run: int | None
    submission: int | None
    submitters: int | None
    result: int
    device_count: int
    range: Interval
    against_published: list[AgainstPublished]


class LeaderboardRow(Shape):
    """`cells` by column key; null where there is no value. `on_front` is null when no front was asked for."""

    model: str
    family: str
    recipe: str
    precision: str
    width_multiplier: float
    on_front: bool | None
    cells: dict[str, LeaderboardCell | None]


class AgreementRow(Shape):
    """A measured column against a published one, over the `models` that have both values.

    Values that the document copied from a base model are not counted, nor is an int8 model in a column of another
    precision. `flagged` of the models have a measured value with a flag: they are counted, and left out of
    `spearman_unflagged`. Both coefficients are null below four models. Ratios are measured over published.
    """

    published: str
    measured: str
    models: int
    flagged: int
    spearman: float | None
    spearman_unflagged: float | None
    ratio_median: float | None
    ratio_min: float | None
    ratio_max: float | None
    comparable: Verdict
    sentence: str


class Leaderboard(Shape):
    columns: list[LeaderboardColumn]
    rows: list[LeaderboardRow]
    agreements: list[AgreementRow]


class Dominated(Shape):
    """`by` is a model on the front that is as good in every objective and better in one."""

    model: str
    by: str


class Pareto(Shape):
    """`front` are the rows that no other row beats; `incomplete` the models that lack an objective."""

    objectives: list[str]
    columns: list[LeaderboardColumn]
    front: list[LeaderboardRow]
    dominated: list[Dominated]
    incomplete: list[str]
