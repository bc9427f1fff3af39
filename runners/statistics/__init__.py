"""Statistics of latency samples: pure functions over arrays, explained in words in docs/statistics.md."""
