"""Nothing of a host's folders, and no serial, is in what everyone may read; every number still is."""

from __future__ import annotations

from pathlib import Path

import pytest

from runners.privacy import public


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("--onnx=/home/jane/secret project/x", "--onnx=…/x"),
        ("cannot open '/srv/jane/models/model.nb'", "cannot open '…/model.nb'"),
        ('File "/opt/jane/lib/python3.12/site-packages/a.py", line 3', 'File "…/a.py", line 3'),
        ("error:/srv/jane/model.nb:12", "error:…/model.nb:12"),
        ("~/jane/model.nb and ~/x", "…/model.nb and ~/x"),
        (r"C:\Users\jane\model.nb", r"…\model.nb"),
        ("/srv/jane/", "…/"),
        ("of GPU-01234567-89ab-cdef-0123-456789abcdef", "of GPU-…"),
        ("phone 51zb0855 is offline", "phone (serial) is offline"),
    ],
)
def test_paths_and_serials_are_left_out(said: str, shown: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/jane/secret project")

    assert public(said, "51zb0855") == shown


@pytest.mark.parametrize(
    "text",
    [
        "Free some of /data.",
        "https://example.org/docs/how-to/phone-lab.md",
        "http://127.0.0.1:8000/api/v1/",
        "/sys/class/thermal/thermal_zone0/temp and /proc/cpuinfo",
        "/data/local/tmp/zooboard-0123/model/model.param",
        "1/2/3 of images/s, 5.15 ms",
        "mobilenet  min =    5.14  max =    5.47  avg =    5.23",
        "pip install 'zooboard-runner[ncnn]'",
    ],
)
def test_everything_else_stays_as_it_is(text: str) -> None:
    assert public(text, "5.15", "") == text


def test_home_that_is_the_root_folder_is_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "home", lambda: Path("/"))

    assert public("a / b") == "a / b"
