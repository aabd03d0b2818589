"""Pages of offers for creditors and their agents: the work list, one offer, and its answer. Officers and auditors read along."""

from collections.abc import Mapping
from urllib.parse import urlencode

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext

from app.access import Actor, Permission, Role
from app.acts import pressed
from app.clock import now
from app.consents.words import clause_rows
from app.db import reading, reading_page
from app.errors import Conflict, NotFound, Refusal
from app.exchange import downloads
from app.exchange.writing import AMOUNT, DAY, TEXT, Field
from app.menu import in_menu
from app.proposals import inbox_queries, many_queries, many_words, offer_queries, offer_sentences, offer_words, responding
from app.proposals.inbox_queries import InboxQuery
from app.proposals.lifecycle import AnsweredBy, RejectReason
from app.proposals.many_queries import Undoable
from app.proposals.offer_forms import ACCEPT, ANSWERS_TO_QUESTION, KEPT, OTHER, RECONSIDER, REJECT, AnswerForm
from app.proposals.offer_queries import OfferPage
from app.proposals.offer_words import REFUSALS
from app.proposals.responding import Seen
from app.sealing import sealed_words
from app.web import actor, address, moment, page_size, requires, say, show, typed, whole_number

FILTERS = {"q", "status", "due", "product", "cover", "who", "creditor", "by", "sort", "after"}

bp = Blueprint("offers", __name__, url_prefix="/offers")


# ── the list ─────────────────────────────────────────────────────────────────


@bp.get("")
@in_menu(lazy_gettext("Aanbiedingen"), 10, count=inbox_queries.open_count, home_of={
    Role.CREDITOR_WORKER, Role.CREDITOR_MANAGER, Role.AGENT_WORKER, Role.AGENT_MANAGER,
})  # fmt: skip
@requires(Permission.ANSWER_OFFERS)
def offers() -> ResponseReturnValue:
    with reading_page() as session:
        page = inbox_queries.inbox(session, actor(), list_query(), page_size(request.args.get("size")))
        return render_template(
            "offers/offers.html", page=page, link=list_link, words=offer_words, many=many_words, shown=offer_words.shown(),
            key=_key(), answered=_undoable(request.args.get("answered", "")),
        )  # fmt: skip


def _key() -> str:
    """Name this showing of the list: what is sent twice from it is one answer. It opens nothing, so it need not be a secret."""
    return f"{actor().person_id or 0}-{now():%Y%m%d%H%M%S%f}"


def list_query() -> InboxQuery:
    """Read the filters of the address."""
    return read_query(request.args)


def read_query(args: Mapping[str, str]) -> InboxQuery:
    """Read filters, also those that somebody kept; what cannot be printed is found nowhere and is left out."""
    asked = {name: args[name].strip()[:80] for name in args if name in FILTERS}  # what is not there costs a dictionary an exception
    return InboxQuery(**{name: text if text.isprintable() else "" for name, text in asked.items()})


def list_link(endpoint: str = "offers.offers", **over: str) -> str:
    """Return the address of this list with other filters, and as long as it was."""
    kept: dict[str, str] | None = g.get("list_kept")
    if kept is None:  # a list has a dozen links
        kept = g.list_kept = {name: value for name, value in vars(list_query()).items() if value and name != "after"}
        if "q" in kept:
            kept["q"] = sealed_words(kept["q"])
        if "size" in request.args:
            kept["size"] = str(page_size(request.args["size"]))
    asked = urlencode({name: value for name, value in (kept | over).items() if value})
    return f"{address(endpoint)}?{asked}" if asked else address(endpoint)


@bp.get("/download")
@requires(Permission.ANSWER_OFFERS)
def download() -> ResponseReturnValue:
    """Give exactly the rows that the filters show."""
    fields = [
        Field(gettext("Aanbod"), TEXT), Field(gettext("Cliënt"), TEXT, 28), Field(gettext("Schuldeiser"), TEXT, 28),
        Field(gettext("Uw kenmerk"), TEXT), Field(gettext("Product"), TEXT, 20), Field(gettext("Vordering"), AMOUNT),
        Field(gettext("Aanbod in euro"), AMOUNT), Field(gettext("Percentage"), TEXT, 12), Field(gettext("Akkoord vooraf"), TEXT, 24),
        Field(gettext("Antwoord voor"), DAY), Field(gettext("Stand"), TEXT, 28),
    ]  # fmt: skip
    shown = offer_words.shown()
    rows = [
        (
            row.ref, row.client, row.creditor, row.reference, shown.products[row.product], row.claim_cents, row.payment_cents,
            row.percentage.replace(".", ","), shown.cover(row), row.answer_by, shown.states[row.state],
        )
        for row in responding.export_offers(actor(), list_query())
    ]  # fmt: skip
    return downloads.download(fields, rows, gettext("aanbiedingen"))


# ── one offer ────────────────────────────────────────────────────────────────


@bp.get("/<ref>")
@requires(Permission.READ_OFFERS)
def offer(ref: str) -> ResponseReturnValue:
    with reading_page():
        page = _page(ref)
        if page.was_opened_today:
            return _shown(page, _begun(page))
    responding.note_opened(actor(), ref)
    page = _page(ref)
    return _shown(page, _begun(page))


def _page(ref: str) -> OfferPage:
    with reading_page() as session:
        return offer_queries.offer_page(session, actor(), ref)


