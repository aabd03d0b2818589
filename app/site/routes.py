"""Help, statements, release notes, health and security.txt: open to everybody."""

from datetime import timedelta
from pathlib import Path

from flask import Blueprint, Response, current_app, jsonify, render_template
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _

from app.clock import now
from app.errors import NotFound
from app.site.health import Health, health
from app.web import public

bp = Blueprint("site", __name__)

# One page for each task; the file of the same name stands in templates/help/.
TOPICS = {
    "te-doen": _("Zien wat er op u wacht"),
    "zoeken": _("Zoeken in alles wat u mag zien"),
    "aanbod-beantwoorden": _("Een aanbod beantwoorden"),
    "veel-beantwoorden": _("Veel aanbiedingen beantwoorden"),
    "bestanden": _("Antwoorden met een bestand uit Excel of uw eigen systeem"),
    "akkoord-vooraf": _("Akkoord vooraf geven"),
    "saldoverzoeken": _("Een saldo opgeven"),
    "incassopauzes": _("Een incassopauze bevestigen"),
    "signalen": _("Harde incasso melden en beantwoorden"),
    "relatiebeheer": _("Escalaties, overleggen en afspraken"),
    "vroegsignalen-melden": _("Een betalingsachterstand melden"),
    "vroegsignalen-opvolgen": _("Vroegsignalen opvolgen"),
    "profiel-van-schuldeiser": _("Het profiel van een schuldeiser lezen"),
    "praktijkrapport": _("Het praktijkrapport invullen en lezen"),
    "benchmark": _("De benchmark lezen"),
    "kosten-toetsen": _("Incassokosten toetsen"),
    "brief-met-code": _("Antwoorden met de code op de brief"),
    "account-na-brief": _("Een account na een brief"),
    "namens-schuldeisers": _("Werken namens schuldeisers"),
    "dossiers-inlezen": _("Dossiers inlezen"),
    "voorstel-maken": _("Een voorstel maken en uitbrengen"),
    "wie-houdt-het-tegen": _("Zien wie het nog tegenhoudt"),
    "bellijst": _("Schuldeisers bellen"),
    "heroverweging-en-rechter": _("Heroverweging vragen, de klok stilzetten en naar de rechter"),
    "collegas": _("Collega’s toevoegen en afmelden"),
    "inloggen": _("Inloggen met een code uit een app"),
    "geschiedenis": _("Zien wat er met uw gegevens gebeurde"),
    "brief-controleren": _("Controleren of een brief echt is"),
    "berichten": _("Berichten lezen en kiezen wat u gemaild krijgt"),
    "toetsen": _("Werken met het toetsenbord"),
}


@bp.get("/help")
@public
def topics() -> ResponseReturnValue:
    return render_template("help/topics.html", page=TOPICS)


@bp.get("/help/<topic>")
@public
def topic(topic: str) -> ResponseReturnValue:
    if topic not in TOPICS:
        raise NotFound
    return render_template(f"help/{topic}.html", page=TOPICS[topic])


@bp.get("/<any(accessibility, privacy, news):statement>")
@public
def statement(statement: str) -> ResponseReturnValue:
    return render_template(f"site/{statement}.html")


@bp.get("/health")
@public
def machine_health() -> ResponseReturnValue:
    """Answer machines: 200 when pages can be served, else 503."""
    found = _health()
    return jsonify(found.as_json()), 200 if found.is_ready else 503


@bp.get("/status")
@public
def status() -> ResponseReturnValue:
    found = _health()
    return render_template("site/status.html", page=found), 200 if found.is_ready else 503


@bp.get("/.well-known/security.txt")
@public
def security_txt() -> ResponseReturnValue:
    """Say where a weakness can be reported (RFC 9116)."""
    expires = (now() + timedelta(days=180)).strftime("%Y-%m-%dT00:00:00Z")
    base = current_app.config["PORTAL"].base_url
    lines = [
        "Contact: mailto:security@stad.example",
        f"Expires: {expires}",
        "Preferred-Languages: nl, en",
        f"Canonical: {base}/.well-known/security.txt",
    ]
    return Response("\n".join(lines) + "\n", mimetype="text/plain")


def _health() -> Health:
    return health(Path(current_app.config["PORTAL"].files))
