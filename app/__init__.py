"""Make the portal: a table of contents that registers and decides nothing.

Imports stand inside the functions: the command line starts from this package too, and `portal calculate` needs no web.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from app.config import Settings

TEMPLATES = Path(__file__).parent.parent / "templates"

PAGE_PATIENCE = 5  # seconds that a page waits for what another has locked: somebody is waiting for it
MODELS = (
    "audit", "jobs", "notifications", "documents", "exchange", "creditors", "accounts", "cases", "consents", "proposals", "early_signals",
    "practices",
)  # fmt: skip
PAGES = ("site", "accounts", "audit", "jobs", "notifications", "documents", "creditors", "consents", "cases", "proposals", "privacy")
FEDERATION_PAGES = ("accounts.federation_routes", "accounts.signup_routes")
BALANCE_PAGES = ("cases.balance_routes", "cases.case_balance_routes", "cases.balance_code_routes")
PAUSE_PAGES = ("cases.pause_routes", "cases.case_pause_routes")
OFFER_PAGES = (
    "proposals.offer_routes",
    "proposals.many_routes",
    "proposals.code_routes",
    "proposals.code_account_routes",
    "proposals.merge_routes",
    "proposals.agent_routes",
    "proposals.verify_routes",
)
PRACTICE_PAGES = (
    "practices.routes",
    "practices.review_routes",
    "practices.benchmark_routes",
    "practices.cost_routes",
    "practices.agent_routes",
)
COMPLAINT_PAGES = ("relations.report_routes", "relations.link_routes", "relations.addressed_routes", "relations.triage_routes")
RELATION_PAGES = (
    "relations.profile_routes",
    "relations.escalation_routes",
    "relations.meeting_routes",
    "relations.calendar_routes",
    "relations.commitment_routes",
)
SITE_PAGES = ("site.todo_routes", "site.search_routes")
BANK_PAGES = ("proposals.settling_routes", "proposals.call_routes")
FILE_PAGES = ("proposals.file_routes", "cases.balance_file_routes", "cases.pause_file_routes")
SIGNAL_PAGES = ("early_signals.routes", "early_signals.report_routes", "early_signals.team_routes")
WORKERS = ("audit", "notifications", "accounts", "consents", "cases", "proposals", "early_signals", "practices", "relations", "privacy")
HANDLERS = tuple(f"app.{name}.jobs" for name in WORKERS)


def load_models() -> None:
    """Import every table, so that the metadata is whole."""
    for name in MODELS:
        import_module(f"app.{name}.models")


def connect(settings: Settings, *, patience: int = 30) -> None:
    """Bind database, keys, clock and files for this process, which waits `patience` seconds for what another has locked."""
    from sqlalchemy import make_url

    from app import clock, db
    from app.accounts import readers
    from app.accounts.memberships import free_with
    from app.audit import anchors
    from app.audit.service import record
    from app.cases import balance_access
    from app.cases.balance_stating import ask_proposals_by
    from app.cases.outstanding import read_by
    from app.consents.queries import sees_record, sees_records
    from app.documents.attachments import judge_attachments_by
    from app.documents.queries import judge_by
    from app.documents.service import keep_in
    from app.jobs.service import record_with
    from app.notifications import audience, recording, signing
    from app.notifications.channels import send_by
    from app.practices.report_access import EVIDENCE, sees_evidence
    from app.proposals import offer_access
    from app.proposals.assigning import free_work
    from app.proposals.merging import own_too
    from app.proposals.settling_queries import outstanding
    from app.proposals.standing import payments_of
    from app.relations.complaint_access import sees_files
    from app.relations.complaint_steps import FILES
    from app.relations.message_access import sees_path
    from app.relations.models import GOES_ALONG, Complaint, ComplaintEvent

    load_models()
    clock.start_at(settings.clock)
    db.bind(db.create_engine(settings.database_url, patience), settings.field_keys)
    keep_in(settings.files, settings.clamd)
    send_by(settings.mail_url, settings.base_url)
    record_with(record)
    recording.record_with(record)
    signing.sign_with(settings.secret_key)
    audience.hand_in(readers, sees_path)
    free_with(free_work)
    anchors.keep_in(settings.anchors, Path(make_url(settings.database_url).database or "memory").stem, settings.anchor_mail)
    judge_attachments_by(EVIDENCE, sees_evidence)
    judge_by("offer letter", offer_access.sees_offer, offer_access.sees_letters)
    judge_by("balance letter", balance_access.sees_request, balance_access.sees_letters)
    ask_proposals_by(payments_of)
    read_by(outstanding)
    judge_by("standing consent", sees_record, sees_records)
    judge_attachments_by(FILES, sees_files)
    own_too({"complaints": Complaint.creditor_id, "complaint events": ComplaintEvent.creditor_id} | GOES_ALONG)


def create_app(settings: Settings) -> Flask:
    """Return the portal's web side."""
    from flask import Flask
    from werkzeug.middleware.proxy_fix import ProxyFix

    from app import menu, pages, web
    from app.accounts.providers import trust
    from app.site import unavailable

    connect(settings, patience=PAGE_PATIENCE)
    trust(settings.federation)
    app = Flask(__name__, template_folder=str(TEMPLATES))
    app.jinja_environment = pages.Pages
    app.config.update(
        SECRET_KEY=settings.secret_key,
        PORTAL=settings,
        SESSION_COOKIE_NAME="__Host-portal" if settings.is_production else "portal",
        SESSION_COOKIE_SECURE=settings.is_production,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        MAX_CONTENT_LENGTH=25 * 1024 * 1024,
        WTF_CSRF_SSL_STRICT=False,  # it asks a Referer, which our pages tell browsers not to send; the token decides
        WTF_CSRF_TIME_LIMIT=None,  # a form that stood open over lunch is still good; the session's own end decides
    )
    if settings.proxies:  # the last ones tell who asks, and that it was over TLS
        app.wsgi_app = ProxyFix(app.wsgi_app, settings.proxies, settings.proxies)  # type: ignore[method-assign] # as Flask documents it
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    web.register(app)
    menu.register(app)
    for name in (
        *(f"{name}.routes" for name in PAGES),
        *FEDERATION_PAGES,
        *PAUSE_PAGES,
        *BALANCE_PAGES,
        *OFFER_PAGES,
        *BANK_PAGES,
        *FILE_PAGES,
        *SIGNAL_PAGES,
        *PRACTICE_PAGES,
        *COMPLAINT_PAGES,
        *RELATION_PAGES,
        *SITE_PAGES,
    ):
        app.register_blueprint(import_module(f"app.{name}").bp)
    if not settings.is_production:
        app.register_blueprint(import_module("app.demo.routes").bp)
    unavailable.register(app)
    web.refuse_undeclared(app)
    return app
