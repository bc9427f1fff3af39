"""Artifacts: immutable manifests of files, addressed by sha256."""

from typing import Any

from django.core.validators import RegexValidator
from django.db import models

from apps.catalog.models.network import Architecture, Network, Precision, is_name
from runners.wire import WeightsKind

is_sha256 = RegexValidator(r"^[0-9a-f]{64}$", "A sha256 has 64 hexadecimal digits.")


class Artifact(models.Model):
    """A network in one format and precision. `recipe` lets an agent build it and check the hash."""

    sha256 = models.CharField(max_length=64, unique=True, validators=[is_sha256])
    architecture = models.ForeignKey(Architecture, on_delete=models.PROTECT, related_name="artifacts")
    network = models.ForeignKey(Network, on_delete=models.PROTECT, null=True, blank=True, related_name="artifacts")
    """The model whose weights these are; null where only the graph matters."""
    format = models.CharField(max_length=20)
    precision = models.CharField(max_length=10, choices=Precision.choices)
    weights = models.CharField(max_length=300)
    weights_kind = models.CharField(
        max_length=20, choices=[(kind.value, kind.value) for kind in WeightsKind], default=WeightsKind.STATED.value
    )
    """A `runners.wire.WeightsKind`: decides about accuracy, which the words of `weights` do not."""
    recipe = models.JSONField(null=True, blank=True)
    input_preparation = models.JSONField(default=dict, blank=True)
    """Fields of `runners.wire.InputPreparation`; empty where nobody stated them."""
    is_uploaded = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["architecture__name", "format", "id"]

    def __str__(self) -> str:
        return f"{self.architecture_id} {self.format} {self.sha256[:12]}"

    @property
    def size_bytes(self) -> int:
        """Of all files together; wants `files` prefetched."""
        return sum(file.size_bytes for file in self.files.all())

    @property
    def made_for(self) -> str:
        """The model whose weights these are, else the architecture; wants both loaded."""
        return self.network.name if self.network else self.architecture.name

    def as_order(self) -> dict[str, Any]:
        """The fields an agent needs, as `runners.wire.Artifact` names them; wants `files` prefetched."""
        files = [{"name": f.name, "sha256": f.sha256, "size_bytes": f.size_bytes} for f in self.files.all()]
        return {
            "sha256": self.sha256,
            "format": self.format,
            "precision": self.precision,
            "weights": self.weights,
            "weights_kind": self.weights_kind,
            "recipe": self.recipe,
            "input": self.input_preparation or None,
            "files": files,
        }


class ArtifactFile(models.Model):
    """One file of an artifact. Its bytes lie in the artifact storage under their sha256, once."""

    artifact = models.ForeignKey(Artifact, on_delete=models.CASCADE, related_name="files")
    name = models.CharField(max_length=100, validators=[is_name])
    sha256 = models.CharField(max_length=64, validators=[is_sha256])
    size_bytes = models.PositiveBigIntegerField()

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["artifact", "name"], name="catalog_artifactfile_name")]

    def __str__(self) -> str:
        return f"{self.name} {self.sha256[:12]}"

    @property
    def storage_name(self) -> str:
        """Where the bytes lie: made of the hash alone, so that a file's name never becomes a path."""
        return f"{self.sha256[:2]}/{self.sha256}"
