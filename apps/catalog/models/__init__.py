"""WHAT is measured, and how."""

from apps.catalog.models.artifact import Artifact, ArtifactFile
from apps.catalog.models.dataset import Dataset
from apps.catalog.models.device_kind import DeviceKind
from apps.catalog.models.network import Architecture, Family, Network, Precision
from apps.catalog.models.protocol import Comparability, Configuration, Protocol

__all__ = [
    "Architecture",
    "Artifact",
    "ArtifactFile",
    "Comparability",
    "Configuration",
    "Dataset",
    "DeviceKind",
    "Family",
    "Network",
    "Precision",
    "Protocol",
]
