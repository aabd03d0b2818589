"""Complaints of harsh collection: what was reported, its history with who reads each line, links to report by, and patterns."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
OPEN = sa.text("handled_at IS NULL")
OWN, PERSON = "(SELECT portal_organisation())", "(SELECT portal_person())"
TEAM = "(SELECT portal_reaches('complaints'))"
EVERYTHING = "(SELECT portal_reaches('everything'))"
REPORTED = f"reporter_organisation_id = {OWN} AND (state <> 'draft' OR reporter_person_id = {PERSON})"
ADDRESSED = (
    f"visibility = 'visible' AND addressed_at IS NOT NULL AND (creditor_id = {OWN} OR (agent_told AND agent_id = {OWN}))"
)
SEEN = {
    "complaint": f"{EVERYTHING} OR ({TEAM} AND (state <> 'draft' OR reporter_person_id = {PERSON})) OR ({REPORTED}) OR ({ADDRESSED})",
    # of a complaint that one sees, only the lines for oneself; what was written with another company, not after it was passed on
    "complaint_event": f"{TEAM} OR (EXISTS (SELECT 1 FROM complaint c WHERE c.id = complaint_id AND ("
    f"(audience = 'reporter' AND c.reporter_organisation_id = {OWN}) OR (audience = 'party' AND {OWN} IN (complaint_event.creditor_id, "
    f"complaint_event.agent_id)))))",
    "complaint_link": f"organisation_id = {OWN} OR {EVERYTHING}",
    "complaint_pattern": TEAM,
}
# Files beside a complaint: the relations team, and the company that it is about when the client agreed.
FILES = (
    f"kind = 'complaint' AND ({TEAM} OR EXISTS (SELECT 1 FROM complaint c WHERE c.ref = subject_ref AND c.client_agrees "
    f"AND c.visibility = 'visible' AND c.addressed_at IS NOT NULL AND (c.creditor_id = {OWN} OR (c.agent_told AND c.agent_id = {OWN}))))"
)
KINDS = (
    "costs above the scale", "collecting during a pause", "threat or tone", "no arrangement offered",
    "attachment of benefit or bank account", "unreachable", "agent disregards covenant", "refuses without grounds",
    "data shared wrongly", "other",
)  # fmt: skip
STATES = (
    "draft", "new", "in triage", "addressed", "question of the creditor", "answered", "creditor disagrees", "closed", "merged",
)  # fmt: skip
WHAT = (
    "reported", "added", "receipt confirmed", "sorted", "noted", "related to a case", "passed on", "merged", "split", "clock paused",
    "clock resumed", "addressed", "question asked", "answered", "disagreed", "replied", "closed", "said whether it helped", "reopened",
)  # fmt: skip


def _one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    op.create_table(
        "complaint",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=20), nullable=False),
        sa.Column("state", _one_of("state", *STATES), nullable=False),
        sa.Column("kind", _one_of("complaintkind", *KINDS), nullable=True),
        sa.Column("visibility", _one_of("visibility", "visible", "restricted", "erased"), nullable=False),
        sa.Column("creditor_id", sa.Integer(), nullable=True),
        sa.Column("agent_id", sa.Integer(), nullable=True),
        sa.Column("named", sa.String(length=120), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("claim_id", sa.Integer(), nullable=True),
        sa.Column("client_agrees", sa.Boolean(), nullable=False),
        sa.Column("client_name", sa.LargeBinary(), nullable=False),
        sa.Column("client_birth_date", sa.LargeBinary(), nullable=True),
        sa.Column("client_reference", sa.LargeBinary(), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=True),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("wish", sa.LargeBinary(), nullable=False),
        sa.Column("is_urgent", sa.Boolean(), nullable=False),
        sa.Column("reporter_organisation_id", sa.Integer(), nullable=False),
        sa.Column("reporter_person_id", sa.Integer(), nullable=True),
        sa.Column("reporter", sa.String(length=200), nullable=False),
        sa.Column("reporter_address", sa.LargeBinary(), nullable=False),
        sa.Column("link_id", sa.Integer(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("reported_at", MOMENT, nullable=True),
        sa.Column("reported_on", sa.Date(), nullable=True),
        sa.Column("severity", _one_of("severity", "light", "normal", "grave"), nullable=False),
        sa.Column(
            "category",
            _one_of("category", "single mistake", "habit", "policy", "conduct of an agent", "law or covenant broken"),
            nullable=True,
        ),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("owner", sa.String(length=200), nullable=False),
        sa.Column("receipt_by", sa.Date(), nullable=True),
        sa.Column("answer_by", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("received_at", MOMENT, nullable=True),
        sa.Column("paused_on", sa.Date(), nullable=True),
        sa.Column("pause_reason", sa.LargeBinary(), nullable=False),
        sa.Column("merged_into_id", sa.Integer(), nullable=True),
        sa.Column("split_from_id", sa.Integer(), nullable=True),
        sa.Column("addressed_at", MOMENT, nullable=True),
        sa.Column("agent_told", sa.Boolean(), nullable=False),
        sa.Column("told_words", sa.LargeBinary(), nullable=False),
        sa.Column(
            "answer",
            _one_of("answer", "mended", "explained", "was right to collect", "client unknown", "not ours", "measures taken"),
            nullable=True,
        ),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("answerer", sa.String(length=200), nullable=False),
        sa.Column("outcome", _one_of("outcome", "upheld", "partly upheld", "not upheld", "not to be judged"), nullable=True),
        sa.Column("outcome_words", sa.LargeBinary(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("helped", _one_of("helped", "yes", "partly", "no"), nullable=True),
        sa.Column("erased_on", sa.Date(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state = 'draft' OR (reported_on IS NOT NULL AND happened_on IS NOT NULL AND kind IS NOT NULL AND receipt_by IS NOT NULL "
            "AND answer_by IS NOT NULL)",
            name=op.f("ck_complaint_whole_once_reported"),
        ),
        sa.CheckConstraint(
            "state = 'draft' OR creditor_id IS NOT NULL OR agent_id IS NOT NULL OR named <> '' OR erased_on IS NOT NULL", name=op.f("ck_complaint_about_somebody")
        ),
        sa.CheckConstraint("(state = 'closed') = (outcome IS NOT NULL)", name=op.f("ck_complaint_closed_with_outcome")),
        sa.CheckConstraint("(state = 'merged') = (merged_into_id IS NOT NULL)", name=op.f("ck_complaint_merged_into_another")),
        sa.CheckConstraint("merged_into_id IS NULL OR merged_into_id <> id", name=op.f("ck_complaint_not_into_itself")),
        sa.CheckConstraint("answer IS NULL OR answered_at IS NOT NULL", name=op.f("ck_complaint_answered")),
        sa.ForeignKeyConstraint(["creditor_id"], ["organisation.id"], name=op.f("fk_complaint_creditor_id")),
        sa.ForeignKeyConstraint(["agent_id"], ["organisation.id"], name=op.f("fk_complaint_agent_id")),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_complaint_case_id")),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"], name=op.f("fk_complaint_claim_id")),
        sa.ForeignKeyConstraint(["reporter_organisation_id"], ["organisation.id"], name=op.f("fk_complaint_reporter_organisation_id")),
        sa.ForeignKeyConstraint(["merged_into_id"], ["complaint.id"], name=op.f("fk_complaint_merged_into_id")),
        sa.ForeignKeyConstraint(["split_from_id"], ["complaint.id"], name=op.f("fk_complaint_split_from_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint")),
        sa.UniqueConstraint("ref", name=op.f("uq_complaint_ref")),
    )
    for name in ("case_id", "claim_id", "reported_on", "owner_id", "merged_into_id", "closed_on"):
        op.create_index(op.f(f"ix_complaint_{name}"), "complaint", [name])
    op.create_index("ix_complaint_state_due_on", "complaint", ["state", "due_on", "id"])
    op.create_index("ix_complaint_creditor_id_kind", "complaint", ["creditor_id", "kind", "reported_on"])
    op.create_index("ix_complaint_agent_id_kind", "complaint", ["agent_id", "kind", "reported_on"])
    op.create_index("ix_complaint_reporter_organisation_id_state", "complaint", ["reporter_organisation_id", "state", "id"])
    _history()
    _links()
    _patterns()
    if op.get_bind().dialect.name == "postgresql":
        for table, seen in SEEN.items():
            op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
            op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
            op.execute(f"CREATE POLICY reach ON {table} USING ({seen})")
        op.execute(f"CREATE POLICY complaint ON attachment FOR SELECT USING ({FILES})")


def _history() -> None:
    op.create_table(
        "complaint_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("complaint_id", sa.Integer(), nullable=False),
        sa.Column("creditor_id", sa.Integer(), nullable=True),
        sa.Column("agent_id", sa.Integer(), nullable=True),
        sa.Column("audience", _one_of("audience", "team", "reporter", "party"), nullable=False),
        sa.Column("what", _one_of("what", *WHAT), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("who", sa.String(length=200), nullable=False),
        sa.Column("organisation", sa.String(length=200), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["complaint_id"], ["complaint.id"], name=op.f("fk_complaint_event_complaint_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint_event")),
    )
    op.create_index(op.f("ix_complaint_event_complaint_id"), "complaint_event", ["complaint_id"])


def _links() -> None:
    op.create_table(
        "complaint_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("made_by", sa.String(length=200), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("given_to", sa.LargeBinary(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.CheckConstraint("used >= 0 AND used <= uses AND uses > 0", name=op.f("ck_complaint_link_uses")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_complaint_link_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint_link")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_complaint_link_token_hash")),
    )
    op.create_index(op.f("ix_complaint_link_organisation_id"), "complaint_link", ["organisation_id"])


def _patterns() -> None:
    op.create_table(
        "complaint_pattern",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("kind", _one_of("complaintkind", *KINDS), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("raised_at", MOMENT, nullable=False),
        sa.Column("handled_at", MOMENT, nullable=True),
        sa.Column("handled_by", sa.String(length=200), nullable=True),
        sa.Column("decision", sa.LargeBinary(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint("handled_by IS NULL OR handled_at IS NOT NULL", name=op.f("ck_complaint_pattern_handled")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_complaint_pattern_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint_pattern")),
    )
    op.create_index(
        "ix_complaint_pattern_one_open", "complaint_pattern", ["organisation_id", "kind"], unique=True, sqlite_where=OPEN,
        postgresql_where=OPEN,
    )  # fmt: skip


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP POLICY complaint ON attachment")
    for table in ("complaint_pattern", "complaint_link", "complaint_event", "complaint"):
        op.drop_table(table)
