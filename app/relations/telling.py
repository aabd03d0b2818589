"""Reads what somebody typed in the form of a report: about which company, of which claim, with which files; for pages alone."""

import re
from collections.abc import Iterable
from typing import Any

from flask_babel import gettext
from sqlalchemy.orm import Session

from app.access import Actor, Kind
from app.db import reading
from app.documents.attachments import Added
from app.errors import NotFound, Refusal
from app.relations import complaint_queries
from app.relations.complaint_forms import UNLISTED, PartyForm, ReportForm
from app.relations.complaint_queries import Choice
from app.relations.complaints import Told
from app.web import typed, whole_number

CODE = re.compile(r"\((\d{1,9})\)\s*$")  # behind a name that was chosen from what is offered as one types


def label(choice: Choice) -> str:
    """Name a company so that it can be told from others."""
    kind = gettext("incassopartij") if choice.kind is Kind.AGENT else gettext("schuldeiser")
    return ", ".join(part for part in (choice.name, choice.city, str(kind)) if part)


def offer(session: Session, form: ReportForm, actor: Actor | None) -> None:
    """Let the form offer the companies that were looked for and the claims of the case."""
    offer_parties(session, form, with_unlisted=True)
    form.offer_claims(_claims(session, form, actor))


def offer_parties(session: Session, form: PartyForm, *, with_unlisted: bool) -> None:
    """Let a form offer the companies that were looked for, and (`with_unlisted`) to keep the name that none of them has."""
    text = CODE.sub("", typed(form.party)).strip()
    found = complaint_queries.parties(session, text) if text else []
    offered = [(str(one.code), label(one)) for one in found]
    if text and with_unlisted:
        offered.append((UNLISTED, gettext("Staat er niet bij: bewaar het onder de naam “%(name)s”", name=text)))
    form.offer_parties(offered)


def _claims(session: Session, form: ReportForm, actor: Actor | None) -> list[tuple[str, str]]:
    case = typed(form.case).strip()
    if actor is None or not case:
        return []
    try:
        found = complaint_queries.claims_of(session, actor, case.upper())
    except NotFound:
        return []
    return [(str(id_), f"{name}, {gettext('via')} {agent}" if agent else name) for id_, name, agent in found]


def company(session: Session, form: PartyForm) -> tuple[int | None, str]:
    """Return the code of the company that was meant, or the name of one that the register lacks.

    Raises Refusal when what was typed could be several and none was chosen.
    """
    text = typed(form.party).strip()
    bare = CODE.sub("", text).strip()
    if form.chosen.data == UNLISTED:
        return None, bare
    if code := whole_number(form.chosen.data):
        return code, ""
    if not bare:
        return None, ""
    if (match := CODE.search(text)) and complaint_queries.party_of(session, int(match[1])):
        return int(match[1]), ""
    same = [one for one in complaint_queries.parties(session, bare) if one.name.casefold() == bare.casefold()]
    if len(same) == 1:
        return same[0].code, ""
    raise Refusal("relations.party_choose", field="chosen")


def code_of(form: PartyForm) -> int:
    """Return the code of the company that was meant. Raises Refusal when none or several could be."""
    with reading() as session:
        code, _ = company(session, form)
    if code is None:
        raise Refusal("relations.party_missing", field="party")
    return code


def told(form: ReportForm, *, is_draft: bool = False) -> Told:
    """Return what the form tells. Raises Refusal when the company has to be chosen first; a draft keeps what was typed."""
    with reading(as_portal=True) as session:  # the register's names, also for who came by a link
        try:
            code, named = company(session, form)
        except Refusal:
            if not is_draft:
                raise
            code, named = None, CODE.sub("", typed(form.party)).strip()
    return Told(
        kind=form.kind_chosen(), happened_on=form.happened_on.data, words=typed(form.words), wish=typed(form.wish),
        is_urgent=form.is_urgent.data, party_code=code, named=named, case_ref=typed(form.case).strip(),
        claim_id=whole_number(form.claim.data), client_agrees=form.client_agrees.data, client_name=typed(form.client_name),
        client_reference=typed(form.client_reference), files=files(form.files.data),
    )  # fmt: skip


def files(chosen: Iterable[Any] | None) -> tuple[Added, ...]:
    """Return the files that came with a form; fields that were left empty are none."""
    return tuple(Added(file.filename, file.read()) for file in chosen or () if getattr(file, "filename", ""))
