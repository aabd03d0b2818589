"""Pages of who reports harsh collection: the list of the own team, the form with its drafts, and one complaint with its outcome."""

from dataclasses import replace
from functools import partial
from typing import Any

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext

from app.access import Permission
from app.acts import acted
from app.db import reading
from app.documents.attachments import AttachmentRow
from app.errors import Conflict, Refusal
from app.exchange import downloads
from app.exchange.writing import DAY, TEXT, Field
from app.menu import in_menu
from app.relations import complaint_queries, complaint_words, complaints, telling
from app.relations.complaint_forms import HelpedForm, MoreForm, NamingForm, ReportForm
from app.relations.complaint_queries import ComplaintRow, Draft, ListQuery
from app.relations.complaint_rules import Helped
from app.relations.complaints import Similar
from app.relations.naming import let_be_named
from app.web import actor, list_link, page_size, query_text, requires, show, typed, whole_number

bp = Blueprint("complaints", __name__, url_prefix="/complaints")


# ── the list ─────────────────────────────────────────────────────────────────


@bp.get("")
@in_menu(lazy_gettext("Gemelde signalen"), 32, count=complaint_queries.heard_count)
@requires(Permission.REPORT_COMPLAINTS)
def reported() -> ResponseReturnValue:
    with reading() as session:
        page = complaint_queries.reported_list(session, actor(), list_query(), page_size(request.args.get("size")))
    return render_template("complaints/reported.html", page=page, words=complaint_words, link=partial(list_link, list_query(), ".reported"))


def list_query() -> ListQuery:
    """Read the filters of the address."""
    return ListQuery(**{name: query_text(name, 80) for name in ("q", "status", "kind", "after")})


@bp.get("/download")
@requires(Permission.REPORT_COMPLAINTS)
def download() -> ResponseReturnValue:
    """Give exactly the rows that the filters show."""
    with reading() as session:
        rows = list(complaint_queries.reported_rows(session, actor(), list_query()))
    return as_file(rows, gettext("gemelde signalen"))


def as_file(rows: list[ComplaintRow], name: str) -> ResponseReturnValue:
    """Give complaints as a file, for who may see who reported them."""
    fields = [
        Field(gettext("Signaal"), TEXT), Field(gettext("Over wie"), TEXT, 28), Field(gettext("Incassopartij"), TEXT, 28),
        Field(gettext("Onderwerp"), TEXT, 28), Field(gettext("Gemeld op"), DAY), Field(gettext("Gebeurd op"), DAY),
        Field(gettext("Antwoord voor"), DAY), Field(gettext("Stand"), TEXT, 24), Field(gettext("Uitkomst"), TEXT, 24),
        Field(gettext("Melder"), TEXT, 28), Field(gettext("Organisatie"), TEXT, 28), Field(gettext("Behandelaar"), TEXT, 28),
    ]  # fmt: skip
    words = complaint_words
    values: list[tuple[Any, ...]] = [
        (
            row.ref, row.about, row.agent, words.kind(row), row.reported_on, row.happened_on, row.answer_by, str(words.STATES[row.state]),
            str(words.OUTCOMES[row.outcome]) if row.outcome else "", row.reporter, row.team, row.owner,
        )
        for row in rows
    ]  # fmt: skip
    return downloads.download(fields, values, name)


# ── the form ─────────────────────────────────────────────────────────────────


@bp.post("/parties")
@requires(Permission.REPORT_COMPLAINTS)
def parties() -> ResponseReturnValue:
    """Offer companies as one types; a creditor may be a person, so what is typed stands in no address."""
    with reading() as session:
        found = complaint_queries.parties(session, request.form.get("q", ""))
    return jsonify([f"{one.name} ({one.code})" for one in found])


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.REPORT_COMPLAINTS)
def new() -> ResponseReturnValue:
    if request.method == "POST":
        return _taken(ReportForm())
    return _form(ReportForm(formdata=None, data={"case": query_text("case", 20), "party": query_text("party", 120)}))


@bp.route("/drafts/<ref>", methods=["GET", "POST"])
@requires(Permission.REPORT_COMPLAINTS)
def draft(ref: str) -> ResponseReturnValue:
    with reading() as session:
        kept = complaint_queries.draft_of(session, actor(), ref)
    if request.method == "POST":
        return _taken(ReportForm(data={"draft": ref}))
    return _form(ReportForm(formdata=None, data=_values(kept)))


def _values(kept: Draft) -> dict[str, Any]:
    party = f"{kept.party.name} ({kept.party.code})" if kept.party else kept.named
    names = ("happened_on", "words", "wish", "is_urgent", "client_agrees", "client_name", "client_reference")
    values = {name: getattr(kept, name) for name in names}
    return values | {
        "draft": kept.ref, "party": party, "kind": kept.kind.value if kept.kind else "", "case": kept.case_ref,
        "claim": str(kept.claim_id or ""),
    }  # fmt: skip


def _taken(form: ReportForm) -> ResponseReturnValue:
    """Look for the company, keep the draft, or report; what is refused comes back as it was typed, files too."""
    do, similar = request.form.get("do"), ()
    with reading() as session:
        if not complaint_queries.is_draft(session, actor(), typed(form.draft)):
            form.draft.data = ""  # it was sent from another page: what stands here is a new one
        telling.offer(session, form, actor())
    if not form.validate():
        return _form(form)
    if do == "find":
        return _form(form)
    try:
        what = telling.told(form, is_draft=do == "draft")
        if do == "draft":
            complaints.save_draft(actor(), what, typed(form.draft))
            flash(gettext("Uw concept is bewaard. Alleen u ziet het."), "good")
            return redirect(url_for(".reported", status="draft"))
        ref = complaints.report_complaint(actor(), what, typed(form.draft), is_another=form.is_another.data)
        flash(gettext("Signaal %(ref)s is gemeld. U hoort binnen vijf werkdagen dat het is gelezen.", ref=ref), "good")
        return redirect(url_for(".one", ref=ref))
    except Refusal as refusal:
        show(form, refusal, complaint_words.REFUSALS)
        similar = refusal.facts.get("similar", ())  # type: ignore[assignment]
        _keep_files(form, refusal)
    return _form(form, similar)


