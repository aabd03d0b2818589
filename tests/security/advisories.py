"""Compare the locked libraries with the known weaknesses; where no registry answers, say so and go on.

`make check` runs it as `python -m tests.security.advisories`.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

LOCK = Path(__file__).parents[2] / "requirements.lock"
PATIENCE = 90  # seconds for all libraries together
ASK = ["-m", "pip_audit", "-r", str(LOCK), "--disable-pip", "--require-hashes", "--progress-spinner", "off", "--timeout", "8", "-f", "json"]


def ask() -> list[dict[str, Any]]:
    """Return what the registry says of each library; nothing when it cannot be asked."""
    try:
        done = subprocess.run([sys.executable, *ASK], capture_output=True, text=True, timeout=PATIENCE, check=False)
        return list(json.loads(done.stdout)["dependencies"])
    except (subprocess.TimeoutExpired, json.JSONDecodeError, KeyError):
        return []


def verdict(told: list[dict[str, Any]]) -> tuple[str, int]:
    """Return the sentence to print and the exit code: 1 for a known weakness."""
    judged = [library for library in told if "vulns" in library]
    found = [f"{library['name']} {library['version']}: {weakness['id']}" for library in judged for weakness in library["vulns"]]
    if found:
        return f"Known weaknesses, renew these libraries: {'; '.join(found)}", 1
    if not judged:
        return "No registry answered: the libraries were not compared with known weaknesses.", 0
    left = f", {len(told) - len(judged)} unknown there" if len(judged) < len(told) else ""
    return f"No known weakness in {len(judged)} libraries{left}.", 0


def main() -> None:
    """Print the verdict, and end with its code."""
    words, code = verdict(ask())
    sys.stdout.write(f"{words}\n")
    sys.exit(code)


if __name__ == "__main__":
    main()
