"""ncnn on the CPU, in FP32. pnnx, ncnn's own converter, makes its two files from an ONNX artifact."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from importlib import metadata
from pathlib import Path
from typing import Any, ClassVar, Literal

import ncnn
import numpy as np

from runners.engines.base import (
    Converter,
    Engine,
    EngineError,
    EngineUnavailable,
    FloatArray,
    Precision,
    Session,
    onnx_file,
)
from runners.wire import Artifact, Facts, FailureKind

PARAM, WEIGHTS = "model.ncnn.param", "model.ncnn.bin"
OPTIONS = {
    "use_fp16_packed": False,
    "use_fp16_storage": False,
    "use_fp16_arithmetic": False,
    "use_bf16_packed": False,
    "use_bf16_storage": False,
    "use_int8_inference": False,
    "use_vulkan_compute": False,
    "use_winograd_convolution": True,
    "use_sgemm_convolution": True,
    "use_packing_layout": True,
}
"""By default ncnn keeps FP32 weights and activations as FP16 where the CPU can: that would be another precision."""

PNNX_FOLDER = Path(sys.prefix) / "share" / "pnnx"
"""Where pnnx may be beside the packages: its wheel holds one program, and yet requires the whole of torch."""
SAID_IN_ERRORS = ("unexpected op_type", "CreateSession failed", "failed", "not supported")
LONGEST_SAID = 500


class Ncnn(Engine):
    name = "ncnn"
    category: ClassVar[Literal["cpu", "gpu", "phone"]] = "cpu"
    tolerance = 1e-4

    def __init__(self) -> None:
        self._pnnx = _installed_pnnx()

    def release(self) -> str:
        return str(ncnn.__version__)

    def converter(self, precision: Precision = "fp32") -> Converter:
        return Converter("pnnx", self._pnnx.version)

    def prepare(
        self,
        artifact_dir: Path,
        artifact: Artifact,
        out_dir: Path,
        *,
        image_shape: tuple[int, ...],
        precision: Precision = "fp32",
    ) -> None:
        source = artifact_dir / onnx_file("ncnn", artifact)
        with tempfile.TemporaryDirectory(dir=out_dir) as scratch:
            # pnnx writes beside the file it reads.
            (Path(scratch) / "model.onnx").symlink_to(source.resolve())
            said = self._convert(Path(scratch), image_shape)
            written = [Path(scratch) / PARAM, Path(scratch) / WEIGHTS]
            if not all(path.is_file() for path in written):
                raise EngineError(FailureKind.USER, f"pnnx does not convert {source.name} for ncnn: {_reason(said)}")
            _check_operators(written[0], source.name)
            for path in written:
                path.rename(out_dir / path.name)

    def load(
        self,
        artifact_dir: Path,
        artifact: Artifact,
        *,
        threads: int,
        input_shape: tuple[int, ...] | None = None,
        precision: Precision = "fp32",
    ) -> Session:
        _refuse_precisions(precision)
        if input_shape is not None:
            _refuse_batches(input_shape)
        net = ncnn.Net()
        for option, value in OPTIONS.items():
            setattr(net.opt, option, value)
        net.opt.num_threads = threads
        # As in ncnn's own benchmark: without pools every layer asks the system for memory, and how long that takes
        # depends on whatever else the process has allocated.
        pools = ncnn.UnlockedPoolAllocator(), ncnn.PoolAllocator()
        net.opt.blob_allocator, net.opt.workspace_allocator = pools
        for name, load in [(PARAM, net.load_param), (WEIGHTS, net.load_model)]:
            if load(str(artifact_dir / name)) != 0:
                reason = f"ncnn does not load {name}, converted from {artifact.files[0].name}."
                raise EngineError(FailureKind.USER, reason)
        return NcnnSession(net, threads, pools)

    def _convert(self, scratch: Path, image_shape: tuple[int, ...]) -> str:
        """Run pnnx; what it printed. It crashes on what it cannot convert, so only its files say whether it could."""
        program = self._pnnx.locate_file("pnnx/pnnx")
        shape = ",".join(str(size) for size in (1, *image_shape))
        done = subprocess.run(
            [str(program), "model.onnx", f"inputshape=[{shape}]", "fp16=0", f"ncnnparam={PARAM}", f"ncnnbin={WEIGHTS}"],
            cwd=scratch,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        return done.stdout.decode(errors="replace")


class NcnnSession(Session):
    """An extractor for each inference, as ncnn's own examples do it; the output is copied into a numpy array."""

    def __init__(self, net: Any, threads: int, pools: tuple[Any, Any]) -> None:
        inputs, outputs = net.input_names(), net.output_names()
        if len(inputs) != 1:
            raise EngineError(FailureKind.USER, f"The network must have one input; it has {inputs or 'none'}.")
        self._net, self._pools = net, pools
        self._input_name, self._output_name = inputs[0], outputs[0]
        self.facts: Facts = {
            "threads": threads,
            "storage": "fp32",
            "allocators": "pools",
            "openmp_blocktime_ms": net.opt.openmp_blocktime,
            "light_mode": net.opt.lightmode,
            "options": dict(OPTIONS),
        }

    def input(self, shape: tuple[int, ...], seed: int) -> FloatArray:
        _refuse_batches(shape)
        return super().input(shape, seed)

    def run(self, x: FloatArray) -> FloatArray:
        if len(x) != 1:
            _refuse_batches(x.shape)
        extractor = self._net.create_extractor()
        extractor.input(self._input_name, ncnn.Mat(x[0]))
        status, output = extractor.extract(self._output_name)
        if status != 0:
            raise EngineError(FailureKind.ENGINE, f"ncnn does not execute the network: status {status}.")
        return np.array(output, ndmin=2)

    def close(self) -> None:
        self._net.clear()


def _installed_pnnx() -> metadata.Distribution:
    """Raises: `EngineUnavailable`."""
    path = [*sys.path, str(PNNX_FOLDER)]
    found = next(iter(metadata.distributions(name="pnnx", path=path)), None)
    if found is None:
        raise EngineUnavailable(
            "Engine 'ncnn' lacks pnnx, which converts networks for it. Install it without torch, which it does not "
            "need here: pip install --no-deps pnnx."
        )
    return found


def _refuse_precisions(precision: Precision) -> None:
    """Raises: `EngineError` of the user."""
    if precision != "fp32":
        reason = f"ncnn computes in FP32 here, and the protocol asks for {precision}: ask for another engine."
        raise EngineError(FailureKind.USER, reason)


def _refuse_batches(shape: tuple[int, ...]) -> None:
    """Raises: `EngineError` of the user."""
    if shape[0] != 1:
        reason = (
            f"ncnn executes one image at a time, and the protocol asks for batches of {shape[0]}: "
            "ask for a protocol with batch size 1, or for another engine."
        )
        raise EngineError(FailureKind.USER, reason)


def _check_operators(param: Path, source: str) -> None:
    """pnnx writes the operators that it cannot translate under names of its own.

    Raises: `EngineError` of the user.
    """
    types = {line.split()[0] for line in param.read_text().splitlines()[2:] if line.strip()}
    unknown = sorted(each for each in types if ncnn.layer_to_index(each) < 0)
    if unknown:
        raise EngineError(FailureKind.USER, f"ncnn has no operator for {', '.join(unknown)} of {source}.")


def _reason(said: str) -> str:
    """The lines in which pnnx says what is wrong; its last one where it says nothing of the kind."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    telling = [line for line in lines if any(each in line for each in SAID_IN_ERRORS)]
    return " ".join(dict.fromkeys(telling or lines[-1:]))[:LONGEST_SAID] or "it said nothing."
