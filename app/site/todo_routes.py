"""The to-do page: where the relations team and counsellors start their day."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext

from app.access import Permission, Role
from app.clock import today
from app.db import reading_page
from app.menu import in_menu
from app.site.todo import todo_page
from app.web import actor, requires

bp = Blueprint("todo", __name__)


@bp.get("/to-do")
@in_menu(lazy_gettext("Te doen"), 5, home_of={Role.RELATIONSHIP_MANAGER, Role.COUNSELLOR})
@requires(Permission.READ_TODO)
def todo() -> ResponseReturnValue:
    with reading_page() as session:
        return render_template("site/todo.html", page=todo_page(session, actor()), day=today())
