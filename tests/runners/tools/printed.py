"""The outputs that the tests read; `outputs/README.md` says which are real."""

from pathlib import Path

OUTPUTS = Path(__file__).parent / "outputs"

EXCERPTS = {
    "paddle_lite_new": "paddle-lite",
    "paddle_lite_old": "paddle-lite",
    "benchncnn": "benchncnn",
    "tflite": "tflite",
    "mnn": "mnn",
    "ort": "ort",
}
"""File and the program whose output it is; most say nothing of how often it ran."""

WHOLE = {
    "paddle_lite_new_whole": "paddle-lite",
    "paddle_lite_old_log": "paddle-lite-2.9",
    "benchncnn_whole": "benchncnn",
    "tflite_whole": "tflite",
    "mnn_whole": "mnn",
    "ort_whole": "ort",
    "trtexec": "trtexec",
    "trtexec_old": "trtexec",
}


def printed(name: str) -> str:
    """A file of `outputs/`, by its name without .txt or by its whole name."""
    return (OUTPUTS / (name if "." in name else f"{name}.txt")).read_text()
