"""What the portal says when it cannot serve: too much at once, no database, no room on the disk. None of it needs a database."""

import errno
import logging

from flask import Flask, g, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.web import HEADERS, bug

RETRY_AFTER = 10  # seconds; a database that moves to another machine takes longer, and is asked again
NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS}
AT_THE_GATE = {400: "errors/400.html", 408: "errors/408.html", 503: "errors/503.html"}

log = logging.getLogger("portal.web")

Page = tuple[list[tuple[str, str]], bytes]


def register(app: Flask) -> None:
    """Answer what is nobody's bug with a page that says what happened, and keep the gate's pages ready."""
    for fault in (OperationalError, InterfaceError, PoolTimeout):
        app.register_error_handler(fault, _storage_away)
    app.register_error_handler(OSError, _disk_fault)
    app.config["GATE_PAGES"] = {status: _page(app, name) for status, name in AT_THE_GATE.items()}


def _storage_away(error: Exception) -> ResponseReturnValue:
    """Say that the database is away, locked or full. What was being saved is rolled back, unless the answer itself got lost."""
    log.error("storage away", exc_info=error, extra={"request_id": g.get("request_id"), "route": str(request.url_rule)})
    return render_template("errors/storage.html", request_id=g.get("request_id", "-")), 503, {"Retry-After": str(RETRY_AFTER)}


def _disk_fault(error: OSError) -> ResponseReturnValue:
    return _storage_away(error) if error.errno in NO_ROOM else bug(error)


def _page(app: Flask, template: str) -> Page:
    """Return headers and page of an answer that the gate gives without asking the app, made while there is time for it."""
    is_secure = app.config["PORTAL"].base_url.startswith("https")
    with app.test_request_context("/", base_url=app.config["PORTAL"].base_url):
        text = render_template(template, request_id="-").encode()
    headers = [*HEADERS.items(), ("Content-Type", "text/html; charset=utf-8"), ("Cache-Control", "no-store")]
    return [*headers, *([("Strict-Transport-Security", "max-age=63072000; includeSubDomains")] if is_secure else [])], text
