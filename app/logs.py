"""The process's log lines: JSON on stderr, with facts that were chosen and never what a person typed."""

import json
import logging
import re
import sys
import traceback

ADDRESS = re.compile(r"[^\s<>()'\"]+@[^\s<>()'\"]+")


class JsonLines(logging.Formatter):
    """One JSON object a line: time, level, logger, what, and the facts given; never request data."""

    FACTS = ("request_id", "route", "status", "ms", "person", "job", "key", "count")

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {"time": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"), "level": record.levelname}
        line |= {"logger": record.name, "what": record.getMessage()}
        line |= {name: getattr(record, name) for name in self.FACTS if getattr(record, name, None) is not None}
        if record.exc_info and record.exc_info[0]:
            line["error"] = _trace(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False)


def _trace(error: BaseException | None) -> str:
    """Tell where it went wrong, and from what that came; of each error one line."""
    return "\n".join("".join(traceback.format_tb(one.__traceback__)) + one_line(one) for one in reversed(_chain(error)))


def _chain(error: BaseException | None) -> list[BaseException]:
    """Return an error with those that it came from, the first cause last."""
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return found


def one_line(error: BaseException) -> str:
    """Say in one line what went wrong, and of whom nothing: databases tell values below their first line, mail servers addresses."""
    said = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
    return f"{type(error).__name__}: {ADDRESS.sub('…', said)}"


def log_to_stderr(level: int = logging.INFO) -> None:
    """Send the process's log lines to stderr as JSON."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=level, handlers=[handler], force=True)
