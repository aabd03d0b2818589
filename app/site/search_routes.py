"""The page of what somebody looks for, in everything that one may see. What is looked for stands sealed in its address."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from app.access import Permission
from app.db import reading_page
from app.site.search import MOST_SIGNS, search_page
from app.web import actor, query_text, requires

bp = Blueprint("finding", __name__)


@bp.get("/search")
@requires(Permission.SEARCH)
def search() -> ResponseReturnValue:
    with reading_page() as session:
        return render_template("site/search.html", page=search_page(session, actor(), query_text("q", MOST_SIGNS)))
