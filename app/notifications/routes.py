"""Pages of messages: what was told, how mail of it comes, which addresses refuse it, and being rid of it without an account."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext, ngettext
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are older

from app.access import Permission
from app.acts import acted
from app.db import reading
from app.menu import in_menu
from app.notifications import choosing, queries
from app.notifications.choosing import MailboxWish
from app.notifications.forms import MailboxForm, ReadAllForm, SettingsForm
from app.notifications.rules import Mode, Wish
from app.notifications.words import KINDS, MODES, OTHER, REFUSALS, SUBJECTS, UNSENT
from app.speech import language
from app.web import actor, csrf, public, query_text, request_origin, requires, whole_number

bp = Blueprint("notifications", __name__)


# ── messages ─────────────────────────────────────────────────────────────────


@bp.get("/messages")
@in_menu(lazy_gettext("Berichten"), 850, count=queries.unread_count)
@requires(Permission.READ_MESSAGES)
def messages() -> ResponseReturnValue:
    only_unread, before = query_text("show", 10) == "unread", whole_number(query_text("before", 12))
    with reading() as opened:
        page = queries.message_list(opened, actor(), language(), only_unread=only_unread, before=before)
    return render_template("messages/messages.html", page=page, before=before)


@bp.get("/messages/<int(max=2147483647):message_id>")
@requires(Permission.READ_MESSAGES)
def message(message_id: int) -> ResponseReturnValue:
    with reading() as opened:
        page = queries.message_page(opened, actor(), message_id, language())
    return render_template("messages/message.html", page=page, unsent=UNSENT)


@bp.get("/messages/about/<ref>")
@requires(Permission.READ_MESSAGES)
def about(ref: str) -> ResponseReturnValue:
    """Show what was told of one offer: to the own organisation, or (for who sees every offer) to its creditor and agent."""
    with reading() as opened:
        page = queries.messages_about(opened, actor(), ref, language())
    return render_template("messages/about.html", page=page, ref=ref)


@bp.post("/messages/<int(max=2147483647):message_id>/read")
@requires(Permission.READ_MESSAGES)
def read(message_id: int) -> ResponseReturnValue:
    """Note that it was read, and lead on: to its work, or back to the message."""
    path = choosing.read_message(actor(), message_id)
    return redirect(path if request.form.get("to") == "work" else url_for(".message", message_id=message_id))


@bp.post("/messages/read")
@requires(Permission.READ_MESSAGES)
def read_all() -> ResponseReturnValue:
    form = ReadAllForm()
    if form.validate():
        count = choosing.read_all(actor(), form.newest.data or 0)
        flash(ngettext("%(num)s bericht staat nu op gelezen.", "%(num)s berichten staan nu op gelezen.", count))
    return redirect(url_for(".messages"))


# ── choices ──────────────────────────────────────────────────────────────────


@bp.route("/messages/settings", methods=["GET", "POST"])
@requires(Permission.READ_MESSAGES)
def settings() -> ResponseReturnValue:
    with reading() as opened:
        page = queries.settings_page(opened, actor())
    wanted = [subject for subject in page.subjects if subject not in page.wish.muted]
    form = SettingsForm(data={"mode": page.wish.mode.value, "hour": str(page.wish.hour), "subjects": wanted, "revision": page.revision})
    form.subjects.choices = [SelectChoice(subject, SUBJECTS.get(subject, OTHER)) for subject in page.subjects]

    def choose() -> None:
        wish = Wish(Mode(form.mode.data), int(form.hour.data), frozenset(page.subjects) - set(form.subjects.data or []))
        choosing.choose_mail(actor(), wish, whole_number(form.revision.data) or 0)

    answer = acted(form, choose, gettext("Bewaard. Zo krijgt u voortaan mail."), refusals=REFUSALS, stay=url_for(".settings"))
    return answer or (render_template("messages/settings.html", page=page, form=form, modes=MODES), 422 if form.errors else 200)


@bp.route("/messages/mailbox", methods=["GET", "POST"])
@requires(Permission.MANAGE_PEOPLE)
def mailbox() -> ResponseReturnValue:
    chosen = query_text("organisation", 12)
    with reading() as opened:
        page = queries.mailbox_page(opened, actor(), whole_number(chosen))
    kept = [code for code in page.codes if code not in page.muted]
    form = MailboxForm(data={"kinds": kept, "language": page.language, "revision": page.revision})
    form.kinds.choices = [SelectChoice(code, KINDS.get(code, code)) for code in page.codes]

    def choose() -> None:
        muted = [code for code in page.codes if code not in (form.kinds.data or [])]
        wish = MailboxWish(muted, form.language.data, whole_number(form.revision.data) or 0)
        choosing.choose_mailbox(actor(), page.organisation_id, wish)

    done = gettext("Bewaard. Dit gaat voortaan naar de gedeelde mailbox.")
    answer = acted(form, choose, done, refusals=REFUSALS, stay=url_for(".mailbox", organisation=chosen or None))
    return answer or (render_template("messages/mailbox.html", page=page, form=form), 422 if form.errors else 200)


# ── addresses that refuse mail ───────────────────────────────────────────────


@bp.get("/messages/bounced")
@requires(Permission.READ_MESSAGES)
def bounced() -> ResponseReturnValue:
    with reading() as opened:
        page = queries.bounce_page(opened, actor())
    return render_template("messages/bounced.html", page=page)


@bp.post("/messages/bounced/<int(max=2147483647):bounce_id>/confirm")
@requires(Permission.READ_MESSAGES)
def confirm(bounce_id: int) -> ResponseReturnValue:
    address = choosing.confirm_address(actor(), bounce_id)
    flash(gettext("Er gaat weer mail naar %(address)s.", address=address))
    return redirect(url_for(".bounced"))


# ── without an account ───────────────────────────────────────────────────────


@bp.get("/mail/stop/<token>")
@public
def stop(token: str) -> ResponseReturnValue:
    """Ask whether that is meant: programs that look at links in mails change nothing."""
    return render_template("messages/stop.html", page=choosing.check_stop(token), kinds=KINDS, other=OTHER, is_done=False)


@bp.post("/mail/stop/<token>")
@csrf.exempt  # type: ignore[untyped-decorator] # from flask_wtf, which has no types
@public
def stop_now(token: str) -> ResponseReturnValue:
    """End it, for a person at our page and for its mail program alike (RFC 8058, one click): the signed link is the proof."""
    done = choosing.stop_mail(token, request_origin())
    return render_template("messages/stop.html", page=done, kinds=KINDS, other=OTHER, is_done=True)
