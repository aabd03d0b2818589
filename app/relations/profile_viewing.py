"""Note who looked at a creditor's profile, and give it on paper."""

from app.access import Actor
from app.audit.queries import did_today
from app.audit.service import record
from app.clock import today
from app.db import reading, transaction
from app.documents.writer import write
from app.relations.profile_queries import profile_page, visible_profile
from app.relations.profile_text import profile_letter


def note_opened(actor: Actor, code: int | None) -> None:
    """Note that somebody looked at a profile: once a day for each person. Raises NotFound."""
    with reading() as session:
        creditor = visible_profile(session, actor, code)
        creditor_id, subject = creditor.id, f"profile/{creditor.code}"
        if did_today(session, actor, "profiles:open", subject):
            return
    with transaction() as session:
        record(session, actor, "profiles:open", subject, concerns_id=creditor_id)


def print_profile(actor: Actor, code: int | None) -> bytes:
    """Write a profile as the two pages that people take to a meeting, and note it. Raises NotFound."""
    with transaction() as session:
        page = profile_page(session, actor, code)
        creditor = visible_profile(session, actor, code)
        record(session, actor, "profiles:print", f"profile/{page.code}", concerns_id=creditor.id)
    return write(profile_letter(page, today()))
