"""What `/data` says of the tables: rows, sizes, columns, and examples with the site's own address."""

from typing import Any

from django.core.cache import cache
from django.urls import reverse
from redis.exceptions import RedisError

from apps.board.exports import EXPORTS, Export
from apps.core.tables import FORMATS

SMALL_ROWS = 5_000
"""Of a table this small the sizes are found out while the page waits; of a larger one by its downloads."""

SIZE_LIFE_S = 30 * 24 * 3600

KIND_NAMES = {
    "text": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "yes or no",
    "time": "time, UTC",
    "texts": "list of texts",
}


def export_tables() -> list[dict[str, Any]]:
    return [_table(export) for export in EXPORTS.values()]


def _table(export: Export) -> dict[str, Any]:
    count, digest = export.state()
    sizes = _sizes(export, count, digest)
    return {
        "slug": export.slug,
        "title": export.title,
        "help": export.help,
        "rows": count,
        "downloads": [
            {
                "format": extension,
                "url": reverse("data-download", args=[export.slug, extension]),
                "size_bytes": sizes.get(extension),
                "etag": export.etag(digest, extension),
            }
            for extension in FORMATS
        ],
        "columns": [
            {"name": column.name, "kind": KIND_NAMES[column.kind], "unit": column.unit, "help": column.help}
            for column in export.columns
        ],
    }


def _sizes(export: Export, count: int, digest: str) -> dict[str, int]:
    """Bytes by format, as far as they are known."""
    keys = {extension: size_key(export.etag(digest, extension)) for extension in FORMATS}
    try:
        cached = cache.get_many(keys.values())
    except RedisError:
        return {}
    sizes = {extension: cached[key] for extension, key in keys.items() if key in cached}
    if len(sizes) < len(keys) and count <= SMALL_ROWS:
        rows = list(export.rows())
        sizes = {name: sum(map(len, FORMATS[name].write(export.columns, rows))) for name in FORMATS}
        cache.set_many({keys[name]: size for name, size in sizes.items()}, SIZE_LIFE_S)
    return sizes


def size_key(etag: str) -> str:
    return f"export-size:{etag}"


def api_examples(site: str) -> list[dict[str, str]]:
    """Commands and programs that run when they are pasted. `site` is the address without a slash at its end."""
    phone = "latency.paddleclas-sd855-bs1"
    return [
        {
            "title": "Download a table, and again only when it changed",
            "language": "shell",
            "code": "curl -fsS --etag-save results.etag --etag-compare results.etag -o results.csv \\\n"
            f"  {site}/data/results.csv",
        },
        {
            "title": "The most accurate models under 10 ms on a Snapdragon 855",
            "language": "shell",
            "code": f"curl -fsS '{site}/api/v1/leaderboard/?columns=top1,{phone}&max.{phone}=10&sort=-top1'",
        },
        {
            "title": "Two models side by side",
            "language": "shell",
            "code": f"curl -fsS '{site}/compare?models=MobileNetV1,MobileNetV2&format=csv'",
        },
        {
            "title": "Everything in pandas",
            "language": "python",
            "code": _PANDAS.format(site=site),
        },
    ]


_PANDAS = """\
import pandas as pd

results = pd.read_parquet("{site}/data/results.parquet")
published = results[results["origin"] == "published"]
columns = published["metric"] + "." + published["column"]
board = published.assign(column=columns).pivot(index="model", columns="column", values="value")
fast = board[board["latency.paddleclas-sd855-bs1"] <= 10]
print(fast["top1.paddleclas-accuracy"].sort_values(ascending=False).head())"""
