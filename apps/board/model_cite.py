"""How to cite a model's values: BibTeX of this page, dated, and of the paper behind the family."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from apps.catalog.models import Network
from apps.results.leaderboard import Row

_ESCAPED = str.maketrans({character: f"\\{character}" for character in "_&%#$"})


def citations(network: Network, row: Row, *, url: str, today: date) -> str:
    """One or two entries. The note names the published documents and the newest measurement that the page shows."""
    entries = [_page(network, row, url, today)]
    if network.family.paper.get("title"):
        entries.append(_paper(network.family.paper, network.family.slug))
    return "\n\n".join(entries)


def _page(network: Network, row: Row, url: str, today: date) -> str:
    sources = dict.fromkeys(cell.source.partition(",")[0] for cell in row.cells.values() if cell.run_id is None)
    measured = [cell.measured_at for cell in row.cells.values() if cell.measured_at]
    notes = [f"Accessed {today:%Y-%m-%d}"]
    notes += [f"published values: {_latex(', '.join(sources))}"] if sources else []
    notes += [f"newest measurement: {max(measured):%Y-%m-%d}"] if measured else []
    fields = {
        "title": f"{{{_latex(network.name)}}}: published and measured values",
        "author": "{zooboard}",
        "year": str(today.year),
        "howpublished": f"\\url{{{url}}}",
        "note": "; ".join(notes),
    }
    return _entry("misc", f"zooboard-{network.name}-{today:%Y%m%d}", fields)


def _paper(paper: Mapping[str, Any], key: str) -> str:
    authors: Sequence[str] = paper.get("authors", ())
    fields = {
        "title": f"{{{_latex(paper['title'])}}}",
        "author": _latex(" and ".join(authors)),
        "year": str(paper.get("year", "")),
        "eprint": paper.get("arxiv", ""),
        "archiveprefix": "arXiv" if paper.get("arxiv") else "",
    }
    return _entry("article", key, {name: value for name, value in fields.items() if value})


def _entry(kind: str, key: str, fields: Mapping[str, str]) -> str:
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items()]
    return "\n".join([f"@{kind}{{{key},", *lines, "}"])


def _latex(text: str) -> str:
    return text.translate(_ESCAPED)
