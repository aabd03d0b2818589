"""Pages of the register: read the request, call one use case, show one page."""

from collections.abc import Callable
from datetime import date
from functools import partial

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are older

from app.access import Permission
from app.acts import acted
from app.clock import today
from app.creditors import queries, registering, service, words
from app.creditors.forms import ContactForm, EndMandateForm, MandateForm, RegisterForm, UploadForm
from app.creditors.importing import import_creditors
from app.creditors.queries import ListQuery, OrganisationPage
from app.creditors.registering import NewOrganisation
from app.creditors.service import NewContact
from app.creditors.wki_words import wki
from app.db import reading
from app.errors import NotFound, Refusal
from app.exchange import downloads, uploads
from app.exchange.uploads import Incoming
from app.exchange.writing import DAY, INTEGER, TEXT, YES_NO, Field
from app.menu import in_menu
from app.web import actor, list_link, page_size, query_text, requires, say, show, typed, whole_number

bp = Blueprint("creditors", __name__)


@bp.get("/creditors")
@in_menu(lazy_gettext("Schuldeisers"), 60)
@requires(Permission.READ_CREDITORS)
def creditors() -> ResponseReturnValue:
    with reading() as session:
        page = queries.creditor_list(session, actor(), _query(), page_size(request.args.get("size")))
    return render_template(
        "creditors/creditors.html",
        page=page,
        words=words,
        link=partial(list_link, _query(), ".creditors"),
        may_import=actor().may(Permission.EDIT_CREDITORS),
    )


def _query() -> ListQuery:
    return ListQuery(**{name: query_text(name, 140) for name in ("q", "branch", "kind", "joined", "after")})


@bp.get("/creditors/download")
@requires(Permission.READ_CREDITORS)
def download() -> ResponseReturnValue:
    fields = [
        Field(gettext("Code"), INTEGER), Field(gettext("Naam"), TEXT, 36), Field(gettext("Soort"), TEXT),
        Field(gettext("Deurwaarder"), YES_NO), Field(gettext("Branche"), TEXT), Field(gettext("Plaats"), TEXT),
        Field(gettext("E-mailadres"), TEXT, 40), Field(gettext("Toetreding"), DAY),
    ]  # fmt: skip
    with reading() as session:
        rows = [
            (row.code, row.name, str(words.KINDS[row.kind]), row.is_bailiff, row.branch, row.city, row.email, row.joined_on)
            for row in queries.all_rows(session, actor(), _query())
        ]
    return downloads.download(fields, rows, gettext("schuldeisers"))


# ── one organisation ─────────────────────────────────────────────────────────


@bp.get("/creditors/<int(max=2147483647):code>")
@requires(Permission.READ_CREDITORS)
def creditor(code: int) -> ResponseReturnValue:
    return _shown(_page(code))


@bp.get("/organisation")
@in_menu(lazy_gettext("Onze organisatie"), 70, heading=lazy_gettext("Beheer"))
@requires(Permission.ANSWER_OFFERS)
def organisation() -> ResponseReturnValue:
    return _shown(_page(None))


def _page(code: int | None) -> OrganisationPage:
    """Return the page of the organisation with this code, or (None) of the actor's own."""
    with reading() as session:
        found = queries.own_organisation(session, actor()) if code is None else queries.visible_creditor(session, actor(), code)
        return queries.organisation_page(session, actor(), found)


def _shown(page: OrganisationPage, contact: ContactForm | None = None, mandate: MandateForm | None = None) -> ResponseReturnValue:
    failed = contact or mandate
    mandate = mandate or MandateForm(data={"starts_on": today()})
    _offer(mandate.other, page)
    ends = EndMandateForm(data={"ends_on": today()})
    own = page.id == actor().organisation_id
    facts = {"page": page, "words": words, "wki": wki, "own": own, "contact": contact or ContactForm(), "mandate": mandate, "ends": ends}
    return render_template("creditors/organisation.html", **facts, form=failed), 422 if failed else 200


def _offer(field: SelectField, page: OrganisationPage) -> None:
    field.choices = [SelectChoice(id_, name) for id_, name in page.others]


def _back(page: OrganisationPage) -> ResponseReturnValue:
    own = page.id == actor().organisation_id
    return redirect(url_for(".organisation") if own else url_for(".creditor", code=page.code))


@bp.post("/creditors/<int(max=2147483647):code>/contacts")
@requires(Permission.EDIT_CREDITORS)
def add_contact(code: int) -> ResponseReturnValue:
    return _add_contact(_page(code))


@bp.post("/organisation/contacts")
@requires(Permission.EDIT_OWN_ORGANISATION)
def add_own_contact() -> ResponseReturnValue:
    return _add_contact(_page(None))


def _add_contact(page: OrganisationPage) -> ResponseReturnValue:
    form = ContactForm()
    if form.validate_on_submit():
        try:
            told = [typed(field).strip() for field in (form.name, form.task, form.email, form.phone)]
            service.add_contact(actor(), page.id, NewContact(*told))
            flash(gettext("De contactpersoon is toegevoegd."), "good")
            return _back(page)
        except Refusal as refusal:
            show(form, refusal, words.REFUSALS)
    return _shown(page, contact=form)


@bp.post("/creditors/<int(max=2147483647):code>/contacts/<int(max=2147483647):contact_id>/end")
@requires(Permission.EDIT_CREDITORS)
def end_contact(code: int, contact_id: int) -> ResponseReturnValue:
    return _end_contact(_page(code), contact_id)


