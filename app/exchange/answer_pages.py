"""What the pages of files of answers have in common: choose a file, see what it would do or did, and the files that go out."""

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import partial
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, stream_with_context, url_for
from flask.typing import ResponseReturnValue

from app.access import Actor, Permission
from app.db import reading
from app.errors import Refusal
from app.exchange import answer_words, answering
from app.exchange.downloads import XLSX, attached, rejects
from app.exchange.filling import Form, Rows, csv_form, write_form
from app.exchange.forms import FileForm
from app.exchange.uploads import Incoming
from app.web import actor, requires


@dataclass(frozen=True)
class Place:
    """What the pages of one kind of file need: who may, its list with what that is asked for, what goes out and comes in, and words."""

    kind: str
    permission: Permission
    title: Any
    home: str
    query: Any  # the dataclass of the filters, as they stand in the address
    form: Callable[..., Form]  # the sheet to fill in, with our names or (`for_hub`) those of the national hub
    rows: Callable[[], Rows]  # that the filters show
    try_file: Callable[[Actor, Incoming], str]
    confirm_file: Callable[[Actor, str], bool]
    whats: Mapping[str, Any]
    refusals: Mapping[str, Any]
    hints: tuple[Any, ...] = ()  # what to know before filling in


def pages(name: str, prefix: str, place: Place) -> Blueprint:
    """Return the pages of one kind of file: the file to fill in, its trial, the yes, and what could not be given."""
    bp = Blueprint(name, __name__, url_prefix=prefix)
    for rule, methods, view in (
        ("", ["GET", "POST"], bring_in),
        ("/sheet", ["GET"], sheet),
        ("/<ref>", ["GET"], upload),
        ("/<ref>", ["POST"], confirm),
        ("/<ref>/left", ["GET"], left),
    ):
        bp.add_url_rule(rule, view.__name__, requires(place.permission)(partial(view, place)), methods=methods)
    return bp


def bring_in(place: Place) -> ResponseReturnValue:
    """Offer the file to fill in, and try the one that comes back."""
    form = FileForm()
    if form.validate_on_submit():
        file = Incoming(place.kind, form.file.data.filename or "", form.file.data.read())
        try:
            return redirect(url_for(".upload", ref=place.try_file(actor(), file)))
        except Refusal as refusal:
            form.form_errors.append(answer_words.refusal(refusal))
    with reading() as session:
        recent = answering.recent_files(session, actor(), place.kind)
    body = render_template("exchange/answers_in.html", place=place, form=form, link=partial(_link, place), recent=recent)
    return body, 422 if form.errors else 200


def _link(place: Place, **over: str) -> str:
    """Return the address of the file to fill in, with the filters of the list one came from."""
    names = [field.name for field in fields(place.query) if field.name != "after"]
    kept: dict[str, Any] = {name: text for name in names if (text := request.args.get(name, "")) and text.isprintable()}
    return url_for(".sheet", **kept | over)


def sheet(place: Place) -> Response:
    """Send the rows that the filters show as a file to fill in: XLSX, or CSV when `format=csv` asks for it."""
    form, rows = place.form(for_hub=request.args.get("names") == "hub"), place.rows()
    is_csv = request.args.get("format") == "csv"
    if is_csv:
        answer = Response(stream_with_context(csv_form(form, rows)), mimetype="text/csv")
    else:
        out = io.BytesIO()
        write_form(form, rows, out)
        answer = Response(out.getvalue(), mimetype=XLSX)
    return attached(answer, f"{form.title}.{'csv' if is_csv else 'xlsx'}")


def upload(place: Place, ref: str) -> ResponseReturnValue:
    """Show what a file would do or did; long work that runs has a page of its own."""
    with reading() as session:
        page = answering.answers_page(session, actor(), place.kind, ref, place.refusals)
    if page.is_confirmed and page.waiting and page.is_long:
        return redirect(url_for("jobs.progress", key=ref))
    return render_template("exchange/answers.html", place=place, page=page, words=answer_words)


def confirm(place: Place, ref: str) -> ResponseReturnValue:
    """Give what a file holds, and go to where one sees how far it is."""
    is_long = place.confirm_file(actor(), ref)
    return redirect(url_for("jobs.progress", key=ref) if is_long else url_for(".upload", ref=ref))


def left(place: Place, ref: str) -> Response:
    """Send the rows that could not be given, each with its reason."""
    with reading() as session:
        content = answering.left_over(session, actor(), place.kind, ref, place.refusals)
    return rejects(content, "niet-verstuurd")
