"""Who may do what: permissions with a sentence each, granted to roles in one table."""

from dataclasses import dataclass
from enum import Enum, StrEnum

from app.errors import NotFound
from app.reach import PORTAL, Area, Reach


class Kind(StrEnum):
    """What an organisation is to the portal."""

    CREDITOR = "creditor"
    AGENT = "agent"
    BANK = "bank"
    RELATIONS_TEAM = "relations team"
    NEIGHBOURHOOD_TEAM = "neighbourhood team"
    CITY = "city"


class Role(StrEnum):
    """What a person does in its organisation."""

    CREDITOR_WORKER = "creditor worker"
    CREDITOR_MANAGER = "creditor manager"
    AGENT_WORKER = "agent worker"
    AGENT_MANAGER = "agent manager"
    OFFICER = "officer"
    RELATIONSHIP_MANAGER = "relationship manager"
    COUNSELLOR = "counsellor"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"
    SYSTEM = "system"


class Permission(Enum):
    """A code in the grammar `things:verb`, and the sentence that completes 'may …'."""

    READ_OFFERS = "offers:read", "see the offers made to the own organisation or under its mandates"
    READ_ALL_OFFERS = "offers:read-all", "see the offers made to every creditor"
    ANSWER_OFFERS = "offers:answer", "answer the offers made to the own organisation or under its mandates"
    READ_NOTICES = "notices:read", "see the notices and pauses of the own organisation or under its mandates, or (the bank) all of them"
    ANSWER_NOTICES = "notices:answer", "answer the notices to the own organisation or under its mandates, and report that it collected"
    SEND_NOTICES = "notices:send", "send notices, end pauses and deal with reports that was collected during one"
    REPORT_BREACHES = "pauses:report", "note that a client complains of collecting during a pause"
    READ_CONSENTS = "consents:read", "see standing consents: those of the own organisation"
    DRAFT_CONSENTS = "consents:draft", "draft and simulate a standing consent of the own organisation"
    SIGN_CONSENTS = "consents:sign", "sign a standing consent for the own organisation"
    WITHDRAW_CONSENTS = "consents:withdraw", "withdraw a standing consent of the own organisation"
    READ_ALL_CONSENTS = "consents:read-all", "see the standing consents of every creditor, but no drafts"
    READ_CREDITORS = "creditors:read", "see the register of creditors and agents"
    EDIT_CREDITORS = "creditors:edit", "import and change the register of creditors, agents and mandates"
    ADMIT_CREDITORS = "creditors:admit", "decide who gets the first account of a creditor, and merge doubles in the register"
    EDIT_OWN_ORGANISATION = "organisation:edit", "change contacts and mandates of the own organisation"
    READ_CASES = "cases:read", "see the cases that the own team works on"
    IMPORT_CASES = "cases:import", "bring in cases and claims from the bank's own system"
    EDIT_CASES = "cases:edit", "change facts of a case that a proposal rests on"
    RESTRICT_CASES = "cases:restrict", "let the data of a case rest when its client asks for it, and take them up again"
    EXPORT_PRIVACY = "privacy:export", "give a client everything that is kept about it, and who saw it"
    READ_BALANCES = "balances:read", "see the balance requests to the own organisation or under its mandates; the bank all of them"
    STATE_BALANCES = "balances:state", "state the balance of a claim of the own organisation or under its mandates"
    ASK_BALANCES = "balances:ask", "ask creditors for their balances, and decide on corrections that came after a proposal"
    DRAFT_PROPOSALS = "proposals:draft", "calculate and draft a proposal"
    APPROVE_PROPOSALS = "proposals:approve", "check a colleague's draft"
    ISSUE_PROPOSALS = "proposals:issue", "issue, withdraw and supersede proposals"
    SETTLE_PROPOSALS = "proposals:settle", "ask creditors to reconsider, take over balances and close agreements"
    READ_DOCUMENTS = "documents:read", "open the documents of the own organisation"
    READ_PRACTICES = "practices:read", "see the practice reports of the own organisation, and the benchmark"
    WRITE_PRACTICES = "practices:write", "fill in the practice report of the own organisation, and reply to remarks on it"
    SUBMIT_PRACTICES = "practices:submit", "submit the practice report of the own organisation"
    READ_ALL_PRACTICES = "practices:read-all", "see the practice reports that creditors submitted"
    REVIEW_PRACTICES = "practices:review", "remark on practice reports, reopen them, and make the benchmark of a year"
    CHECK_COSTS = "costs:check", "lay collection costs beside the statutory scale"
    READ_ATTACHMENTS = "attachments:read", "open the files beside what one may see"
    READ_SIGNALS = "signals:read", "see the early signals of the own organisation, those sent under its mandates, or those of the own team"
    REPORT_SIGNALS = "signals:report", "report arrears for the own organisation or under its mandates, and hear what the law allows"
    FOLLOW_SIGNALS = "signals:follow", "note attempts at contact about the early signals of the own team"
    MANAGE_PEOPLE = "people:manage", "add and end colleagues in the own organisation"
    MANAGE_ALL_PEOPLE = "people:manage-all", "add and end people in every organisation"
    REPORT_COMPLAINTS = "complaints:report", "report harsh collection, and follow what the own team reported"
    TRIAGE_COMPLAINTS = "complaints:triage", "see every complaint of harsh collection, address and close it"
    ANSWER_COMPLAINTS = "complaints:answer", "see and answer the complaints addressed to the own organisation"
    READ_RELATIONS = "relations:read", "see the meetings with and the commitments of the own organisation"
    READ_ALL_RELATIONS = "relations:read-all", "see every escalation, meeting and commitment"
    WORK_RELATIONS = "relations:work", "take escalations up the ladder, plan and minute meetings, and keep and check commitments"
    READ_PROFILES = "profiles:read", "see the profile of the own organisation, or (the relations team) that of every creditor and agent"
    READ_OWN_PROFILE = "profiles:read-own", "find the profile of the own organisation in the menu"
    READ_TODO = "todo:read", "see on one page what waits for the own team"
    READ_AUDIT = "audit:read", "search every audit event"
    READ_OWN_AUDIT = "audit:read-own", "see the audit events about the own organisation's answers"
    SEARCH = "search:all", "search in everything that one may see"
    READ_MESSAGES = "messages:read", "see what the portal told the own organisation and oneself, and choose how mail of it comes"
    READ_JOBS = "jobs:read", "follow the progress of long work that one started"
    REPLAY_JOBS = "jobs:replay", "run failed work again"

    @property
    def code(self) -> str:
        return self.value[0]

    @property
    def sentence(self) -> str:
        return self.value[1]


