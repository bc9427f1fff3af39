"""What a person says of the outputs of benchmark programs, since they do not say it themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from runners import protocols, wire
from runners.tools.setting import Setting


@dataclass(frozen=True, slots=True)
class Claim:
    """How the outputs came about; the counts only where they do not say them.

    `executed_files` are what the program loaded where that was converted from the artifact. `release` is None where
    nobody knows more than the output.
    """

    model: str
    protocol: wire.Protocol
    engine: str
    device: str
    category: str
    artifact: wire.Artifact
    executed_files: Sequence[wire.ArtifactFile] = ()
    release: str | None = None
    warmup: int | None = None
    repeats: int | None = None

    def refusal(self) -> str | None:
        """Why every site will refuse a record of this, and what to do, in a sentence; None where nothing is foreseen.

        What a site has under its protocols is known here, its models and the artifacts that it has are not.
        """
        hardware = protocols.hardware_for(self.protocol)
        if hardware is None:
            return None
        return self._other_device(hardware) or self._other_engine(hardware) or self._other_precision()

    def _other_device(self, hardware: protocols.Hardware) -> str | None:
        if hardware.fits(self.category, self.device):
            return None
        wanted = hardware.kind_name or f"a {hardware.category}"
        stated = f"{self.device}, a {self.category}"
        options = [f"--category {hardware.category}"] if hardware.category != self.category else []
        options += [f'--device "{hardware.kind_name}"'] if hardware.kind_name not in (None, self.device) else []
        others = ", ".join(protocols.for_stated(self.category, self.device))
        return (
            f"A site takes {self.protocol.slug} of {wanted} only, and you state {stated}: if it was one, say so by "
            f"{' and '.join(options)}; else name the --protocol that was followed, one of {others}."
        )

    def _other_engine(self, hardware: protocols.Hardware) -> str | None:
        if self.engine in hardware.engines:
            return None
        return (
            f"A site takes {self.protocol.slug} by {', '.join(hardware.engines)}, and you state {self.engine}: name "
            "the --protocol that was followed, and where the program has several engines the --engine that it used."
        )

    def _other_precision(self) -> str | None:
        """An int8 file depends on the model, which only the site knows; a file in FP16 is never taken but for FP16."""
        if self.artifact.precision != "fp16" or self.protocol.precision == "fp16":
            return None
        return (
            f"A site takes no artifact in fp16 under {self.protocol.slug}: name the --artifact from which that was "
            "made, with --executed for what the program loaded."
        )

    @property
    def setting(self) -> Setting:
        gpu = self.device if self.category == "gpu" else None
        return Setting(self.protocol, artifact_precision=self.artifact.precision, gpu=gpu)
