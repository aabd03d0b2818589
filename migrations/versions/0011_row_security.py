"""Row-level security: on PostgreSQL a transaction sees the rows within the reach that it was told, and none when it was told nothing.

The reach is what `app.db` sets for one transaction: the organisation, the person, the team, and the areas of which the rows of
everybody are seen. Each table with rows of an organisation has its policy here, and so have cases and proposals, which belong to
whoever has an offer in them. Roles that serve own nothing; FORCE holds the owner to the policies too.
"""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

FUNCTIONS = {
    "portal_organisation": "integer LANGUAGE sql STABLE AS $$ SELECT nullif(current_setting('app.organisation_id', true), '')::integer $$",
    "portal_person": "integer LANGUAGE sql STABLE AS $$ SELECT nullif(current_setting('app.person_id', true), '')::integer $$",
    "portal_team": "text LANGUAGE sql STABLE AS $$ SELECT nullif(lower(current_setting('app.team', true)), '') $$",
    "portal_day": "date LANGUAGE sql STABLE AS $$ SELECT nullif(current_setting('app.today', true), '')::date $$",
    # for whom an agent acts today
    "portal_mandated": "integer[] LANGUAGE sql STABLE AS $$ SELECT coalesce(array_agg(creditor_id), '{}') FROM mandate "
    "WHERE agent_id = portal_organisation() AND starts_on <= portal_day() AND (ends_on IS NULL OR ends_on >= portal_day()) $$",
}
REACHES = (
    "CREATE FUNCTION portal_reaches(area text) RETURNS boolean LANGUAGE sql STABLE AS $$ "
    "SELECT coalesce(current_setting('app.areas', true), '') LIKE ANY (ARRAY['% everything %', '% ' || area || ' %']) $$"
)

# Each `(SELECT …)` is found once a statement, not once a row.
OWN = "(SELECT portal_organisation())"
PERSON = "(SELECT portal_person())"
TEAM = "(SELECT portal_team())"
MANDATED = "creditor_id = ANY ((SELECT portal_mandated())::integer[])"


def reaches(area: str) -> str:
    return f"(SELECT portal_reaches('{area}'))"


SEEN = {
    "organisation_contact": f"organisation_id = {OWN} OR {reaches('register')}",
    "mandate": f"creditor_id = {OWN} OR agent_id = {OWN} OR {reaches('register')}",
    "membership": f"organisation_id = {OWN} OR person_id = {PERSON} OR {reaches('people')}",
    "message": f"organisation_id = {OWN} OR {reaches('everything')}",
    "job_progress": f"organisation_id = {OWN} OR started_by = {PERSON} OR {reaches('work')}",
    "upload": f"organisation_id = {OWN} OR {reaches('everything')}",
    "upload_file": "EXISTS (SELECT 1 FROM upload u WHERE u.id = upload_id)",
    "claim": f"creditor_id = {OWN} OR {reaches('cases')} OR ({OWN} IN (agent_id, bailiff_id) AND {MANDATED}) "
    f"OR EXISTS (SELECT 1 FROM case_file c WHERE c.id = case_id AND lower(c.team) = {TEAM})",
    "consent": f"creditor_id = {OWN} OR {reaches('everything')} OR (state <> 'draft' AND ({reaches('consents')} OR {MANDATED}))",
    "offer": f"{reaches('offers')} OR (visibility = 'visible' AND (creditor_id = {OWN} OR (agent_id = {OWN} AND {MANDATED})))",
    "offer_event": f"{reaches('offers')} OR EXISTS (SELECT 1 FROM offer o WHERE o.id = offer_id)",
    "consent_assessment": f"creditor_id = {OWN} OR {reaches('offers')} OR {MANDATED}",  # figures alone: of no person
    "document": f"{reaches('offers')} OR (kind <> 'offer letter' AND organisation_id = {OWN}) "
    "OR (kind = 'offer letter' AND EXISTS (SELECT 1 FROM offer o WHERE o.ref = subject_ref))",
}
# Whoever sees a part sees the whole, and locks it to answer; only the bank and the portal change it.
WHOLE = {
    "case_file": (
        f"{reaches('cases')} OR lower(team) = {TEAM} OR EXISTS (SELECT 1 FROM offer o WHERE o.case_id = case_file.id)",
        reaches("cases"),
    ),
    "proposal": (f"{reaches('offers')} OR EXISTS (SELECT 1 FROM offer o WHERE o.proposal_id = proposal.id)", reaches("offers")),
}
AUDIT = f"concerns_id = {OWN} OR organisation_id = {OWN} OR {reaches('audit')}"


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    for name, body in FUNCTIONS.items():
        op.execute(f"CREATE FUNCTION {name}() RETURNS {body}")
    op.execute(REACHES)
    for table in (*SEEN, *WHOLE, "audit_event"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    for table, seen in SEEN.items():
        op.execute(f"CREATE POLICY reach ON {table} USING ({seen})")
    for table, (seen, changed) in WHOLE.items():
        op.execute(f"CREATE POLICY reach ON {table} USING ({seen}) WITH CHECK ({changed})")
    op.execute(f"CREATE POLICY reach ON audit_event FOR SELECT USING ({AUDIT})")
    op.execute(f"CREATE POLICY append ON audit_event FOR INSERT WITH CHECK ({reaches('everything')})")


def downgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute("DROP POLICY append ON audit_event")
    for table in (*SEEN, *WHOLE, "audit_event"):
        op.execute(f"DROP POLICY reach ON {table}")
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
    op.execute("DROP FUNCTION portal_reaches(text)")
    for name in FUNCTIONS:
        op.execute(f"DROP FUNCTION {name}()")
