"""Ask a virus scanner about the bytes of a file: clamd's own words over a socket (INSTREAM, clamd(8)), and nothing of its library.

Without a scanner nothing is asked. A scanner that is away, slow or says anything else than OK or FOUND clears no file.
"""

import socket
from contextlib import closing

from app.errors import Refusal

PATIENCE = 10.0  # seconds for each word of the scanner: somebody waits for the page
CHUNK = 1 << 16  # bytes sent at once
LONGEST = 4096  # bytes of an answer that are read

_address = ""


def scan_by(address: str) -> None:
    """Set the scanner of this process: `host:port`, the path of a socket, or nothing for none."""
    global _address
    _address = address


def virus_in(content: bytes) -> str:
    """Return the name of the virus that the scanner finds in a file, or nothing; without a scanner always nothing.

    Raises Refusal when the scanner gives no answer.
    """
    if not _address:
        return ""
    try:
        answer = _asked(content)
    except OSError as error:
        raise Refusal("attachments.scanner_away") from error
    verdict = answer.removeprefix("stream: ")
    if verdict == "OK":
        return ""
    if not verdict.endswith(" FOUND"):
        raise Refusal("attachments.scanner_away")
    return verdict.removesuffix(" FOUND") or "?"  # without a name it is a virus too


def _asked(content: bytes) -> str:
    with closing(_connected()) as scanner:
        scanner.sendall(b"zINSTREAM\0")
        for start in range(0, len(content), CHUNK):
            part = content[start : start + CHUNK]
            scanner.sendall(len(part).to_bytes(4, "big") + part)
        scanner.sendall(bytes(4))
        answer = b""
        while len(answer) < LONGEST and not answer.endswith(b"\0") and (more := scanner.recv(LONGEST)):
            answer += more
    return answer.rstrip(b"\0\n").decode(errors="replace")


def _connected() -> socket.socket:
    if _address.startswith("/"):
        scanner = socket.socket(socket.AF_UNIX)
        scanner.settimeout(PATIENCE)
        try:
            scanner.connect(_address)
        except OSError:
            scanner.close()
            raise
        return scanner
    host, _, port = _address.rpartition(":")
    return socket.create_connection((host.strip("[]"), int(port)), PATIENCE)
