"""Runnable workloads, one a file: `python -m benchmarks.NAME` prints a ratio against its floor and exits 1 when the goal is missed."""