@bp.post("/organisation/contacts/<int(max=2147483647):contact_id>/end")
@requires(Permission.EDIT_OWN_ORGANISATION)
def end_own_contact(contact_id: int) -> ResponseReturnValue:
    return _end_contact(_page(None), contact_id)


def _end_contact(page: OrganisationPage, contact_id: int) -> ResponseReturnValue:
    _try(lambda: service.end_contact(actor(), page.id, contact_id), gettext("De contactpersoon is beëindigd."))
    return _back(page)


@bp.post("/creditors/<int(max=2147483647):code>/mandates")
@requires(Permission.EDIT_CREDITORS)
def add_mandate(code: int) -> ResponseReturnValue:
    return _add_mandate(_page(code))


@bp.post("/organisation/mandates")
@requires(Permission.EDIT_OWN_ORGANISATION)
def add_own_mandate() -> ResponseReturnValue:
    return _add_mandate(_page(None))


def _add_mandate(page: OrganisationPage) -> ResponseReturnValue:
    if not page.may_give:
        raise NotFound
    form = MandateForm()
    _offer(form.other, page)
    if form.validate_on_submit():
        try:
            service.add_mandate(actor(), page.id, form.other.data, _day(form.starts_on.data), form.ends_on.data)
            flash(gettext("De machtiging is toegevoegd."), "good")
            return _back(page)
        except Refusal as refusal:
            show(form, refusal, words.REFUSALS)
    return _shown(page, mandate=form)


@bp.post("/creditors/<int(max=2147483647):code>/mandates/<int(max=2147483647):mandate_id>/end")
@requires(Permission.EDIT_CREDITORS)
def end_mandate(code: int, mandate_id: int) -> ResponseReturnValue:
    return _end_mandate(_page(code), mandate_id)


@bp.post("/organisation/mandates/<int(max=2147483647):mandate_id>/end")
@requires(Permission.EDIT_OWN_ORGANISATION)
def end_own_mandate(mandate_id: int) -> ResponseReturnValue:
    return _end_mandate(_page(None), mandate_id)


def _end_mandate(page: OrganisationPage, mandate_id: int) -> ResponseReturnValue:
    form = EndMandateForm()
    if form.validate_on_submit():
        number, ends_on = whole_number(form.revision.data) or 0, _day(form.ends_on.data)
        _try(lambda: service.end_mandate(actor(), page.id, mandate_id, ends_on, number), gettext("De machtiging is beëindigd."))
    else:
        flash(gettext("Vul de laatste dag in. Er is niets veranderd."), "error")
    return _back(page)


def _day(value: date | None) -> date:
    return value or today()  # the form asks for one


def _try(act: Callable[[], None], done: str) -> None:
    """Do it and say so, or say why not; both on the page that the person came from."""
    try:
        act()
        flash(done, "good")
    except Refusal as refusal:
        flash(say(refusal, words.REFUSALS), "error")


# ── one more ─────────────────────────────────────────────────────────────────


@bp.route("/creditors/new", methods=["GET", "POST"])
@requires(Permission.EDIT_CREDITORS)
def new() -> ResponseReturnValue:
    form = RegisterForm()

    def do_it() -> str:
        return url_for(".creditor", code=registering.register_organisation(actor(), typed_organisation(form)))

    done, overtaken = gettext("De organisatie staat in het register."), gettext("Een collega gebruikte deze code net. Kies een andere.")
    answer = acted(form, do_it, done, refusals=words.REFUSALS, stay=url_for(".new"), overtaken=overtaken)
    return answer or (render_template("creditors/new.html", form=form, complaint=""), 422 if form.errors else 200)


def typed_organisation(form: RegisterForm) -> NewOrganisation:
    """Read what somebody typed about an organisation."""
    told = {field.name: typed(field).strip() for field in form if field.name in registering.TEXTS}
    return NewOrganisation(code=form.code.data or 0, sort=str(form.sort.data or ""), **told)


# ── files ────────────────────────────────────────────────────────────────────


@bp.route("/creditors/import", methods=["GET", "POST"])
@requires(Permission.EDIT_CREDITORS)
def bring_in() -> ResponseReturnValue:
    form = UploadForm()
    if form.validate_on_submit():
        file = Incoming("creditors", form.file.data.filename or "", form.file.data.read())
        try:
            outcome = import_creditors(actor(), file.content, dry_run=True)
            return redirect(url_for(".upload", ref=service.keep_upload(actor(), file, outcome)))
        except Refusal as refusal:
            form.form_errors.append(say(refusal, words.REFUSALS))
    return render_template("creditors/import.html", form=form), 422 if form.errors else 200


@bp.get("/creditors/import/<ref>")
@requires(Permission.EDIT_CREDITORS)
def upload(ref: str) -> ResponseReturnValue:
    with reading() as session:
        page = uploads.upload_page(session, uploads.visible_upload(session, actor(), service.UPLOAD, ref), words.REFUSALS)
    return render_template("creditors/upload.html", page=page, words=words)


@bp.post("/creditors/import/<ref>")
@requires(Permission.EDIT_CREDITORS)
def confirm(ref: str) -> ResponseReturnValue:
    service.confirm_upload(actor(), ref)
    return redirect(url_for(".upload", ref=ref))


@bp.get("/creditors/import/<ref>/rejects/<kind>")
@requires(Permission.EDIT_CREDITORS)
def rejects(ref: str, kind: str) -> ResponseReturnValue:
    with reading() as session:
        content = uploads.rejects_file(session, uploads.visible_upload(session, actor(), service.UPLOAD, ref), kind)
    return downloads.rejects(content, f"afgewezen-{kind}")