def _begun(page: OfferPage) -> AnswerForm:
    """Return the form as it begins: with a kept draft, or yes where the own consent covers the offer."""
    covered = {"answer": ACCEPT} if page.assessment and page.assessment.covered else {}
    return AnswerForm(formdata=None, data={**covered, **page.draft, "revision": page.revision})


def _shown(page: OfferPage, form: AnswerForm) -> ResponseReturnValue:
    prepare(form, page)
    rows = clause_rows(page.assessment.rows) if page.assessment else []
    shown = {"words": offer_sentences, "clause_rows": rows, "reads": not may_answer(), "events_url": _events_url(page.ref)}
    shown |= {"many": many_words, "undo": _undoable(page.ref) if page.given else None}
    shown["answered"] = _undoable(request.args.get("answered", ""))
    return render_template("offers/offer.html", page=page, form=form, **shown), 422 if form.errors else 200


def _undoable(ref: str) -> Undoable | None:
    """Return the answer that can still be taken back: to this offer, or to the one just before it."""
    if not ref or not may_answer():
        return None
    with reading() as session:
        try:
            found = many_queries.undoable(session, actor(), ref)
        except NotFound:
            return None
    return found if found.until else None


def _events_url(ref: str) -> str | None:
    """Return where this reader finds who did what to an offer; None for whoever has no history of its own."""
    return url_for("audit.own", subject=f"offer/{ref}") if actor().may(Permission.READ_OWN_AUDIT) else None


def may_answer() -> bool:
    return actor().may(Permission.ANSWER_OFFERS)


def prepare(form: AnswerForm, page: OfferPage) -> None:
    """Leave out the question that was asked already: the bank's second question is answered, not bounced."""
    if page.question:
        form.answer.choices = ANSWERS_TO_QUESTION


@bp.post("/<ref>")
@requires(Permission.ANSWER_OFFERS)
def answer(ref: str) -> ResponseReturnValue:
    form = AnswerForm()
    if "keep" in request.form:
        return _keep(ref, form)
    page = _page(ref)
    try:
        if form.validate():
            give(actor(), form, Seen(ref, revision_of(form)))
            return _onward(ref)
    except Refusal as refusal:
        show(form, refusal, REFUSALS)
    except Conflict:
        flash(overtaken(_page(ref)), "error")
        return redirect(url_for(".offer", ref=ref))
    return _shown(page, form)


def revision_of(form: AnswerForm) -> int:
    return whole_number(typed(form.revision)) or 0


def give(who: Actor, form: AnswerForm, seen: Seen) -> None:
    """Give the answer that the form holds. Raises NotFound, Refusal, Conflict."""
    chosen = form.answer.data
    if chosen == OTHER and form.balance_cents is not None:
        responding.accept_with_other_balance(who, seen, form.balance_cents, typed(form.remark))
    elif chosen == REJECT:
        confirmed = bool(form.confirmed.data)
        responding.reject_offer(who, seen, RejectReason(form.reason.data), typed(form.explanation), confirmed=confirmed)
    elif chosen == RECONSIDER:
        responding.ask_reconsideration(who, seen, typed(form.question))
    else:
        responding.accept_offer(who, seen, typed(form.remark) if chosen == OTHER else "")


def overtaken(page: OfferPage) -> str:
    """Say who answered first, and when."""
    if page.given is None:
        return str(gettext("Dit aanbod is intussen veranderd. Uw antwoord is niet verstuurd. Bekijk het aanbod opnieuw."))
    facts = {"who": page.given.who, "at": moment(page.given.at)}
    return str(gettext("%(who)s was u voor en heeft dit aanbod op %(at)s beantwoord. Uw antwoord is niet verstuurd.", **facts))


def _onward(ref: str) -> ResponseReturnValue:
    """Open the next offer that waits, with a word about the one that was answered."""
    with reading() as session:
        following = inbox_queries.next_open(session, actor(), ref)
    if following:
        flash(gettext("Uw antwoord op %(ref)s is verstuurd. Dit is het volgende aanbod.", ref=ref), "good")
        return redirect(url_for(".offer", ref=following, answered=ref))
    flash(gettext("Uw antwoord op %(ref)s is verstuurd. Er wacht niets meer op u.", ref=ref), "good")
    return redirect(url_for(".offers", answered=ref))


def _keep(ref: str, form: AnswerForm) -> ResponseReturnValue:
    draft = {name: typed(form[name])[:2000].replace("\x00", "") for name in KEPT if form[name].data}
    done = gettext("Uw antwoord op %(ref)s is bewaard, maar nog niet verstuurd.", ref=ref)
    return pressed(lambda: responding.save_draft(actor(), ref, draft), done, refusals=REFUSALS, stay=url_for(".offers"))


@bp.post("/<ref>/put-back")
@requires(Permission.ANSWER_OFFERS)
def put_back(ref: str) -> ResponseReturnValue:
    try:
        responding.put_back_offer(actor(), Seen(ref, revision_of(AnswerForm()), AnsweredBy.HAND))
        flash(gettext("Dit aanbod staat weer open."), "good")
    except Refusal as refusal:
        flash(say(refusal, REFUSALS), "error")
    except Conflict:
        flash(overtaken(_page(ref)), "error")
    return redirect(url_for(".offer", ref=ref))
