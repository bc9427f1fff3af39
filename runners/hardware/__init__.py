"""The pieces of hardware behind one agent: the host's CPU, its GPUs, the phones on its cables."""
