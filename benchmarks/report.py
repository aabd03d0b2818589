"""How a benchmark tells what it found. Every figure is a ratio within one run, because absolute times drift between machines."""

import os
import platform
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Measure:
    """One ratio: our work against its floor, in seconds (or any one unit); at most `goal`, or at least when `more_is_better`."""

    workload: str
    floor: float
    ours: float
    goal: float
    more_is_better: bool = False

    @property
    def ratio(self) -> float:
        return self.ours / self.floor

    @property
    def is_met(self) -> bool:
        return self.ratio >= self.goal if self.more_is_better else self.ratio <= self.goal


def side_by_side(floor: Callable[[], object], ours: Callable[[], object], *, rounds: int = 11) -> tuple[float, float]:
    """Time both in turn, so that a busy machine troubles both alike; return the best seconds of each, which others disturbed least."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for work, taken in zip((floor, ours), times, strict=True):
            begin = time.perf_counter()
            work()
            taken.append(time.perf_counter() - begin)
    return min(times[0]), min(times[1])


def machine() -> str:
    """Name the machine: processors, kind and Python."""
    return f"{os.cpu_count()} x {platform.machine()}, {platform.system()}, Python {platform.python_version()}"


def peak_megabytes() -> int:
    """Return the most memory that this process and its ended children have held, in MB."""
    kilobytes = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return kilobytes // 1024


def finish(name: str, measures: list[Measure]) -> None:
    """Print the report of a benchmark and end the process: status 1 when a goal is missed."""
    print(f"{name} · {machine()} · peak memory {peak_megabytes()} MB")
    for one in measures:
        sign = ">=" if one.more_is_better else "<="
        said = "ok" if one.is_met else "MISSED"
        print(
            f"  {one.workload}: floor {_unit(one.floor)}, ours {_unit(one.ours)}, ratio {one.ratio:.2f} (goal {sign} {one.goal:g}) {said}"
        )
    sys.exit(0 if all(one.is_met for one in measures) else 1)


def _unit(value: float) -> str:
    """Write a figure so that small and large ones read equally well."""
    return f"{value:,.0f}" if value >= 1000 else f"{value:.4g}"
