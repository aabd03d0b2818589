"""What the pages of files of answers have in common: choose a file, see what it would do or did, and the files that go out."""

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import partial
from typing import Any

from flask import Response, redirect, render_template, request, stream_with_context, url_for
from flask.typing import ResponseReturnValue

from app.access import Actor
from app.db import reading
from app.errors import Refusal
from app.exchange import answer_words, answering
from app.exchange.downloads import XLSX, attached, rejects
from app.exchange.filling import Form, Rows, csv_form, write_form
from app.exchange.forms import FileForm
from app.exchange.uploads import Incoming
from app.web import actor


@dataclass(frozen=True)
class Place:
    """What the pages of one kind of file need: its kind, its list with what that is asked for, and words for answers and refusals."""

    kind: str
    title: Any
    home: str
    query: Any  # the dataclass of the filters, as they stand in the address
    whats: Mapping[str, Any]
    refusals: Mapping[str, Any]
    hints: tuple[Any, ...] = ()  # what to know before filling in


def bring_in(place: Place, take: Callable[[Actor, Incoming], str]) -> ResponseReturnValue:
    """Offer the file to fill in, and try the one that comes back."""
    form = FileForm()
    if form.validate_on_submit():
        file = Incoming(place.kind, form.file.data.filename or "", form.file.data.read())
        try:
            return redirect(url_for(".upload", ref=take(actor(), file)))
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


def for_hub() -> bool:
    """Tell whether a file is asked with the names of the national hub."""
    return request.args.get("names") == "hub"


def sheet(form: Form, rows: Rows) -> Response:
    """Send a file to fill in, as XLSX or, when `format=csv` asks for it, as CSV."""
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


def confirm(ref: str, give: Callable[[Actor, str], bool]) -> ResponseReturnValue:
    """Give what a file holds, and go to where one sees how far it is."""
    is_long = give(actor(), ref)
    return redirect(url_for("jobs.progress", key=ref) if is_long else url_for(".upload", ref=ref))


def left(place: Place, ref: str) -> Response:
    """Send the rows that could not be given, each with its reason."""
    with reading() as session:
        content = answering.left_over(session, actor(), place.kind, ref, place.refusals)
    return rejects(content, "niet-verstuurd")
