"""Pages of the audit: the log for auditors with one event in full, an organisation's own history, and both as files."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app.access import Permission, Role
from app.audit import queries, words
from app.audit.exporting import SHEET_ROWS, export_events, export_own_events
from app.audit.queries import AuditQuery, EventRow
from app.clock import local
from app.db import reading
from app.errors import Refusal, TooOften
from app.exchange import downloads
from app.exchange.writing import CELL_TEXT, INTEGER, TEXT, Field
from app.menu import in_menu
from app.web import actor, page_size, query_text, requires, say, whole_number

bp = Blueprint("audit", __name__, url_prefix="/audit")

# Where a subject can be looked at: the view and what it calls the subject's name.
PLACES = {
    "case": ("cases.case", "ref"),
    "consent": ("consents.consent", "ref"),
    "creditor": ("creditors.creditor", "code"),
    "document": ("documents.document", "ref"),
    "offer": ("offers.offer", "ref"),
}


@bp.get("")
@in_menu(_("Logboek"), 90, home_of={Role.AUDITOR})
@requires(Permission.READ_AUDIT)
def events() -> ResponseReturnValue:
    with reading() as session:
        page = queries.audit_page(session, actor(), _query(), page_size(request.args.get("size")))
    return _list("audit/events.html", page, words.GROUPS)


@bp.get("/own")
@in_menu(_("Geschiedenis"), 85)
@requires(Permission.READ_OWN_AUDIT)
def own() -> ResponseReturnValue:
    with reading() as session:
        page = queries.own_page(session, actor(), _query(), page_size(request.args.get("size")))
    return _list("audit/own.html", page, words.OWN_GROUPS)


def _list(template: str, page: queries.AuditPage, groups: Iterable[str]) -> str:
    return render_template(template, page=page, words=words, actions=words.choices(groups), link=_link, place=_place)


def _query() -> AuditQuery:
    """Read the filters; what means nothing is left out."""
    return AuditQuery(
        q=query_text("q", 80), action=query_text("action", 80), status=query_text("status", 80), since=_day("from"), until=_day("to"),
        origin=query_text("origin", 80), subject=query_text("subject", 80), person=whole_number(request.args.get("person")),
        after=query_text("after", 200),
    )  # fmt: skip


def _day(name: str) -> date | None:
    try:
        day = date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None
    return day if 2000 <= day.year <= 2199 else None


def _asked() -> Mapping[str, Any]:
    """Return the filters as an address holds them, without the place in the list."""
    query = _query()
    kept = {name: value for name, value in vars(query).items() if name not in {"since", "until", "after"}}
    return {**kept, "from": query.since, "to": query.until}


def _link(endpoint: str = "", **over: Any) -> str:
    """Return the address of this list, or of another view of it, with other filters."""
    asked = {name: value for name, value in {**_asked(), **over}.items() if value}
    return url_for(endpoint or str(request.endpoint), **asked)


def _place(subject: str) -> str | None:
    """Return where this reader may look at a subject, or None."""
    kind, _slash, name = subject.partition("/")
    endpoint, part = PLACES.get(kind, ("", ""))
    view = current_app.view_functions.get(endpoint)
    if view is None or not name or not actor().may(view.__dict__["access"]):
        return None
    values: dict[str, Any] = {part: name}
    return url_for(endpoint, **values) if part != "code" or whole_number(name) is not None else None


@bp.get("/<int(max=999999999999):sequence>")
@requires(Permission.READ_AUDIT)
def event(sequence: int) -> ResponseReturnValue:
    with reading() as session:
        page = queries.event_page(session, actor(), sequence)
    return render_template("audit/event.html", page=page, words=words, place=_place)


# ── files ────────────────────────────────────────────────────────────────────


@bp.get("/download")
@requires(Permission.READ_AUDIT)
def download() -> ResponseReturnValue:
    """Give exactly the events that the filters show, with origin and hash, so that each can be checked."""
    fields = [*_fields(), Field(gettext("Code"), TEXT, 24), Field(gettext("Herkomst"), TEXT, 40), Field(gettext("Hash"), TEXT, 66)]
    try:
        rows = export_events(actor(), _query(), most=SHEET_ROWS if downloads.is_xlsx() else None)
    except Refusal as refusal:
        return _refused(refusal, ".events")
    return _file(fields, ((*_cells(row), row.action, origin, digest) for row, origin, digest in rows), gettext("logboek"))


@bp.get("/own/download")
@requires(Permission.READ_OWN_AUDIT)
def own_download() -> ResponseReturnValue:
    """Give exactly the events of the own organisation that the filters show, without the numbers that count those of others too."""
    try:
        rows = export_own_events(actor(), _query(), most=SHEET_ROWS if downloads.is_xlsx() else None)
    except Refusal as refusal:
        return _refused(refusal, ".own")
    return _file(_fields()[1:], (_cells(row)[1:] for row in rows), gettext("geschiedenis"))


def _fields() -> list[Field]:
    return [
        Field(gettext("Nummer"), INTEGER, 10), Field(gettext("Wanneer"), TEXT, 20), Field(gettext("Wie"), TEXT, 28),
        Field(gettext("Organisatie"), TEXT, 28), Field(gettext("Wat"), TEXT, 32), Field(gettext("Onderwerp"), TEXT, 28),
        Field(gettext("Resultaat"), TEXT, 12), Field(gettext("Wat veranderde"), TEXT, 60),
    ]  # fmt: skip


def _cells(row: EventRow) -> tuple[Any, ...]:
    differences = "; ".join(words.difference(change) for change in row.changes)
    return (
        row.sequence, f"{local(row.at):%d-%m-%Y %H:%M:%S}", row.actor, row.organisation, words.action(row.action),
        words.subject(row.subject), words.result(row.result), differences,
    )  # fmt: skip


def _file(fields: Sequence[Field], rows: Iterable[Sequence[Any]], name: str) -> Response:
    """Send rows as they are read; a workbook gets texts that Excel can hold."""
    fitting = (tuple(_fitting(cell) for cell in row) for row in rows) if downloads.is_xlsx() else rows
    return downloads.download(fields, fitting, name)


def _fitting(cell: Any) -> Any:
    """Cut a text that Excel cannot hold, such as the names of all the rows of a large export; CSV has it whole."""
    return f"{cell[: CELL_TEXT - 1]}…" if isinstance(cell, str) and len(cell) > CELL_TEXT else cell


def _refused(refusal: Refusal, endpoint: str) -> ResponseReturnValue:
    if isinstance(refusal, TooOften):
        raise refusal  # its own page says when to come back, to a machine too
    flash(say(refusal, words.REFUSALS), "error")
    return redirect(_link(endpoint))
