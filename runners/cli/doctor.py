"""How `doctor` shows its findings."""

from __future__ import annotations

from collections.abc import Iterable

from rich.markup import escape
from rich.table import Table

from runners.cli.console import out
from runners.hardware.base import Finding

SUBJECT_COLUMNS = 28
"""As wide as the longest name of an engine; what is longer, such as a phone's name, makes all lines wider."""


def show(findings: Iterable[Finding]) -> bool:
    """A line for each finding, on a terminal folded below its own column. Whether nothing needed is missing."""
    found = list(findings)
    width = max([SUBJECT_COLUMNS, *(len(finding.subject) for finding in found)])
    if out.is_terminal:
        out.print(_table(found, width), soft_wrap=False)
    else:
        for finding in found:
            out.print(f"{_mark(finding)}  {escape(finding.subject):<{width}}  {escape(finding.text)}")
    return all(finding.is_ok or not finding.is_needed for finding in found)


def _table(findings: Iterable[Finding], width: int) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(width=2)
    table.add_column(width=width, overflow="fold")
    table.add_column(overflow="fold")
    for finding in findings:
        table.add_row(_mark(finding), escape(finding.subject), escape(finding.text))
    return table


def _mark(finding: Finding) -> str:
    if finding.is_ok:
        return "[green]ok[/green]"
    return "[red]NO[/red]" if finding.is_needed else "[yellow]--[/yellow]"
