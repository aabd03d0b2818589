"""What ends because an organisation takes part no more: which practice reports those are, and the evidence beside them.

An organisation takes part as long as somebody has an account there: a year after the last one left nobody can answer for its report
any more. What it told lives on in the figures of groups alone. Works inside somebody's session and deletes nothing itself.
"""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from app.accounts.models import Membership, Person
from app.creditors.models import Organisation
from app.documents.models import Attachment
from app.practices.models import Report


def reports_of_who_left(accounts: date, moment: datetime) -> Select[int]:
    """Select the reports of organisations where the last account ended on `accounts` or before, or was closed before `moment`."""
    account = exists().where(Membership.organisation_id == _HOLDER, Membership.person_id == Person.id)
    found = select(Report.id).join(Organisation, Organisation.id == Report.creditor_id)
    return found.where(account, ~account.where(_is_open(accounts, moment))).order_by(Report.id)


# an organisation, or the one with which it was merged as its double
_HOLDER = func.coalesce(Organisation.merged_into_id, Organisation.id)


def _is_open(accounts: date, moment: datetime) -> ColumnElement[bool]:
    """Tell whether an account is one, or was until lately; a stub is none, whenever it became one."""
    works = or_(Membership.ends_on.is_(None), Membership.ends_on > accounts)
    return and_(works, Person.name != "", or_(Person.disabled_at.is_(None), Person.disabled_at >= moment))


def evidence_of(session: Session, report_ids: Sequence[int]) -> list[str]:
    """Return the subjects of the files that stand beside the answers of some reports."""
    of_report = Attachment.subject_ref.startswith(Report.ref + ".")
    found = select(Attachment.subject_ref).join(Report, of_report).where(Report.id.in_(report_ids))
    return list(session.scalars(found.distinct().order_by(Attachment.subject_ref)))
