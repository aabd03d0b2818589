"""Pages of doubles in the register, for the bank: which organisations have one number, and merging them."""

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.access import Permission
from app.acts import pressed
from app.db import reading
from app.proposals import merging
from app.proposals.offer_words import REFUSALS
from app.web import actor, requires

bp = Blueprint("doubles", __name__, url_prefix="/creditors")


@bp.get("/<int(max=2147483647):code>/doubles")
@requires(Permission.ADMIT_CREDITORS)
def doubles(code: int) -> ResponseReturnValue:
    with reading() as session:
        page = merging.doubles_page(session, actor(), code)
    return render_template("creditors/doubles.html", page=page)


@bp.post("/<int(max=2147483647):code>/doubles/<int(max=2147483647):double>")
@requires(Permission.ADMIT_CREDITORS)
def merge(code: int, double: int) -> ResponseReturnValue:
    done = gettext("Samengevoegd. De codes op de brieven van de dubbele organisatie werken niet meer.")
    return pressed(lambda: merging.merge_double(actor(), code, double), done, refusals=REFUSALS, stay=url_for(".doubles", code=code))
