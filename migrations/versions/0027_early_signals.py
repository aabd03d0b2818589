"""Early signals: reports of arrears with what a reporter may hear of them, and the attempts at contact that it never reads."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
OWN, TEAM = "(SELECT portal_organisation())", "(SELECT portal_team())"
DESK = f"{TEAM} = 'meldpunt vroegsignalering'"  # the one team that sees the signals of all teams
EVERYTHING = "(SELECT portal_reaches('everything'))"
SEEN = {
    "early_signal": f"{EVERYTHING} OR (erased_on IS NULL AND (reporter_id = {OWN} OR lower(team_name) = {TEAM} OR {DESK}))",
    # what came of an attempt is for teams alone: a reporter reads no row of it, not of its own signal either
    "contact_attempt": f"{EVERYTHING} OR EXISTS (SELECT 1 FROM early_signal s WHERE s.id = signal_id "
    f"AND (lower(s.team_name) = {TEAM} OR {DESK}))",
}


def _one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    op.create_table(
        "early_signal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=20), nullable=False),
        sa.Column("reporter_id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=140), nullable=False),
        sa.Column("reported_on", sa.Date(), nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("received_by", sa.String(length=200), nullable=False),
        sa.Column("given_name", sa.LargeBinary(), nullable=False),
        sa.Column("surname", sa.LargeBinary(), nullable=False),
        sa.Column("birth_date", sa.LargeBinary(), nullable=True),
        sa.Column("street", sa.LargeBinary(), nullable=False),
        sa.Column("house_number", sa.LargeBinary(), nullable=False),
        sa.Column("postcode", sa.LargeBinary(), nullable=False),
        sa.Column("city", sa.LargeBinary(), nullable=False),
        sa.Column("phone", sa.LargeBinary(), nullable=False),
        sa.Column("email", sa.LargeBinary(), nullable=False),
        sa.Column("surname_index", sa.LargeBinary(length=16), nullable=False),
        sa.Column("name_key", sa.LargeBinary(length=16), nullable=True),
        sa.Column("address_key", sa.LargeBinary(length=16), nullable=True),
        sa.Column("birth_key", sa.LargeBinary(length=16), nullable=True),
        sa.Column(
            "sort",
            _one_of(
                "sort", "arrears", "eviction announced", "cut-off announced", "default scheme registration",
            ),
            nullable=False,
        ),
        sa.Column("arrears_cents", sa.BigInteger(), nullable=False),
        sa.Column("instalments", sa.Integer(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=True),
        sa.Column("confirmations", sa.JSON(), nullable=False),
        sa.Column("household_no", sa.Integer(), nullable=False),
        sa.Column("benefit", sa.Boolean(), nullable=True),
        sa.Column("children", sa.Boolean(), nullable=True),
        sa.Column("young", sa.Boolean(), nullable=False),
        sa.Column("repeated", sa.Boolean(), nullable=False),
        sa.Column("outdated", sa.Boolean(), nullable=False),
        sa.Column(
            "team_kind",
            _one_of(
                "team", "message or call centre", "regulated payment", "debt help at work and income", "early outreach", "outreach",
                "signal desk",
            ),
            nullable=False,
        ),
        sa.Column(
            "rule",
            _one_of(
                "rule", "late signal", "household with a late signal", "first small amount", "landlord and benefit", "benefit",
                "not known to the city", "no neighbourhood",
            ),
            nullable=False,
        ),
        sa.Column("team_name", sa.String(length=80), nullable=False),
        sa.Column("urgency", sa.Integer(), nullable=False),
        sa.Column("act_by", MOMENT, nullable=False),
        sa.Column("feedback_by", sa.Date(), nullable=False),
        sa.Column("state", _one_of("state", "new", "tried", "followed", "withdrawn"), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_attempt_on", sa.Date(), nullable=True),
        sa.Column("reached", sa.Boolean(), nullable=True),
        sa.Column("helped", sa.Boolean(), nullable=True),
        sa.Column("said", _one_of("said", "repeated", "wrong", "deceased", "no resident"), nullable=True),
        sa.Column("told_anew_at", MOMENT, nullable=True),
        sa.Column("has_news", sa.Boolean(), nullable=False),
        sa.Column("seen_at", MOMENT, nullable=True),
        sa.Column("mailed_at", MOMENT, nullable=True),
        sa.Column("withdrawn_on", sa.Date(), nullable=True),
        sa.Column("withdrawal", _one_of("withdrawal", "paid", "payment arranged", "reported by mistake"), nullable=True),
        sa.Column("followed_on", sa.Date(), nullable=True),
        sa.Column("erased_on", sa.Date(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint("arrears_cents >= 0", name=op.f("ck_early_signal_arrears_not_negative")),
        sa.CheckConstraint("(withdrawn_on IS NULL) = (withdrawal IS NULL)", name=op.f("ck_early_signal_withdrawn_with_reason")),
        sa.ForeignKeyConstraint(["reporter_id"], ["organisation.id"], name=op.f("fk_early_signal_reporter_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_early_signal")),
        sa.UniqueConstraint("ref", name=op.f("uq_early_signal_ref")),
        sa.UniqueConstraint("reporter_id", "reference", "reported_on", name=op.f("uq_early_signal_reporter_id_reference_reported_on")),
    )
    for name in ("received_at", "surname_index", "name_key", "address_key", "birth_key", "household_no"):
        op.create_index(op.f(f"ix_early_signal_{name}"), "early_signal", [name])
    queue = ["urgency", "act_by", "id"]
    op.create_index("ix_early_signal_team_name_urgency_act_by", "early_signal", ["team_name", *queue])
    op.create_index("ix_early_signal_urgency_act_by", "early_signal", queue)
    counted = ["reporter_id", "received_at", "id", "state", "said", "repeated", "outdated", "erased_on"]
    op.create_index("ix_early_signal_reporter_id_received_at", "early_signal", counted)
    for name in ("state", "has_news"):
        op.create_index(f"ix_early_signal_reporter_id_{name}", "early_signal", ["reporter_id", name])
    op.create_table(
        "contact_attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("signal_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            _one_of(
                "attemptkind", "email", "letter", "text message", "phone", "home visit", "card", "other way", "desk work",
            ),
            nullable=False,
        ),
        sa.Column("reached", sa.Boolean(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("part", _one_of("daypart", "morning", "afternoon", "evening"), nullable=True),
        sa.Column(
            "outcome",
            _one_of(
                "outcome", "repeated report", "wrong report", "other reason not taken up", "deceased", "no resident",
                "already known to debt help", "other trajectory running", "definitely no contact",
                "no reaction after earlier contact", "needs no help", "paid or arranged it", "budget advice", "follow-up financial",
                "follow-up not financial", "referred without contact",
            ),
            nullable=True,
        ),
        sa.Column("noted_at", MOMENT, nullable=False),
        sa.Column("noted_by", sa.String(length=200), nullable=False),
        sa.Column("team_name", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["signal_id"], ["early_signal.id"], name=op.f("fk_contact_attempt_signal_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_attempt")),
    )
    for name in ("signal_id", "noted_at"):
        op.create_index(op.f(f"ix_contact_attempt_{name}"), "contact_attempt", [name])
    if op.get_bind().dialect.name == "postgresql":
        for table, seen in SEEN.items():
            op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
            op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
            op.execute(f"CREATE POLICY reach ON {table} USING ({seen})")


def downgrade() -> None:
    op.drop_table("contact_attempt")
    op.drop_table("early_signal")
