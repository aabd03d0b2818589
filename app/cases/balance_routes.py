"""Pages of balance requests for creditors and their agents: the list, one request, and its answer. Officers read along."""

from functools import partial
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext

from app.access import Actor, Permission
from app.acts import pressed
from app.cases import balance_queries, balance_rules, balance_sentences, balance_stating
from app.cases import words as case_words
from app.cases.balance_forms import DECLINE, STATE, BalanceForm
from app.cases.balance_queries import BalancePage, BalanceQuery
from app.cases.balance_stating import Seen, Taken
from app.clock import today
from app.db import reading
from app.errors import Conflict, Refusal
from app.exchange import downloads
from app.exchange.writing import AMOUNT, DAY, TEXT, Field
from app.menu import in_menu
from app.money import amount
from app.web import actor, list_link, moment, page_size, query_text, requires, show, whole_number

bp = Blueprint("balances", __name__, url_prefix="/balances")


# ── the list ─────────────────────────────────────────────────────────────────


@bp.get("")
@in_menu(lazy_gettext("Saldoverzoeken"), 16, count=balance_queries.open_count)
@requires(Permission.READ_BALANCES)
def balances() -> ResponseReturnValue:
    with reading() as session:
        page = balance_queries.balance_list(session, actor(), list_query(), page_size(request.args.get("size")))
    return render_template("balances/balances.html", page=page, words=balance_sentences, link=partial(list_link, list_query(), ".balances"))


def list_query() -> BalanceQuery:
    """Read the filters of the address."""
    return BalanceQuery(**{name: query_text(name, 80) for name in ("q", "status", "due", "creditor", "sort", "after")})


@bp.get("/download")
@requires(Permission.READ_BALANCES)
def download() -> ResponseReturnValue:
    """Give exactly the rows that the filters show."""
    fields = [
        Field(gettext("Saldoverzoek"), TEXT), Field(gettext("Cliënt"), TEXT, 28), Field(gettext("Schuldeiser"), TEXT, 28),
        Field(gettext("Incassopartij"), TEXT, 28), Field(gettext("Uw kenmerk"), TEXT), Field(gettext("Aangemeld"), AMOUNT),
        Field(gettext("Opgegeven"), AMOUNT), Field(gettext("Antwoord voor"), DAY), Field(gettext("Ronde sluit op"), DAY),
        Field(gettext("Stand"), TEXT, 24),
    ]  # fmt: skip
    rows: list[tuple[Any, ...]] = [
        (
            row.ref, row.client, row.creditor, row.agent, row.reference, row.reported_cents, row.stated_cents, row.answer_by,
            row.closes_on, str(balance_sentences.STATES[row.state]),
        )
        for row in balance_stating.export_requests(actor(), list_query())
    ]  # fmt: skip
    return downloads.download(fields, rows, gettext("saldoverzoeken"))


# ── one request ──────────────────────────────────────────────────────────────


@bp.get("/<ref>")
@requires(Permission.READ_BALANCES)
def balance(ref: str) -> ResponseReturnValue:
    page = _page(ref)
    if not page.was_opened_today:
        balance_stating.note_opened(actor(), ref)
    return _shown(page, BalanceForm(formdata=None, data=begun(page)))


def _page(ref: str) -> BalancePage:
    with reading() as session:
        return balance_queries.balance_page(session, actor(), ref)


def begun(page: BalancePage) -> dict[str, Any]:
    """Return what the form begins with: a kept draft, else what was stated last, else what the bank knows."""
    last = next((one for one in page.statements if one.total_cents is not None), None)
    known: dict[str, Any] = {
        "answer": STATE, "reference": page.reference, "rank": page.rank.value, "agent": str(page.agent_id or ""), "revision": page.revision,
    }  # fmt: skip
    if last:
        amounts = {"principal": last.principal_cents, "interest": last.interest_cents, "costs": last.costs_cents}
        known |= {name: amount(cents or 0) for name, cents in amounts.items()}
        known |= {"reference": last.reference, "notice_on": last.notice_on, "obstacle": last.obstacle.value if last.obstacle else ""}
        known |= {"obstacle_words": last.explanation}
    draft = dict(page.draft)
    if day := draft.pop("notice_on", ""):
        draft["notice_on"] = balance_rules.day_of(day)
    return known | draft


def _shown(page: BalancePage, form: BalanceForm) -> ResponseReturnValue:
    form.offer(page.agents, (page.agent_id, page.agent), names_agent=page.names_agent)
    body = render_template(
        "balances/balance.html", page=page, form=form, words=balance_sentences, case_words=case_words, weighed=weighed(form)
    )  # fmt: skip
    return body, 422 if form.errors else 200


def weighed(form: BalanceForm) -> balance_rules.Weighed | None:
    """Return the reckoning of costs above the scale, once somebody tried to state them."""
    if (not form.costs.errors and not form.confirmed.data) or form.rank.errors or form.obstacle.errors:
        return None
    found = balance_rules.weigh(form.statement(), today()) if form.principal.cents or form.costs.cents else None
    return found if found and found.is_too_much else None


@bp.post("/<ref>")
@requires(Permission.STATE_BALANCES)
def answer(ref: str) -> ResponseReturnValue:
    page, form = _page(ref), BalanceForm()
    form.offer(page.agents, (page.agent_id, page.agent), names_agent=page.names_agent)
    if "keep" in request.form:
        return _keep(ref, form)
    try:
        if form.validate():
            taken = give(actor(), form, Seen(ref, whole_number(form.revision.data) or 0))
            return _onward(taken)
    except Refusal as refusal:
        show(form, refusal, balance_sentences.REFUSALS)
    except Conflict:
        flash(overtaken(_page(ref)), "error")
        return redirect(url_for(".balance", ref=ref))
    return _shown(page, form)


def give(who: Actor, form: BalanceForm, seen: Seen) -> Taken:
    """Give the answer that the form holds. Raises NotFound, Refusal, Conflict."""
    if form.answer.data == DECLINE:
        return balance_stating.decline(who, seen, *form.reason())
    return balance_stating.state_balance(who, seen, form.statement())


def overtaken(page: BalancePage) -> str:
    """Say who answered first, and when."""
    if not page.statements:
        return str(gettext("Dit saldoverzoek is intussen veranderd. Uw antwoord is niet verstuurd."))
    facts = {"who": page.statements[0].who, "at": moment(page.statements[0].at)}
    return str(gettext("%(who)s was u voor en heeft hier op %(at)s op geantwoord. Uw antwoord is niet verstuurd.", **facts))


def _onward(taken: Taken) -> ResponseReturnValue:
    """Open the next request that waits, with a word about the one that was answered."""
    flash(balance_sentences.taken(late=taken.late, waits=taken.waits), "error" if taken.late else "good")
    with reading() as session:
        following = balance_queries.next_open(session, actor())
    return redirect(url_for(".balance", ref=following) if following else url_for(".balances"))


def _keep(ref: str, form: BalanceForm) -> ResponseReturnValue:
    done = gettext("Uw antwoord op %(ref)s is bewaard, maar nog niet verstuurd.", ref=ref)
    refusals, stay = balance_sentences.REFUSALS, url_for(".balances")
    return pressed(lambda: balance_stating.save_draft(actor(), ref, form.kept()), done, refusals=refusals, stay=stay)
