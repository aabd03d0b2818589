"""Colleagues: who works here, asking somebody to, changing a role, ending, uncoupling."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are older

from app.access import Permission, Role
from app.accounts import joining, people, queries
from app.accounts.blueprint import bp
from app.accounts.confirm_routes import confirmed
from app.accounts.forms import ColleagueForm
from app.accounts.joining import NewColleague
from app.accounts.words import REFUSALS, ROLES
from app.acts import acted
from app.db import reading
from app.errors import NotFound, Refusal
from app.menu import in_menu
from app.web import actor, requires, say, typed, whole_number


@bp.route("/people", methods=["GET", "POST"])
@in_menu(_("Collega’s en rollen"), 80, heading=_("Beheer"), home_of={Role.ADMINISTRATOR})
@requires(Permission.MANAGE_PEOPLE)
@confirmed("POST")
def colleagues() -> ResponseReturnValue:
    chosen = request.args.get("organisation", "")
    with reading() as opened:
        page = queries.people_page(opened, actor(), whole_number(chosen))
    form = ColleagueForm()
    form.role.choices = [SelectChoice(role.value, ROLES[role]) for role in page.roles]

    def ask() -> None:
        joining.ask_colleague(actor(), NewColleague(typed(form.name), typed(form.email), Role(typed(form.role)), page.organisation_id))

    done = gettext("%(name)s is uitgenodigd en krijgt een mail.", name=typed(form.name))
    answer = acted(form, ask, done, refusals=REFUSALS, stay=url_for(".colleagues", organisation=chosen or None))
    return answer or (render_template("accounts/people.html", page=page, form=form, roles=ROLES), 422 if form.errors else 200)


@bp.post("/people/<int(max=2147483647):membership_id>/<any(role, end, reset):act>")
@requires(Permission.MANAGE_PEOPLE)
@confirmed("POST")
def change_colleague(membership_id: int, act: str) -> ResponseReturnValue:
    try:
        flash(_change(membership_id, act))
    except Refusal as refusal:
        flash(say(refusal, REFUSALS), "error")
    return redirect(url_for(".colleagues", organisation=request.form.get("organisation") or None))


def _change(membership_id: int, act: str) -> str:
    if act == "end":
        people.end_membership(actor(), membership_id)
        return str(_("Afgemeld. Wie nog was ingelogd, is dat nu niet meer."))
    if act == "reset":
        people.reset_second_factor(actor(), membership_id)
        return str(_("Inlog-app en passkeys zijn losgekoppeld. Bij de volgende keer inloggen wordt een nieuwe gekoppeld."))
    wanted = request.form.get("role", "")
    if wanted not in set(Role):
        raise NotFound
    people.change_role(actor(), membership_id, Role(wanted))
    return str(_("De rol is veranderd en geldt meteen."))


@bp.post("/people/invitations/<int(max=2147483647):joining_id>/take-back")
@requires(Permission.MANAGE_PEOPLE)
@confirmed("POST")
def take_back(joining_id: int) -> ResponseReturnValue:
    joining.take_back(actor(), joining_id)
    flash(_("De uitnodiging is ingetrokken; de link in de mail werkt niet meer."))
    return redirect(url_for(".colleagues", organisation=request.form.get("organisation") or None))
