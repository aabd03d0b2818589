"""Pages of a creditor on what its agents do in its name: take one offer back, or all of one agent."""

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from app.access import Permission
from app.acts import pressed
from app.proposals import agent_work
from app.proposals.offer_forms import AnswerForm
from app.proposals.offer_routes import revision_of
from app.proposals.offer_words import REFUSALS
from app.web import actor, requires

bp = Blueprint("agent_work", __name__, url_prefix="/offers")


@bp.post("/<ref>/take-back")
@requires(Permission.ANSWER_OFFERS)
def take_back(ref: str) -> ResponseReturnValue:
    def take() -> None:
        agent_work.take_back_offer(actor(), ref, revision_of(AnswerForm()))

    done = gettext("U behandelt dit aanbod nu zelf. De incassopartij ziet het niet meer en krijgt bericht.")
    overtaken = gettext("Dit aanbod is intussen veranderd. Er is niets teruggenomen. Bekijk het opnieuw.")
    return pressed(take, done, refusals=REFUSALS, stay=url_for("offers.offer", ref=ref), overtaken=overtaken)


@bp.post("/agents/<int(max=2147483647):code>/take-back")
@requires(Permission.EDIT_OWN_ORGANISATION)
def take_back_all(code: int) -> ResponseReturnValue:
    number = agent_work.take_back_all(actor(), code)
    if number:
        flash(ngettext("U hebt %(num)s aanbod teruggenomen. De incassopartij krijgt bericht.",
                       "U hebt %(num)s aanbiedingen teruggenomen. De incassopartij krijgt bericht.", number), "good")  # fmt: skip
    else:
        flash(gettext("Er loopt niets bij deze incassopartij. Er is niets veranderd."))
    return redirect(url_for("creditors.organisation"))
