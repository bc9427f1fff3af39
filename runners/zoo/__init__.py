"""Builds the networks of the published tables as ONNX, bit for bit the same everywhere, and counts what they cost."""
