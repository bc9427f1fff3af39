"""The published tables: from the document's text to CSV files, and from those to values with their provenance.

`python -m apps.results.published fixtures/published` writes the CSV files from the text beside them.
"""

import csv
import hashlib
import io
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

DOCUMENT_TITLE = "Mobile and Embedded Vision Applications Network series"
UPSTREAM = "PaddlePaddle/PaddleClas"
TEXT_FILE = "paddleclas-mobile-tables.txt"

SSLD_SUFFIX = "_ssld"
COPIED_METRICS = frozenset({"flops_paddle", "params_paddle", "latency", "storage"})
"""What depends on the architecture alone, so that an SSLD row that repeats its base row was not measured."""

FP16_SLOWER = "fp16-slower-than-fp32"
FP16_TOLERANCE = Decimal("1.05")


class PublishedTextError(ValueError):
    """A published table is not as it should be; says in which line and what is expected there."""

    def __init__(self, where: str, line: int, expected: str, found: str) -> None:
        super().__init__(f"{where}, line {line}: expected {expected}, found {found!r}. Restore the published text.")
        self.line = line


@dataclass(frozen=True)
class PublishedValue:
    """One printed value. `copied_from` names the model whose measured value the document repeats in this row."""

    model: str
    metric: str
    configuration: str
    printed: str
    value: Decimal
    copied_from: str | None
    flags: tuple[str, ...]


@dataclass(frozen=True)
class PublishedTable:
    """A table of the document; `sha256` is that of its CSV file."""

    slug: str
    section: str
    title: str
    document: str
    upstream: str
    sha256: str
    values: tuple[PublishedValue, ...]


@dataclass(frozen=True)
class Layout:
    """What a table looks like in the text. Columns are keys `<metric>.<configuration>`, as in the board's addresses."""

    slug: str
    section: str
    title: str
    header: str
    columns: tuple[str, ...]
    value_count: int

    def place(self, printed: list[str]) -> list[str] | None:
        """The printed values in their columns, "" where one is missing; None when they cannot be placed."""
        width = len(self.columns)
        if len(printed) == width:
            return printed
        if self.slug != "accuracy":
            return None
        if len(printed) == 1:
            return printed + [""] * (width - 1)
        # Absent references leave no gap: the first two are top-1 and top-5, the last two FLOPs and parameters.
        if 4 <= len(printed) < width:
            return printed[:-2] + [""] * (width - len(printed)) + printed[-2:]
        return None


_T4 = tuple(f"paddleclas-t4-{precision}-bs{batch}" for precision in ("fp16", "fp32") for batch in (1, 4, 8))

LAYOUTS = (
    Layout(
        slug="accuracy",
        section="2.4.2",
        title="Accuracy, FLOPS and Parameters",
        header="Models Top1 Top5 Reference top1 Reference top5 FLOPS (G) Parameters (M)",
        columns=(
            *(f"{key}.paddleclas-accuracy" for key in ("top1", "top5", "reference_top1", "reference_top5")),
            "flops_paddle.paddleclas-complexity",
            "params_paddle.paddleclas-complexity",
        ),
        value_count=149,
    ),
    Layout(
        slug="sd855",
        section="2.4.3",
        title="Inference speed and storage size based on SD855",
        header="Models Batch Size=1(ms) Storage Size(M)",
        columns=("latency.paddleclas-sd855-bs1", "storage.paddleclas-storage"),
        value_count=64,
    ),
    Layout(
        slug="t4",
        section="2.4.4",
        title="Inference speed based on T4 GPU",
        header=" ".join(["Models", *(f"{p} Batch Size={b} (ms)" for p in ("FP16", "FP32") for b in (1, 4, 8))]),
        columns=tuple(f"latency.{configuration}" for configuration in _T4),
        value_count=186,
    ),
)

Rows = dict[str, list[str]]
"""Printed values by model, in the order of the document and of the layout's columns; "" where one is missing."""

Token = tuple[int, str]
"""A line number, from 1, and a word of that line."""

_HEADING_NUMBERS = frozenset(f"{layout.section}." for layout in LAYOUTS)
_MODEL = re.compile(r"[A-Z][A-Za-z0-9]*(_[A-Za-z0-9]+)*")


def parse_text(text: str) -> list[tuple[Layout, Rows]]:
    """The three tables of the document's text.

    Raises: PublishedTextError when a heading, a header or a value is not where it is expected.
    """
    tokens = [(number, word) for number, line in enumerate(text.splitlines(), start=1) for word in line.split()]
    tables = []
    for layout in LAYOUTS:
        tokens = _skip_words(tokens, f"{layout.section}. {layout.title} {layout.header}")
        end = next((i for i, (_, word) in enumerate(tokens) if word in _HEADING_NUMBERS), len(tokens))
        tables.append((layout, _parse_rows(tokens[:end], layout)))
        tokens = tokens[end:]
    if tokens:
        raise PublishedTextError(TEXT_FILE, tokens[0][0], "the end of the text", tokens[0][1])
    return tables


