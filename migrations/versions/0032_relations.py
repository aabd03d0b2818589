"""Escalations with their steps, meetings with participants, agendas and notes, calendar feeds, and commitments with their checks."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
OWN, PERSON = "(SELECT portal_organisation())", "(SELECT portal_person())"
TEAM = "(SELECT portal_reaches('relations'))"
EVERYTHING = "(SELECT portal_reaches('everything'))"
SHARED = f"organisation_id = {OWN} OR {TEAM}"  # with whom a meeting or commitment is sees it too
SEEN = {
    "escalation": TEAM,
    "escalation_step": TEAM,
    "meeting": SHARED,
    "meeting_participant": SHARED,
    "agenda_item": f"(organisation_id = {OWN} AND NOT is_private) OR {TEAM}",
    "meeting_note": TEAM,
    "calendar_feed": f"person_id = {PERSON} OR {EVERYTHING}",
    "commitment": SHARED,
    "commitment_check": SHARED,
}
STATES = ("open", "closed")
LEVELS = ("contact person", "management", "board", "covenant body", "supervisor", "alderman")
WAYS = ("letter", "call")
RESULTS = ("settled", "partly settled", "promised", "refused", "no answer")
MEETING_STATES = ("planned", "held", "cancelled")
SIDES = ("ours", "theirs")
ITEMS = ("commitment", "complaint", "escalation", "own")
COMMITMENT_STATES = ("open", "kept", "not kept", "ended")
PARTIES = ("theirs", "ours")
MEASURES = ("offers answered in time",)


def _one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    _escalations()
    _meetings()
    _around_meetings()
    _commitments()
    if op.get_bind().dialect.name == "postgresql":
        for table, seen in SEEN.items():
            op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
            op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
            op.execute(f"CREATE POLICY reach ON {table} USING ({seen})")


def _escalations() -> None:
    op.create_table(
        "escalation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=20), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("complaint_id", sa.Integer(), nullable=True),
        sa.Column("pattern_id", sa.Integer(), nullable=True),
        sa.Column("state", _one_of("escalationstate", *STATES), nullable=False),
        sa.Column("level", _one_of("level", *LEVELS), nullable=False),
        sa.Column("subject", sa.LargeBinary(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("owner", sa.String(length=200), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("result", _one_of("result", *RESULTS), nullable=True),
        sa.Column("result_words", sa.LargeBinary(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint("(state = 'closed') = (closed_on IS NOT NULL)", name=op.f("ck_escalation_closed_on_a_day")),
        sa.CheckConstraint("(state = 'closed') = (result IS NOT NULL)", name=op.f("ck_escalation_closed_with_result")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_escalation_organisation_id")),
        sa.ForeignKeyConstraint(["pattern_id"], ["complaint_pattern.id"], name=op.f("fk_escalation_pattern_id")),
        sa.ForeignKeyConstraint(["complaint_id"], ["complaint.id"], name=op.f("fk_escalation_complaint_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalation")),
        sa.UniqueConstraint("ref", name=op.f("uq_escalation_ref")),
    )
    op.create_index(op.f("ix_escalation_complaint_id"), "escalation", ["complaint_id"])
    op.create_index(op.f("ix_escalation_organisation_id"), "escalation", ["organisation_id"])
    op.create_index(op.f("ix_escalation_owner_id"), "escalation", ["owner_id"])
    op.create_index("ix_escalation_state_due_on", "escalation", ["state", "due_on", "id"])
    op.create_table(
        "escalation_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("escalation_id", sa.Integer(), nullable=False),
        sa.Column("level", _one_of("level", *LEVELS), nullable=False),
        sa.Column("way", _one_of("way", *WAYS), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("owner", sa.String(length=200), nullable=False),
        sa.Column("begun_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("result", _one_of("result", *RESULTS), nullable=True),
        sa.Column("result_words", sa.LargeBinary(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("done_by", sa.String(length=200), nullable=False),
        sa.CheckConstraint("(result IS NULL) = (done_on IS NULL)", name=op.f("ck_escalation_step_done_with_result")),
        sa.ForeignKeyConstraint(["escalation_id"], ["escalation.id"], name=op.f("fk_escalation_step_escalation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalation_step")),
        sa.UniqueConstraint("escalation_id", "level", name=op.f("uq_escalation_step_escalation_id_level")),
    )


def _meetings() -> None:
    op.create_table(
        "meeting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=20), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("state", _one_of("meetingstate", *MEETING_STATES), nullable=False),
        sa.Column("begins", MOMENT, nullable=False),
        sa.Column("ends", MOMENT, nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("planned_at", MOMENT, nullable=False),
        sa.Column("planned_by", sa.String(length=200), nullable=False),
        sa.Column("minutes", sa.LargeBinary(), nullable=False),
        sa.Column("minuted_at", MOMENT, nullable=True),
        sa.Column("minuted_by", sa.String(length=200), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint("begins < ends", name=op.f("ck_meeting_ends_after_beginning")),
        sa.CheckConstraint("(state = 'held') = (minuted_at IS NOT NULL)", name=op.f("ck_meeting_held_with_minutes")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_meeting_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting")),
        sa.UniqueConstraint("ref", name=op.f("uq_meeting_ref")),
    )
    op.create_index(op.f("ix_meeting_begins"), "meeting", ["begins"])
    op.create_index("ix_meeting_organisation_id_begins", "meeting", ["organisation_id", "begins"])
    op.create_table(
        "meeting_participant",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("side", _one_of("side", *SIDES), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_meeting_participant_organisation_id")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_meeting_participant_meeting_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting_participant")),
    )
    op.create_index(op.f("ix_meeting_participant_meeting_id"), "meeting_participant", ["meeting_id"])
    op.create_index(op.f("ix_meeting_participant_person_id"), "meeting_participant", ["person_id"])
    op.create_table(
        "agenda_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("kind", _one_of("itemkind", *ITEMS), nullable=False),
        sa.Column("subject_ref", sa.String(length=20), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("is_private", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_agenda_item_meeting_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_agenda_item_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agenda_item")),
    )
    op.create_index(op.f("ix_agenda_item_meeting_id"), "agenda_item", ["meeting_id"])


def _around_meetings() -> None:
    op.create_table(
        "meeting_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("who", sa.String(length=200), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_meeting_note_meeting_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting_note")),
    )
    op.create_index(op.f("ix_meeting_note_meeting_id"), "meeting_note", ["meeting_id"])
    op.create_table(
        "calendar_feed",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_calendar_feed_organisation_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_calendar_feed_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_feed")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_calendar_feed_token_hash")),
        sa.UniqueConstraint("person_id", "organisation_id", name=op.f("uq_calendar_feed_person_id_organisation_id")),
    )


def _commitments() -> None:
    op.create_table(
        "commitment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=20), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=True),
        sa.Column("escalation_id", sa.Integer(), nullable=True),
        sa.Column("state", _one_of("commitmentstate", *COMMITMENT_STATES), nullable=False),
        sa.Column("party", _one_of("party", *PARTIES), nullable=False),
        sa.Column("by_whom", sa.LargeBinary(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("how", sa.LargeBinary(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("check_on", sa.Date(), nullable=True),
        sa.Column("measure", _one_of("measure", *MEASURES), nullable=True),
        sa.Column("threshold", sa.Integer(), nullable=True),
        sa.Column("days", sa.Integer(), nullable=True),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("made_by", sa.String(length=200), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint("measure IS NULL OR (threshold IS NOT NULL AND days IS NOT NULL)", name=op.f("ck_commitment_measured_against_a_norm")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_commitment_meeting_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_commitment_organisation_id")),
        sa.ForeignKeyConstraint(["escalation_id"], ["escalation.id"], name=op.f("fk_commitment_escalation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commitment")),
        sa.UniqueConstraint("ref", name=op.f("uq_commitment_ref")),
    )
    op.create_index(op.f("ix_commitment_escalation_id"), "commitment", ["escalation_id"])
    op.create_index(op.f("ix_commitment_meeting_id"), "commitment", ["meeting_id"])
    op.create_index(op.f("ix_commitment_organisation_id"), "commitment", ["organisation_id"])
    op.create_index("ix_commitment_state_due_on", "commitment", ["state", "due_on", "id"])
    op.create_table(
        "commitment_check",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("commitment_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("who", sa.String(length=200), nullable=False),
        sa.Column("is_kept", sa.Boolean(), nullable=True),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=True),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("met", sa.Integer(), nullable=True),
        sa.Column("counted", sa.Integer(), nullable=True),
        sa.Column("threshold", sa.Integer(), nullable=True),
        sa.Column("days", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["commitment_id"], ["commitment.id"], name=op.f("fk_commitment_check_commitment_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_commitment_check_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commitment_check")),
        sa.UniqueConstraint("commitment_id", "first_day", name=op.f("uq_commitment_check_commitment_id_first_day")),
    )


def downgrade() -> None:
    for table in reversed(SEEN):
        op.drop_table(table)