def _keep_files(form: ReportForm, refusal: Refusal) -> None:
    """Keep the files that came with a form that was refused in its draft: a browser does not send them again by itself.

    Where the files themselves were refused, the draft keeps the words.
    """
    for file in form.files.data or ():
        if getattr(file, "filename", ""):
            file.seek(0)
    found = telling.files(form.files.data)
    if not found:
        return
    try:
        kept = () if refusal.code.startswith("attachments.") else found
        what = replace(telling.told(form, is_draft=True), files=kept)
        form.draft.data = complaints.save_draft(actor(), what, typed(form.draft))
    except Refusal:
        return  # the form says what is wrong already


def _form(form: ReportForm, similar: tuple[Similar, ...] = ()) -> ResponseReturnValue:
    files: list[AttachmentRow] = []
    with reading() as session:
        telling.offer(session, form, actor())
        if form.draft.data:
            files = complaint_queries.draft_of(session, actor(), str(form.draft.data)).files
    body = render_template(
        "complaints/report.html", form=form, similar=similar, files=files, words=complaint_words, by_link=False,
        suggest=url_for(".parties"), may_relate=actor().may(Permission.READ_CASES), links=url_for("complaint_links.links"),
    )  # fmt: skip
    return body, 422 if form.errors else 200


@bp.post("/drafts/<ref>/discard")
@requires(Permission.REPORT_COMPLAINTS)
def discard(ref: str) -> ResponseReturnValue:
    complaints.discard_draft(actor(), ref)
    flash(gettext("Het concept is weggegooid."), "good")
    return redirect(url_for(".reported", status="draft"))


# ── one complaint ────────────────────────────────────────────────────────────


@bp.get("/reported/<ref>")
@requires(Permission.REPORT_COMPLAINTS)
def one(ref: str) -> ResponseReturnValue:
    return _shown(ref, MoreForm(formdata=None), None)


def _shown(ref: str, more: MoreForm, helped: HelpedForm | None, naming: NamingForm | None = None) -> ResponseReturnValue:
    with reading() as session:
        page = complaint_queries.reported_page(session, actor(), ref)
    helped = helped or HelpedForm(formdata=None, data={"revision": page.revision, "helped": page.helped})
    agrees = "" if page.client_agrees else "yes"
    naming = naming or NamingForm(formdata=None, data={"revision": page.revision, "agrees": agrees})
    body = render_template("complaints/one.html", page=page, more=more, helped=helped, naming=naming, words=complaint_words)
    return body, 422 if more.errors or helped.errors or naming.errors else 200


@bp.post("/reported/<ref>/more")
@requires(Permission.REPORT_COMPLAINTS)
def more(ref: str) -> ResponseReturnValue:
    """Take in more about a complaint."""
    form = MoreForm()
    try:
        if form.validate():
            complaints.add_to_complaint(actor(), ref, typed(form.more), telling.files(form.files.data))
            flash(gettext("Uw aanvulling staat bij het signaal."), "good")
            return redirect(url_for(".one", ref=ref))
    except Refusal as refusal:
        show(form, refusal, complaint_words.REFUSALS)
    return _shown(ref, form, None)


@bp.post("/reported/<ref>/naming")
@requires(Permission.REPORT_COMPLAINTS)
def naming(ref: str) -> ResponseReturnValue:
    """Take in that the client may be named from now on, or no longer."""
    form, agrees = NamingForm(), bool(request.form.get("agrees"))

    def do() -> str:
        let_be_named(actor(), ref, whole_number(form.revision.data) or 0, agrees=agrees, name=typed(form.client_name))
        return url_for(".one", ref=ref)

    overtaken = gettext("Dit signaal is intussen veranderd. Er is niets bewaard. Lees het opnieuw.")
    done = acted(
        form, do, complaint_words.NAMED[agrees], refusals=complaint_words.REFUSALS, stay=url_for(".one", ref=ref), overtaken=overtaken
    )
    return done or _shown(ref, MoreForm(formdata=None), None, form)


@bp.post("/reported/<ref>/helped")
@requires(Permission.REPORT_COMPLAINTS)
def helped(ref: str) -> ResponseReturnValue:
    """Take in whether the outcome helped, and open the complaint again when it did not."""
    form = HelpedForm()
    try:
        if form.validate():
            seen, reopen = whole_number(form.revision.data) or 0, form.reopen.data
            complaints.say_helped(actor(), ref, Helped(form.helped.data), typed(form.helped_words), seen, reopen=reopen)
            flash(gettext("Het signaal is heropend.") if reopen else gettext("Dank u. Relatiebeheer leest uw oordeel."), "good")
            return redirect(url_for(".one", ref=ref))
    except Refusal as refusal:
        show(form, refusal, complaint_words.REFUSALS)
    except Conflict:
        flash(gettext("Dit signaal is intussen veranderd. Uw oordeel is niet bewaard."), "error")
        return redirect(url_for(".one", ref=ref))
    return _shown(ref, MoreForm(formdata=None), form)
