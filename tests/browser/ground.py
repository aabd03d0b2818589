"""A small app that shows the components and error pages through the real layouts, without a database."""

from dataclasses import dataclass

from flask import Flask, flash, g, jsonify, render_template, request
from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, DecimalField, FileField, RadioField, SelectField, SelectMultipleField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from app import TEMPLATES, web
from app.access import Actor, Kind, Role

MENU = [
    (None, [("Te doen", "/", 218, True), ("Aanbiedingen", "/offers", 200, False), ("Vroegsignalen", "/early-signals", None, False)]),
    ("Afspraken", [("Akkoord vooraf", "/consents", None, False)]),
]
NAMES = ["Çelik, Y.", "Bakker, I.", "Lăcătuș, G.", "Berg, J. van den", "Nguyễn, A.", "Yılmaz, V.", "Hof, R. van ’t"]


@dataclass(frozen=True)
class Row:
    """One offer as a list shows it."""

    ref: str
    name: str
    claim: int
    offer: int
    share: str
    due: str
    kind: str


@dataclass(frozen=True)
class GalleryPage:
    """What the page of all components shows."""

    q: str
    rows: list[Row]


class AnswerForm(FlaskForm):
    """One field of each kind."""

    answer = RadioField(
        "Kies uw antwoord",
        [InputRequired("Kies een antwoord.")],
        choices=[SelectChoice("accepted", "Accepteren"), SelectChoice("rejected", "Afwijzen")],
    )
    reason = SelectField("Reden", choices=[SelectChoice("low", "Het percentage is te laag"), SelectChoice("other", "Anders, leg uit")])
    explanation = TextAreaField("Uitleg")
    balance = DecimalField("Uw saldo vandaag in euro", [InputRequired("Vul een bedrag in, bijvoorbeeld 148,50.")])
    day = DateField("Wanneer gebeurde dit?", [InputRequired("Vul een dag in, bijvoorbeeld 19-05-2026.")], format=["%d-%m-%Y", "%Y-%m-%d"])
    kinds = SelectMultipleField(
        "Wat is er aan de hand?",
        [InputRequired("Kies ten minste één ding.")],
        choices=[SelectChoice("costs", "Kosten boven de staffel"), SelectChoice("tone", "Dreiging")],
    )
    file = FileField("Bijlage")
    agreed = BooleanField("De cliënt vindt het goed dat ik dit meld.", [InputRequired("Zonder toestemming mogen wij dit niet delen.")])


def rows() -> list[Row]:
    """Return a full page of rows, late ones first."""
    kinds = [("4 dagen te laat", "late"), ("vandaag", "today"), ("wo 17 juni", "")]
    return [Row(f"A-{n:06}", NAMES[n % len(NAMES)], 64218 + n * 1009, 13100 + n * 31, "20.40", *kinds[n // 9]) for n in range(25)]


def make_app() -> Flask:
    """Return the app: `/gallery` all components, `/errors/<status>`, `/progress`."""
    app = Flask("ground", template_folder=str(TEMPLATES), static_folder=str(web.STATIC))
    app.config.update(SECRET_KEY="ground", TESTING=False)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    web.register(app)
    app.context_processor(lambda: {"menu": lambda: MENU})
    app.before_request(_act)
    app.add_url_rule("/gallery", "gallery", _gallery, methods=["GET", "POST"])
    app.add_url_rule("/errors/<int:status>", "error", _error)
    app.add_url_rule("/progress", "progress", lambda: jsonify(done=80, total=120, state="running"))
    return app


def _act() -> None:
    g.actor = Actor("Pieter Dros", frozenset({Role.CREDITOR_MANAGER}), Kind.CREDITOR, 1, "Zorgverzekeraar De Linde", 1)


def _gallery() -> tuple[str, int]:
    form = AnswerForm()
    if request.args.get("said"):
        flash("Uw antwoord is verstuurd.")
    status = 200 if not form.is_submitted() or form.validate() else 422
    return render_template("components/gallery.html", form=form, page=GalleryPage("", rows())), status


def _error(status: int) -> tuple[str, int]:
    return render_template(f"errors/{status}.html", request_id="5f2c9a7b11e04d63"), status
