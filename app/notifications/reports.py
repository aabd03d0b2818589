"""Read what a mail server reports of a mail that it could not deliver (RFC 3462 and 3464). Pure: no table, no mail."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message

from app.errors import Refusal

MOST_BYTES = 2 << 20


@dataclass(frozen=True)
class Report:
    """What came back: the name of the mail (as in its Message-ID), its proof, and the status of each recipient that failed."""

    name: str
    proof: str
    statuses: tuple[str, ...]


def read_report(content: bytes, proof_header: str) -> Report:
    """Return what a delivery status notification says. Raises Refusal for any other mail."""
    if len(content) > MOST_BYTES:
        raise Refusal("notifications.too_large")
    mail = message_from_bytes(content)  # heads as they stand: to read them as addresses and the like breaks on broken ones
    if mail.get_content_type() != "multipart/report" or str(mail.get_param("report-type") or "").lower() != "delivery-status":
        raise Refusal("notifications.no_report")
    parts = list(mail.walk())
    status = next((part for part in parts if part.get_content_type() == "message/delivery-status"), None)
    if status is None:
        raise Refusal("notifications.no_report")
    ours = _returned(parts)
    return Report(_name(ours), _head(ours, proof_header), tuple(_failed(status)))


def _failed(status: Message) -> list[str]:
    """Return the status of each recipient whose mail is given up: the blocks after the first one are theirs."""
    failed = [block for block in _within(status) if _head(block, "Action").lower() == "failed"]
    return [_head(block, "Status").partition(" ")[0] for block in failed]


def _returned(parts: Sequence[Message]) -> Message | None:
    """Return the head of the mail that came back: whole, or as text."""
    for part in parts:
        kind = part.get_content_type()
        if kind == "message/rfc822":
            return next(iter(_within(part)), None)
        if kind == "text/rfc822-headers":
            text = part.get_payload(decode=True)
            return message_from_bytes(text) if isinstance(text, bytes) else None
    return None


def _within(part: Message) -> list[Message]:
    """Return the mails that a part holds; of a broken one there may be none, or text only."""
    payload = part.get_payload()
    return [one for one in payload if isinstance(one, Message)] if isinstance(payload, list) else []


def _head(mail: Message | None, name: str) -> str:
    return "".join(str(mail[name] or "").split()) if mail else ""


def _name(mail: Message | None) -> str:
    found = re.fullmatch(r"<?([a-z]+-\d{1,9})@[\w.-]+>?", _head(mail, "Message-ID"))
    return found[1] if found else ""
