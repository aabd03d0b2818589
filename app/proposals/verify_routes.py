"""The page on which anybody asks whether a letter is ours: by the file itself, or by the check code at its foot."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage

from app.db import reading
from app.errors import Refusal
from app.proposals import by_code, offer_queries, offer_words
from app.proposals.offer_forms import LetterForm
from app.proposals.offer_queries import Letter
from app.proposals.offer_words import REFUSALS
from app.web import public, show, typed

bp = Blueprint("verifying", __name__)
MOST_BYTES = 5_000_000


@bp.route("/verify", methods=["GET", "POST"])
@public
def verify() -> ResponseReturnValue:
    form = LetterForm()
    if not form.validate_on_submit():
        return render_template("verify/ask.html", form=form), 422 if form.errors else 200
    try:
        page = _known(form)
    except Refusal as refusal:
        show(form, refusal, REFUSALS)
        return render_template("verify/ask.html", form=form), 422
    return render_template("verify/outcome.html", page=page, words=offer_words)


def _known(form: LetterForm) -> Letter | None:
    """Return the letter when it is ours, None when it is not. Raises Refusal when nothing can be compared."""
    if isinstance(form.file.data, FileStorage) and form.file.data.filename:
        content = _pdf(form.file.data)
        with reading(as_portal=True) as session:  # anybody may ask whether a letter is ours
            return offer_queries.letter_with(session, content)
    if not typed(form.code).strip():
        raise Refusal("proposals.nothing_to_verify", field="code")
    return by_code.check_letter(typed(form.code), request.remote_addr or "-")


def _pdf(file: FileStorage) -> bytes:
    with file.stream as stream:
        content = stream.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise Refusal("proposals.file_too_large", field="file", megabytes=MOST_BYTES // 1_000_000)
    if not content.startswith(b"%PDF-"):
        raise Refusal("proposals.file_no_pdf", field="file")
    return content
