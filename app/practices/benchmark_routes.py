"""The page of the benchmark, and making the one of a year."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.access import Permission
from app.db import reading
from app.errors import Refusal
from app.practices import comparing, words
from app.web import actor, query_text, requires, say, whole_number

bp = Blueprint("benchmarks", __name__, url_prefix="/practices/benchmark")


@bp.get("")
@requires(Permission.READ_PRACTICES)
def benchmark() -> ResponseReturnValue:
    """Show the group figures of a year beside the own ones."""
    with reading() as session:
        page = comparing.benchmark_page(session, actor(), whole_number(request.args.get("year")), query_text("group", 40))
    return render_template("practices/benchmark.html", page=page, words=words)


@bp.post("")
@requires(Permission.REVIEW_PRACTICES)
def make() -> ResponseReturnValue:
    year = whole_number(request.form.get("year")) or 0
    try:
        comparing.make_benchmark(actor(), year)
        flash(gettext("De benchmark over %(year)s is gemaakt.", year=year), "good")
    except Refusal as refusal:
        flash(say(refusal, words.REFUSALS), "error")
    return redirect(url_for(".benchmark", year=year))
