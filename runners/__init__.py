"""zooboard's hardware agent: leases runs, executes real networks with real engines, uploads samples."""

__version__ = "0.1.0"
