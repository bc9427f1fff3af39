"""NVIDIA GPUs of this host: which are there, what they can execute, and how it is measured on them."""

from __future__ import annotations

from runners.gpu.discovery import discover

__all__ = ["discover"]
