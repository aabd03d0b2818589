"""Use cases of a form that was sent after its session ended: kept for the same person, who sends it after signing in, or not."""

import json
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from app.access import Actor
from app.accounts import rules
from app.accounts.models import SignIn
from app.clock import now
from app.db import transaction


@dataclass(frozen=True)
class UnsentForm:
    """A form as it was sent: where to, and its fields in their order."""

    path: str
    fields: tuple[tuple[str, str], ...]

    @property
    def texts(self) -> list[str]:
        """Return what was written rather than chosen, to recognise the form by."""
        return [value for _, value in self.fields if " " in value.strip()]


def keep_unsent(token: str, form: UnsentForm) -> bool:
    """Keep a form with the ended session of this token; tell whether that was possible: not when it is too long or the session unknown.

    Passwords and codes are never kept, and what is kept is encrypted like everything that a person wrote.
    """
    fields = [field for field in form.fields if not rules.is_secret(field[0])]
    text = json.dumps({"path": form.path, "fields": fields}, ensure_ascii=False)
    if len(text) > rules.MOST_UNSENT:
        return False
    ended = update(SignIn).where(SignIn.token_hash == rules.hash_token(token), _was_whole())
    with transaction() as session:
        return session.connection().execute(ended.values(unsent=text)).rowcount > 0


def _was_whole() -> ColumnElement[bool]:
    """Return the condition that a session had its second factor and was used not long ago, however old that factor was then."""
    return SignIn.second_factor_at.is_not(None) & (SignIn.seen_at > now() - rules.UNSENT_FOR)


def unsent_form(session: Session, actor: Actor) -> UnsentForm | None:
    """Return the form that this person sent last without a session, if any."""
    mine = select(SignIn.unsent).where(SignIn.person_id == actor.person_id, SignIn.unsent.is_not(None), _was_whole())
    text = session.scalar(mine.order_by(SignIn.id.desc()).limit(1))
    if text is None:
        return None
    kept = json.loads(text)
    return UnsentForm(kept["path"], tuple((name, value) for name, value in kept["fields"]))


def forget_unsent(actor: Actor) -> None:
    """Forget it: the person sends it now, or does not want to."""
    with transaction() as session:
        session.execute(update(SignIn).where(SignIn.person_id == actor.person_id, SignIn.unsent.is_not(None)).values(unsent=None))
