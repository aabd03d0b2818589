"""The bank's pages of proposals: one case's proposal, the list that waits for a hand, and the board of who still blocks."""

from collections.abc import Callable
from decimal import Decimal
from io import BytesIO

from flask import Blueprint, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _

from app.access import Permission, Role
from app.accounts.confirm_routes import confirmed
from app.acts import acted, pressed
from app.cases import words as case_words
from app.cases.service import note_opened
from app.db import new_ref, reading
from app.errors import NotFound
from app.menu import in_menu
from app.proposals import bank_queries as queries
from app.proposals import bank_words as words
from app.proposals import call_queries, drafting, issuing, preview, settling
from app.proposals.forms import DraftForm, EndForm
from app.proposals.inputs import Choice
from app.proposals.words import REFUSALS as ISSUING
from app.web import actor, local_target, requires, typed, whole_number

bp = Blueprint("proposals", __name__)
REFUSALS = {**ISSUING, **words.REFUSALS}


# ── one case ─────────────────────────────────────────────────────────────────


@bp.route("/cases/<ref>/proposal", methods=["GET", "POST"])
@requires(Permission.DRAFT_PROPOSALS)
def proposal(ref: str) -> ResponseReturnValue:
    form = DraftForm()

    def draft() -> None:
        drafting.draft_proposal(actor(), ref, _choice(form))

    done = _("Het concept is gemaakt. Een collega moet het nu controleren.")
    answer = acted(form, draft, done, refusals=REFUSALS, stay=url_for(".proposal", ref=ref))
    return answer or _page(ref, form, EndForm(formdata=None))


def _choice(form: DraftForm) -> Choice:
    """Return what was chosen; what a product does not know (a fee, a reason) is left out."""
    fee = form.fee_percentage.value or Decimal(0)
    return Choice(form.chosen(), form.months.data, form.annual_rate.value, fee, typed(form.reason))


def _page(ref: str, form: DraftForm, end: EndForm) -> ResponseReturnValue:
    note_opened(actor(), ref)
    with reading() as session:
        page = queries.proposal_page(session, actor(), ref)
        planned = preview.preview_rows(session, actor(), ref)
    shown = end if end.errors else form
    status = 422 if form.errors or end.errors else 200
    forms = {"form": shown, "draft": form, "end": end}
    return render_template("proposals/proposal.html", page=page, planned=planned, words=words, case_words=case_words, **forms), status


@bp.get("/cases/<ref>/proposal/letters/<int:number>")
@requires(Permission.DRAFT_PROPOSALS)
def letter(ref: str, number: int) -> ResponseReturnValue:
    """Show the letter about one claim as it would go out today, with no code that opens anything."""
    note_opened(actor(), ref)
    with reading() as session:
        content = preview.preview_letter(session, actor(), ref, number)
    return send_file(BytesIO(content), mimetype="application/pdf", download_name=f"voorbeeld-{number}.pdf")


@bp.post("/cases/<ref>/proposal/<any(approve, issue):act>")
@requires(Permission.APPROVE_PROPOSALS)
@confirmed("POST")
def move_on(ref: str, act: str) -> ResponseReturnValue:
    """Approve a colleague's draft, or issue what was approved."""
    with reading() as session:
        page = queries.proposal_page(session, actor(), ref)
    if page.proposal is None:
        raise NotFound
    number, stay = page.proposal.ref, url_for(".proposal", ref=ref)
    if act == "issue":
        done = _("Uitgebracht. De brieven worden nu geschreven.")
        return pressed(lambda: issuing.issue_proposal(actor(), number), done, refusals=REFUSALS, stay=stay)
    done = _("Gecontroleerd. Het voorstel kan uit.")
    return pressed(lambda: drafting.approve_proposal(actor(), number, _revision()), done, refusals=REFUSALS, stay=stay)


@bp.post("/cases/<ref>/proposal/<any(withdraw, supersede):act>")
@requires(Permission.ISSUE_PROPOSALS)
def end(ref: str, act: str) -> ResponseReturnValue:
    form = EndForm()
    with reading() as session:
        page = queries.proposal_page(session, actor(), ref)
    if page.proposal is None:
        raise NotFound
    use_case: Callable[..., None] = settling.withdraw_proposal if act == "withdraw" else settling.supersede_proposal
    number, done = page.proposal.ref, _("Het voorstel is beëindigd. De schuldeisers krijgen bericht.")

    def end_it() -> None:
        use_case(actor(), number, typed(form.reason), _revision())

    answer = acted(form, end_it, done, refusals=REFUSALS, stay=url_for(".proposal", ref=ref))
    return answer or _page(ref, DraftForm(formdata=None), form)


def _revision() -> int:
    return whole_number(request.form.get("revision")) or 0


# ── one creditor's answer ────────────────────────────────────────────────────


@bp.post("/proposals/offers/<ref>/accept")
@requires(Permission.SETTLE_PROPOSALS)
def settle(ref: str) -> ResponseReturnValue:
    """Take over the balance that a creditor named."""
    back, done = local_target(request.form.get("back")) or url_for(".board"), _("Het saldo is overgenomen.")
    return pressed(lambda: settling.take_over_balance(actor(), ref, _revision()), done, refusals=REFUSALS, stay=back)


# ── lists ────────────────────────────────────────────────────────────────────


@bp.get("/proposals")
@in_menu(_("Voorstellen"), 30, count=queries.waiting_count)
@requires(Permission.DRAFT_PROPOSALS)
def proposals() -> ResponseReturnValue:
    with reading() as session:
        page = queries.proposal_list(session, actor(), request.args.get("status", ""), whole_number(request.args.get("after")))
    return render_template("proposals/proposals.html", page=page, words=words)


@bp.post("/proposals/draft-ready")
@requires(Permission.DRAFT_PROPOSALS)
def draft_ready() -> ResponseReturnValue:
    """Draft every case that is ready, as a job with progress."""
    key = new_ref("J")
    drafting.start_drafting(actor(), key)
    return redirect(url_for("jobs.progress", key=key))


@bp.post("/proposals/issue-approved")
@requires(Permission.ISSUE_PROPOSALS)
@confirmed("POST")
def issue_approved() -> ResponseReturnValue:
    """Issue everything that was approved, as a job with progress."""
    key = new_ref("J")
    issuing.start_issuing(actor(), key)
    return redirect(url_for("jobs.progress", key=key))


@bp.get("/board")
@in_menu(_("Wie houdt het tegen"), 40, count=queries.on_one_count, home_of={Role.OFFICER})
@requires(Permission.SETTLE_PROPOSALS)
def board() -> ResponseReturnValue:
    wait = request.args.get("wait", "")
    with reading() as session:
        if wait in ("balance", "notice"):
            waits = call_queries.case_waits(session, actor(), wait, min(whole_number(request.args.get("page")) or 0, 10_000))
            return render_template("proposals/waits.html", page=waits, wait=wait)
        page = queries.board_page(session, actor(), request.args.get("after", ""))
    return render_template("proposals/board.html", page=page, words=words)
