from __future__ import annotations

import pytest

from runners.engines import ENGINES
from runners.hardware.host import HostCpu


def test_host_offers_its_engines_and_is_well() -> None:
    host = HostCpu(engines=["onnxruntime"])

    is_well, text = host.self_check()

    assert [engine.name for engine in host.offer().engines] == ["onnxruntime", "onnx"]
    assert is_well
    assert text == "2 engines load and the processor repeats its results."
    assert [finding.is_ok for finding in host.findings()] == [True]


def test_host_that_lost_an_engine_is_not_well(monkeypatch: pytest.MonkeyPatch) -> None:
    host = HostCpu(engines=["onnxruntime", "openvino"])
    monkeypatch.setitem(ENGINES, "openvino", "runners.engines.no_such_module:Missing")

    is_well, text = host.self_check()

    assert not is_well
    assert text == "Engines that worked at the start work no more: openvino. Restart the agent."
