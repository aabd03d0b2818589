"""The plot of a simulated year as one SVG file: how soon agreements stand, and how long they take per month."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader

from app import TEMPLATES
from app.demo.figures import dutch

LEFT, RIGHT, TOP, BOTTOM = 64, 740, 60, 250  # where a panel draws, in points of the picture
WITH, WITHOUT = "#0e4f56", "#9a4a08"  # as --data-line and --data-target of the pages
MONTHS = ("jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec")
Line = Sequence[float | None]


def draw(document: dict[str, Any], path: Path) -> None:
    """Write the plot of a document of `figures.document` to a file."""
    pages = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    words = {"title": "Een jaar nagespeeld: van uitbrengen tot regeling", "description": _description(document)}
    picture = pages.get_template("simulation/plot.svg").render(panels=[_curve(document), _months(document)], **words)
    path.write_text(picture + "\n", encoding="utf-8")


def _description(document: dict[str, Any]) -> str:
    parts = []
    for name, words in (("with", "Met akkoorden vooraf"), ("without", "Zonder")):
        way, days = document[name], dutch(document[name]["days"]["mean"])
        parts.append(f"{words}: {way['agreed']} van {way['issued']} voorstellen werden een regeling, gemiddeld na {days} dagen.")
    return " ".join(parts)


def _curve(document: dict[str, Any]) -> dict[str, Any]:
    points = document["curve"]
    across = _scale(LEFT, RIGHT, points[-1]["day"])
    lines = [[float(point[name]) for point in points] for name in ("with", "without")]
    below = [{"x": across(day), "words": day} for day in range(0, points[-1]["day"] + 1, 10)]
    title = "Aandeel van de voorstellen dat een regeling is"
    return _panel(title, 0, lines, 100, below, across, "dagen na uitbrengen", unit="%")


def _months(document: dict[str, Any]) -> dict[str, Any]:
    months = document["months"]
    across = _scale(LEFT + 30, RIGHT - 30, max(len(months) - 1, 1))
    lines = [[month[name]["days_mean"] for month in months] for name in ("with", "without")]
    most = max((value for line in lines for value in line if value is not None), default=10)
    below = [{"x": across(at), "words": MONTHS[int(month["month"][5:]) - 1]} for at, month in enumerate(months)]
    title = "Dagen van uitbrengen tot regeling, gemiddeld per maand"
    return _panel(title, 310, lines, int(-(-most // 10) * 10), below, across, "maand van uitbrengen")


def _panel(
    title: str, top: int, lines: Sequence[Line], most: int, below: list[dict[str, Any]], across: Callable[[float], float], axis: str, *,
    unit: str = "",
) -> dict[str, Any]:  # fmt: skip
    up = _scale(BOTTOM, TOP, most)
    keys = ((WITH, "met akkoorden vooraf", False), (WITHOUT, "zonder", True))
    drawn = [
        {"colour": colour, "words": words, "dashed": dashed, "key_x": LEFT + 260 * at, "runs": list(_runs(line, across, up))}
        for at, ((colour, words, dashed), line) in enumerate(zip(keys, lines, strict=True))
    ]
    marks = [{"y": up(mark), "words": f"{mark}{unit}"} for mark in range(0, most + 1, 20 if unit else 5)]
    return {"title": title, "top": top, "lines": drawn, "marks": marks, "below": below, "axis": axis}


def _scale(first: float, last: float, most: float) -> Callable[[float], float]:
    return lambda value: round(first + (last - first) * value / most, 1)


def _runs(line: Line, across: Callable[[float], float], up: Callable[[float], float]) -> Iterable[str]:
    """Yield the points of each stretch without a gap: a month without agreements has none."""
    run: list[str] = []
    for at, value in enumerate([*line, None]):
        if value is not None:
            run.append(f"{across(at)},{up(value)}")
        elif run:
            yield " ".join(run)
            run = []