_P = Permission
_SIGNALS = frozenset({_P.READ_SIGNALS, _P.REPORT_SIGNALS})
_NOTICES = frozenset({_P.READ_NOTICES, _P.ANSWER_NOTICES})
_BALANCES = frozenset({_P.READ_BALANCES, _P.STATE_BALANCES})
_CREDITOR = (
    _NOTICES
    | {_P.READ_PRACTICES, _P.WRITE_PRACTICES, _P.CHECK_COSTS}
    | _BALANCES
    | _SIGNALS
    | {_P.ANSWER_COMPLAINTS}
    | frozenset({_P.READ_OFFERS, _P.ANSWER_OFFERS, _P.READ_CONSENTS, _P.READ_DOCUMENTS, _P.READ_OWN_AUDIT, _P.READ_JOBS})
)
_AGENT = (
    _NOTICES
    | {_P.CHECK_COSTS}
    | _BALANCES
    | _SIGNALS
    | {_P.ANSWER_COMPLAINTS}
    | frozenset({_P.READ_OFFERS, _P.ANSWER_OFFERS, _P.READ_DOCUMENTS, _P.READ_OWN_AUDIT, _P.READ_JOBS})
)
_OFFICER = frozenset(
    {
        _P.READ_CASES, _P.IMPORT_CASES, _P.EDIT_CASES, _P.DRAFT_PROPOSALS, _P.APPROVE_PROPOSALS, _P.ISSUE_PROPOSALS, _P.SETTLE_PROPOSALS,
        _P.READ_CREDITORS, _P.READ_CONSENTS, _P.READ_ALL_CONSENTS, _P.READ_DOCUMENTS, _P.READ_JOBS,
        _P.READ_OFFERS, _P.READ_ALL_OFFERS, _P.RESTRICT_CASES, _P.EXPORT_PRIVACY,
        _P.READ_NOTICES, _P.SEND_NOTICES, _P.REPORT_BREACHES, _P.READ_BALANCES, _P.ASK_BALANCES, _P.REPORT_COMPLAINTS,
        _P.CHECK_COSTS,
    }
)  # fmt: skip

