"""What a stated value looks like when it is sent in."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, WithJsonSchema

PRINTABLE = r"^[^\x00-\x1f\x7f]*$"
NUMBER = r"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,2})?$"
MAX_DIGITS = 24
"""As many as Python or pandas ever write of a float."""

MAX_SAMPLES = 10_000

Name = Annotated[str, StringConstraints(max_length=200, pattern=PRINTABLE)]
Short = Annotated[str, StringConstraints(max_length=60, pattern=PRINTABLE)]
Number = Annotated[float, Field(allow_inf_nan=False)]
Sample = Annotated[float, Field(allow_inf_nan=False, le=1e15)]
Written = Annotated[
    Annotated[int, Field(le=10**15)] | Number | Annotated[str, StringConstraints(max_length=MAX_DIGITS)],
    WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "string", "maxLength": MAX_DIGITS, "pattern": NUMBER}]}),
]
"""A number, or its digits as text where their zeros matter."""

EvidenceStated = Literal["samples", "summary", "count", "published"]


class StatedValue(BaseModel):
    """One value of one metric of one model, and what stands behind it.

    Where it was measured is said by `configuration`, or by `protocol`, `engine` and `device`. `unit` is the one of
    `value` and `samples`; without one it is the metric's own.
    """

    model_config = ConfigDict(extra="forbid")

    record_id: Annotated[str, StringConstraints(max_length=100, pattern=PRINTABLE)] = ""
    """Your own name for it: the same record under the same name is stored once. Without one its content is its name."""
    model: Name
    metric: Name
    configuration: Name = ""
    protocol: Name = ""
    protocol_version: Annotated[int, Field(ge=1, le=32_767)] | None = None
    """The newest one without it."""
    engine: Name = ""
    engine_release: Annotated[str, StringConstraints(max_length=100, pattern=PRINTABLE)] = ""
    device: Name = ""
    """Slug or title of a kind of device."""
    value: Written
    unit: Annotated[str, StringConstraints(max_length=10, pattern=PRINTABLE)] = ""
    evidence: EvidenceStated
    statistic: Short = ""
    """What was made of the samples, such as `median` or `mean of 30 after 10`."""
    n: Annotated[int, Field(ge=1, le=2_147_483_647)] | None = None
    """How many samples, or images, stand behind the value."""
    samples: Annotated[list[Sample], Field(max_length=MAX_SAMPLES)] = []
    citation: Annotated[str, StringConstraints(max_length=500, pattern=PRINTABLE)] = ""
    """Where the value can be read: a text that is shown and never fetched."""
    measured_at: AwareDatetime | None = None
    corrects: Annotated[int, Field(ge=1, le=9_223_372_036_854_775_807)] | None = None
    """The id of your submission that this one takes the place of."""
