"""Note who looked at a creditor's profile, and give it on paper."""

from app.access import Actor
from app.audit.queries import did_today
from app.audit.service import record
from app.clock import today
from app.db import transaction
from app.documents.writer import write
from app.relations.profile_queries import profile_page, visible_profile
from app.relations.profile_text import profile_letter


def note_opened(actor: Actor, code: int | None) -> None:
    """Note that somebody looked at a profile: once a day for each person. Raises NotFound."""
    with transaction() as session:
        creditor = visible_profile(session, actor, code)
        if not did_today(session, actor, "profiles:open", creditor.subject):
            record(session, actor, "profiles:open", creditor.subject, concerns_id=creditor.id)


def print_profile(actor: Actor, code: int | None) -> bytes:
    """Write a profile as the two pages that people take to a meeting, and note it. Raises NotFound."""
    with transaction() as session:
        page = profile_page(session, actor, code, on_paper=True)
        creditor = visible_profile(session, actor, code)
        record(session, actor, "profiles:print", creditor.subject, concerns_id=creditor.id)
    return write(profile_letter(page, today()))