GRANTS: dict[Role, frozenset[Permission]] = {
    Role.CREDITOR_WORKER: _CREDITOR,
    Role.CREDITOR_MANAGER: _CREDITOR
    | {_P.DRAFT_CONSENTS, _P.SIGN_CONSENTS, _P.WITHDRAW_CONSENTS, _P.SUBMIT_PRACTICES, _P.EDIT_OWN_ORGANISATION, _P.MANAGE_PEOPLE}
    | {_P.READ_RELATIONS, _P.READ_PROFILES, _P.READ_OWN_PROFILE},
    Role.AGENT_WORKER: _AGENT,
    Role.AGENT_MANAGER: _AGENT | {_P.EDIT_OWN_ORGANISATION, _P.MANAGE_PEOPLE, _P.READ_RELATIONS, _P.READ_PROFILES, _P.READ_OWN_PROFILE},
    Role.OFFICER: _OFFICER | {_P.EDIT_CREDITORS, _P.ADMIT_CREDITORS},
    Role.RELATIONSHIP_MANAGER: frozenset(
        {
            _P.READ_CREDITORS,
            _P.EDIT_CREDITORS,
            _P.READ_CONSENTS,
            _P.READ_ALL_CONSENTS,
            _P.READ_DOCUMENTS,
            _P.READ_JOBS,
            _P.REPORT_COMPLAINTS,
            _P.TRIAGE_COMPLAINTS,
            _P.READ_TODO,
            _P.READ_RELATIONS,
            _P.READ_ALL_RELATIONS,
            _P.WORK_RELATIONS,
            _P.READ_PROFILES,
            _P.READ_PRACTICES,
            _P.READ_ALL_PRACTICES,
            _P.REVIEW_PRACTICES,
            _P.CHECK_COSTS,
        }
    ),
    Role.COUNSELLOR: frozenset(
        {_P.READ_CASES, _P.READ_CREDITORS, _P.REPORT_BREACHES, _P.REPORT_COMPLAINTS, _P.READ_SIGNALS, _P.FOLLOW_SIGNALS, _P.CHECK_COSTS}
        | {_P.READ_TODO}
    ),
    Role.AUDITOR: frozenset({_P.READ_AUDIT, _P.READ_CREDITORS, _P.READ_CONSENTS, _P.READ_ALL_CONSENTS, _P.READ_OFFERS, _P.READ_ALL_OFFERS})
    | {_P.READ_RELATIONS, _P.READ_ALL_RELATIONS, _P.READ_PRACTICES, _P.READ_ALL_PRACTICES},
    Role.ADMINISTRATOR: frozenset({_P.MANAGE_PEOPLE, _P.MANAGE_ALL_PEOPLE, _P.READ_CREDITORS, _P.READ_JOBS, _P.REPLAY_JOBS}),
    Role.SYSTEM: frozenset(Permission),
}
_EVERYBODY = {_P.READ_MESSAGES, _P.READ_ATTACHMENTS, _P.SEARCH}  # whoever signs in
GRANTS = {role: permissions | _EVERYBODY for role, permissions in GRANTS.items()}


# Of which areas a permission lets somebody see the rows of every organisation (PostgreSQL's second wall).
AREAS: dict[Permission, frozenset[Area]] = {
    _P.READ_ALL_OFFERS: frozenset({Area.OFFERS, Area.CASES}),
    _P.IMPORT_CASES: frozenset({Area.CASES}),
    _P.READ_ALL_CONSENTS: frozenset({Area.CONSENTS, Area.PEOPLE}),  # a consent's page names who may sign it
    _P.READ_CREDITORS: frozenset({Area.REGISTER}),
    _P.MANAGE_ALL_PEOPLE: frozenset({Area.PEOPLE, Area.DOOR}),
    _P.ADMIT_CREDITORS: frozenset({Area.SIGNUPS}),
    _P.TRIAGE_COMPLAINTS: frozenset({Area.COMPLAINTS}),
    _P.READ_ALL_RELATIONS: frozenset({Area.RELATIONS}),
    _P.READ_ALL_PRACTICES: frozenset({Area.PRACTICES}),
    _P.READ_AUDIT: frozenset({Area.AUDIT}),
    _P.REPLAY_JOBS: frozenset({Area.WORK}),
}


@dataclass(frozen=True)
class Actor:
    """Somebody who acts for one organisation: a person, a holder of a letter's code, or the portal itself.

    `person_id` and `organisation_id` are None for the portal itself; `origin` says from where it acts, for the audit.
    """

    name: str
    roles: frozenset[Role]
    kind: Kind = Kind.CITY
    organisation_id: int | None = None
    organisation_name: str = ""
    person_id: int | None = None
    origin: str = ""

    def may(self, permission: Permission) -> bool:
        return any(permission in GRANTS[role] for role in self.roles)

    def must(self, permission: Permission) -> None:
        """Raise NotFound when the actor may not: what is forbidden does not exist."""
        if not self.may(permission):
            raise NotFound

    def reach(self) -> Reach:
        """Return how far this actor's sessions of the database see."""
        if Role.SYSTEM in self.roles:
            return PORTAL
        areas = frozenset().union(*(areas for permission, areas in AREAS.items() if self.may(permission)))
        team = self.organisation_name if self.kind is Kind.NEIGHBOURHOOD_TEAM else ""
        return Reach(self.organisation_id, self.person_id, team, areas)


SYSTEM = Actor(name="Schuldeisersportaal", roles=frozenset({Role.SYSTEM}), organisation_name="Schuldeisersportaal", origin="system")
