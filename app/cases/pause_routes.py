"""Pages of notices and pauses for who is asked to stop collecting: the list, one notice, answers to one or to many at once."""

from functools import partial
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext

from app.access import Permission
from app.acts import acted
from app.cases import pause_queries, pause_words, pausing
from app.cases.pause_forms import BreachForm, NoticeForm
from app.cases.pause_queries import NoticePage, PauseQuery
from app.cases.pause_rules import NoticeState, Searched
from app.cases.pausing import SeenNotice
from app.db import reading
from app.errors import Conflict, Refusal
from app.exchange import downloads
from app.exchange.writing import DAY, TEXT, Field
from app.menu import in_menu
from app.web import actor, list_link, moment, page_size, query_text, requires, say, show, typed, whole_number

bp = Blueprint("pauses", __name__, url_prefix="/pauses")
SHOWN_LEFT = 5  # reasons that a message names; the list shows the rest


# ── the list ─────────────────────────────────────────────────────────────────


@bp.get("")
@in_menu(lazy_gettext("Incassopauzes"), 14, count=pause_queries.waiting_count)
@requires(Permission.READ_NOTICES)
def pauses() -> ResponseReturnValue:
    with reading() as session:
        page = pause_queries.pause_list(session, actor(), list_query(), page_size(request.args.get("size")))
    return render_template("pauses/pauses.html", page=page, words=pause_words, link=partial(list_link, list_query(), ".pauses"))


def list_query() -> PauseQuery:
    """Read the filters of the address."""
    return PauseQuery(**{name: query_text(name, 80) for name in ("q", "status", "creditor", "sort", "after")})


@bp.get("/download")
@requires(Permission.READ_NOTICES)
def download() -> ResponseReturnValue:
    """Give exactly the rows that the filters show."""
    fields = [
        Field(gettext("Kennisgeving"), TEXT), Field(gettext("Cliënt"), TEXT, 28), Field(gettext("Schuldeiser"), TEXT, 28),
        Field(gettext("Incassopartij"), TEXT, 28), Field(gettext("Uw kenmerk"), TEXT), Field(gettext("Gestuurd"), DAY),
        Field(gettext("Pauze tot en met"), DAY), Field(gettext("Geëindigd op"), DAY), Field(gettext("Stand"), TEXT, 28),
    ]  # fmt: skip
    rows: list[tuple[Any, ...]] = [
        (
            row.ref, row.client, row.creditor, row.agent, row.reference, row.sent_on, row.pause_until, row.ended_on,
            str(pause_words.STATES[row.state]),
        )
        for row in pausing.export_pauses(actor(), list_query())
    ]  # fmt: skip
    return downloads.download(fields, rows, gettext("incassopauzes"))


@bp.post("")
@requires(Permission.ANSWER_NOTICES)
def confirm() -> ResponseReturnValue:
    """Confirm the notices that were chosen in the list."""
    try:
        done = pausing.confirm_notices(actor(), request.form.getlist("chosen"))
    except Refusal as refusal:
        flash(say(refusal, pause_words.REFUSALS), "error")
        return redirect(list_link(list_query(), ".pauses"))
    if done.refs:
        flash(pause_words.confirmed(len(done.refs)), "good")
    for ref, code in done.left[:SHOWN_LEFT]:
        flash(gettext("%(ref)s is niet bevestigd. %(reason)s", ref=ref[:20], reason=str(pause_words.REFUSALS[code])), "error")
    if len(done.left) > SHOWN_LEFT:
        flash(gettext("Nog %(num)s andere zijn niet bevestigd.", num=len(done.left) - SHOWN_LEFT), "error")
    return redirect(list_link(list_query(), ".pauses"))


# ── one notice ───────────────────────────────────────────────────────────────


@bp.get("/<ref>")
@requires(Permission.READ_NOTICES)
def pause(ref: str) -> ResponseReturnValue:
    pausing.note_opened(actor(), ref)
    page = _page(ref)
    begun = {"answer": NoticeState.CONFIRMED.value} if page.state is NoticeState.SENT else {}
    return _shown(page, NoticeForm(formdata=None, data=begun | {"revision": page.revision}), BreachForm(formdata=None))


def _page(ref: str) -> NoticePage:
    with reading() as session:
        return pause_queries.notice_page(session, actor(), ref)


def _shown(page: NoticePage, form: NoticeForm, breach: BreachForm) -> ResponseReturnValue:
    form.offer(page.answers, page.agents)
    body = render_template("pauses/pause.html", page=page, form=form, breach=breach, words=pause_words)
    return body, 422 if form.errors or breach.errors else 200


@bp.post("/<ref>")
@requires(Permission.ANSWER_NOTICES)
def answer(ref: str) -> ResponseReturnValue:
    page, form = _page(ref), NoticeForm()
    form.offer(frozenset(NoticeState) - {NoticeState.SENT}, page.agents)  # an answer that came too late is refused with its reason
    try:
        if form.validate():
            _give(form, SeenNotice(ref, whole_number(form.revision.data) or 0))
            flash(gettext("Uw antwoord op %(ref)s is verstuurd.", ref=ref), "good")
            return redirect(url_for(".pauses"))
    except Refusal as refusal:
        show(form, refusal, pause_words.REFUSALS)
    except Conflict:
        flash(_overtaken(_page(ref)), "error")
        return redirect(url_for(".pause", ref=ref))
    return _shown(page, form, BreachForm(formdata=None))


def _give(form: NoticeForm, seen: SeenNotice) -> None:
    """Give the answer that the form holds. Raises NotFound, Refusal, Conflict."""
    match NoticeState(form.answer.data):
        case NoticeState.OTHER_AGENT:
            pausing.name_agent(actor(), seen, whole_number(form.agent.data), typed(form.agent_name))
        case NoticeState.CLIENT_UNKNOWN:
            pausing.say_unknown(actor(), seen, frozenset(Searched(field) for field in form.searched.data or ()))
        case NoticeState.OBSTACLE:
            pausing.report_obstacle(actor(), seen, typed(form.words))
        case _:
            pausing.confirm_notice(actor(), seen)


def _overtaken(page: NoticePage) -> str:
    """Say who answered first, and when."""
    if page.answered_at is None:
        return str(gettext("Deze kennisgeving is intussen veranderd. Uw antwoord is niet verstuurd."))
    facts = {"who": page.answerer, "at": moment(page.answered_at)}
    return str(gettext("%(who)s was u voor en heeft hier op %(at)s op geantwoord. Uw antwoord is niet verstuurd.", **facts))


@bp.post("/<ref>/collected")
@requires(Permission.ANSWER_NOTICES)
def collected(ref: str) -> ResponseReturnValue:
    """Take in that the creditor collected all the same."""
    page = _page(ref)
    form: Any = BreachForm()

    def report() -> None:
        pausing.report_collecting(actor(), ref, form.happened_on.data, typed(form.breach_words))

    done = gettext("Uw melding is bij de Kredietbank.")
    answer = acted(form, report, done, refusals=pause_words.REFUSALS, stay=url_for(".pause", ref=ref))
    return answer or _shown(page, NoticeForm(formdata=None, data={"revision": page.revision}), form)
