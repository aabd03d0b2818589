"""Ask a virus scanner about the bytes of a file: clamd's own words over a socket (INSTREAM, clamd(8)), and nothing of its library.

Without a scanner nothing is asked. A scanner that is away, slow or says anything else than OK or FOUND clears no file.
"""

import socket
import time
from collections.abc import Iterable
from contextlib import closing

from app.errors import Refusal

PATIENCE = 20.0  # seconds for all files of one form: somebody waits for the page
CHUNK = 1 << 16  # bytes sent at once
LONGEST = 4096  # bytes of an answer that are read

_address = ""


def scan_by(address: str) -> None:
    """Set the scanner of this process: `host:port`, the path of a socket, or nothing for none."""
    global _address
    _address = address


def viruses_in(contents: Iterable[bytes]) -> list[str]:
    """Return of each file the name of the virus that the scanner finds in it, or nothing; without a scanner always nothing.

    It may take PATIENCE: never call it within a transaction, for others wait for that. Raises Refusal when the scanner gives no answer.
    """
    until = time.monotonic() + PATIENCE
    return [_virus_in(content, until) if _address else "" for content in contents]


def _virus_in(content: bytes, until: float) -> str:
    try:
        answer = _asked(content, until)
    except OSError as error:
        raise Refusal("attachments.scanner_away") from error
    verdict = answer.removeprefix("stream: ")
    if verdict == "OK":
        return ""
    if not verdict.endswith(" FOUND"):
        raise Refusal("attachments.scanner_away")
    return verdict.removesuffix(" FOUND") or "?"  # without a name it is a virus too


def _asked(content: bytes, until: float) -> str:
    with closing(_connected(until)) as scanner:
        scanner.sendall(b"zINSTREAM\0")
        for start in range(0, len(content), CHUNK):
            part = content[start : start + CHUNK]
            scanner.settimeout(_left(until))
            scanner.sendall(len(part).to_bytes(4, "big") + part)
        scanner.sendall(bytes(4))
        return _answer(scanner, until).rstrip(b"\0\n").decode(errors="replace")


def _answer(scanner: socket.socket, until: float) -> bytes:
    answer = b""
    while len(answer) < LONGEST and not answer.endswith(b"\0"):
        scanner.settimeout(_left(until))
        if not (more := scanner.recv(LONGEST)):
            break
        answer += more
    return answer


def _left(until: float) -> float:
    """Return the seconds that the scanner has left. Raises TimeoutError when there are none."""
    if (left := until - time.monotonic()) <= 0:
        raise TimeoutError
    return left


def _connected(until: float) -> socket.socket:
    if _address.startswith("/"):
        scanner = socket.socket(socket.AF_UNIX)
        scanner.settimeout(_left(until))
        try:
            scanner.connect(_address)
        except OSError:
            scanner.close()
            raise
        return scanner
    host, _, port = _address.rpartition(":")
    return socket.create_connection((host.strip("[]"), int(port)), _left(until))
