"""How well and how fast early signals are matched: recall and precision on the labelled set, and the time beside comparing keys alone.

Recall counts every true pair, also those that share no heap and are never compared.
"""

import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from app.early_signals.matching import Kinship, keys, kinship
from benchmarks.report import Measure, finish
from benchmarks.signal_pairs import Labelled, labelled, truth

HOUSEHOLDS = 5_000


@dataclass(frozen=True)
class Score:
    """Of pairs of one kind: how many true ones were found, and how many of the found ones are true."""

    recall: float
    precision: float


def scores(signals: Sequence[Labelled]) -> dict[Kinship, Score]:
    """Return recall and precision for pairs of one person, and for pairs of one household (one person included)."""
    found = {pair: kinship(signals[pair[0]].subject, signals[pair[1]].subject) for pair in compared(signals)}
    return {least: _score(signals, found, least) for least in (Kinship.MOVED, Kinship.HOUSEHOLD)}


def _score(signals: Sequence[Labelled], found: dict[tuple[int, int], Kinship], least: Kinship) -> Score:
    said = {pair for pair, kin in found.items() if kin >= least}
    true = set(_true_pairs(signals, least))
    right = len(said & true)
    return Score(right / len(true), right / len(said))


def _true_pairs(signals: Sequence[Labelled], least: Kinship) -> Iterator[tuple[int, int]]:
    homes: defaultdict[int, list[int]] = defaultdict(list)
    for at, one in enumerate(signals):
        homes[one.household].append(at)
    pairs = (pair for home in homes.values() for pair in combinations(home, 2))
    return (pair for pair in pairs if truth(signals[pair[0]], signals[pair[1]]) >= least)


def compared(signals: Iterable[Labelled]) -> set[tuple[int, int]]:
    """Return the pairs that share a heap."""
    heaps: defaultdict[tuple[int, str], list[int]] = defaultdict(list)
    for at, one in enumerate(signals):
        for kind, key in enumerate(keys(one.subject)):
            if key:
                heaps[kind, key].append(at)
    return {pair for heap in heaps.values() for pair in combinations(heap, 2)}


def main() -> None:
    """Match the set, and print what was found of what is true."""
    signals = labelled(HOUSEHOLDS)
    started = time.perf_counter()
    compared(signals)
    floor = time.perf_counter() - started
    found = scores(signals)
    spent = time.perf_counter() - started - floor
    for kind, score in found.items():
        name = "household" if kind is Kinship.HOUSEHOLD else "person"
        print(f"{name}: recall {score.recall:.3f}, precision {score.precision:.3f}")
    finish("matching early signals", [Measure(f"{len(signals)} signals, in ms against finding heaps", floor * 1000, spent * 1000, goal=20)])


if __name__ == "__main__":
    main()