def _skip_words(tokens: list[Token], words: str) -> list[Token]:
    expected = words.split()
    for i, word in enumerate(expected):
        line, found = tokens[i] if i < len(tokens) else (tokens[-1][0] if tokens else 1, "the end")
        if found != word:
            raise PublishedTextError(TEXT_FILE, line, f"{word!r} of {words!r}", found)
    return tokens[len(expected) :]


def _parse_rows(tokens: list[Token], layout: Layout) -> Rows:
    rows: Rows = {}
    for line, model, printed in _split_rows(tokens):
        placed = layout.place(printed)
        if placed is None:
            expected = f"{len(layout.columns)} values of {model} in table {layout.slug}"
            raise PublishedTextError(TEXT_FILE, line, expected, " ".join(printed))
        _add_row(rows, model, placed, where=TEXT_FILE, line=line)
    _check_count(rows, layout, where=TEXT_FILE, line=tokens[-1][0] if tokens else 1)
    return rows


def _split_rows(tokens: list[Token]) -> Iterator[tuple[int, str, list[str]]]:
    """Line, model and printed values of each row; a name that ends in an underscore goes on in the next line."""
    position = 0
    while position < len(tokens):
        line, model = tokens[position]
        position += 1
        while model.endswith("_") and position < len(tokens):
            model += tokens[position][1]
            position += 1
        if not _MODEL.fullmatch(model):
            raise PublishedTextError(TEXT_FILE, line, "the name of a model", model)
        printed = []
        while position < len(tokens) and not tokens[position][1][0].isalpha():
            printed.append(tokens[position][1])
            position += 1
        yield line, model, printed


def _add_row(rows: Rows, model: str, printed: list[str], *, where: str, line: int) -> None:
    if model in rows:
        raise PublishedTextError(where, line, "each model once", model)
    for value in filter(None, printed):
        try:
            is_usable = Decimal(value).is_finite() and Decimal(value) > 0
        except InvalidOperation:
            is_usable = False
        if not is_usable:
            raise PublishedTextError(where, line, f"a positive number for {model}", value)
    rows[model] = printed


def _check_count(rows: Rows, layout: Layout, *, where: str, line: int) -> None:
    count = sum(bool(value) for printed in rows.values() for value in printed)
    if count != layout.value_count:
        raise PublishedTextError(where, line, f"{layout.value_count} values in table {layout.slug}", str(count))


def to_csv(layout: Layout, rows: Rows) -> str:
    """One row per model, the digits as printed, nothing where a value is missing."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(["model", *layout.columns])
    writer.writerows([model, *printed] for model, printed in rows.items())
    return buffer.getvalue()


def write_csvs(folder: Path) -> None:
    """Write `<slug>.csv` of every table in the text of the same folder."""
    for layout, rows in parse_text((folder / TEXT_FILE).read_text(encoding="utf-8")):
        (folder / f"{layout.slug}.csv").write_text(to_csv(layout, rows), encoding="utf-8")


def read_tables(folder: Path) -> list[PublishedTable]:
    """The published tables from their CSV files.

    Raises: PublishedTextError for a file that lost or changed its shape, FileNotFoundError for one that is missing.
    """
    return [_read_table(folder / f"{layout.slug}.csv", layout) for layout in LAYOUTS]


def _read_table(path: Path, layout: Layout) -> PublishedTable:
    content = path.read_bytes()
    lines = list(csv.reader(content.decode().splitlines()))
    header = ["model", *layout.columns]
    rows: Rows = {}
    for number, fields in enumerate(lines, start=1):
        if len(fields) != len(header) or (number == 1 and fields != header):
            raise PublishedTextError(path.name, number, f"the columns {','.join(header)}", ",".join(fields))
        if number > 1:
            _add_row(rows, fields[0], fields[1:], where=path.name, line=number)
    _check_count(rows, layout, where=path.name, line=len(lines))
    return PublishedTable(
        slug=layout.slug,
        section=layout.section,
        title=layout.title,
        document=DOCUMENT_TITLE,
        upstream=UPSTREAM,
        sha256=hashlib.sha256(content).hexdigest(),
        values=tuple(_values(layout, rows)),
    )


def _values(layout: Layout, rows: Rows) -> Iterator[PublishedValue]:
    for model, printed in rows.items():
        by_column = dict(zip(layout.columns, printed, strict=True))
        base = model.removesuffix(SSLD_SUFFIX) if model.endswith(SSLD_SUFFIX) else None
        for index, (column, text) in enumerate(by_column.items()):
            if not text:
                continue
            metric, _, configuration = column.partition(".")
            is_copied = base in rows and metric in COPIED_METRICS and Decimal(rows[base][index]) == Decimal(text)
            flags = (FP16_SLOWER,) if _is_slower_than_fp32(column, by_column) else ()
            copied_from = base if is_copied else None
            yield PublishedValue(model, metric, configuration, text, Decimal(text), copied_from, flags)


def _is_slower_than_fp32(column: str, by_column: dict[str, str]) -> bool:
    fp32 = by_column.get(column.replace("-fp16-", "-fp32-"))
    return "-fp16-" in column and bool(fp32) and Decimal(by_column[column]) > Decimal(str(fp32)) * FP16_TOLERANCE


if __name__ == "__main__":
    write_csvs(Path(sys.argv[1]))
