"""The rule of every column of every table: who adds a column adds it here, for a test compares this with the tables. Pure data.

A table about clients is about them in all its columns: which creditor, which amount, which day are facts of somebody's life.
"""

from app.privacy.rules import Table, table

CLASSES: dict[str, Table] = {
    # ── clients: 5 years after the case is closed the person goes and figures stay ──
    "case_file": table(
        stays="id ref sequence programme started_on calculated_on income_cents vtlb_cents extra_cents team settlement_known stage "
        "closed_on restricted_at erased_on created_at revision",
        blanked="relation_code bsn bsn_index initials given_name surname surname_index birth_date street house_number postcode city "
        "household children entrepreneur last_settlement_on restricted_by restricted_reason",
        client="*",
        hidden="bsn_index surname_index",
    ),
    "claim": table(
        stays="id case_id number creditor_id rank reported_cents stated_cents stated_on security_cents agent_id bailiff_id revision",
        blanked="reference fraud agent_reference bailiff_reference",
        client="*",
    ),
    "proposal": table(
        stays="id ref case_id state product months annual_rate fee_percentage fingerprint drafted_at approved_at available_cents issued_at "
        "issued_on answer_by remind_on closes_on ended_at revision",
        blanked="reason drafted_by drafted_person_id approved_by approved_person_id worked end_reason",
        client="*",
        hidden="fingerprint",
    ),
    "offer": table(
        stays="id ref proposal_id case_id claim_id creditor_id agent_id state visibility rank product balance_cents takes_part_cents "
        "payment_cents percentage issued_on answer_by closes_on told_at reminders code_index code_tries answered_at answered_by late "
        "reject_reason other_balance_cents balance_taken_over_at reconsider_by revision",
        blanked="reference surname_index code answerer words draft",
        client="*",
        hidden="code code_index surname_index",
    ),
    "offer_event": table(stays="id offer_id creditor_id at what", blanked="who facts", client="*"),
    "consent_assessment": table(
        stays="id offer_ref creditor_id consent_id covered product payment_cents takes_part_cents total_cents balance_cents "
        "stated_cents months guidance settlement_known issued_on rests",
        blanked="rows entrepreneur last_settlement fraud",
        client="*",
    ),
    "document": table(deleted="id ref kind title sha256 size subject_ref organisation_id created_at", client="*"),
    # ── colleagues: 1 year after the last membership ended ──
    "person": table(
        stays="id created_at revision",
        blanked="email name language password_hash totp_secret totp_step disabled_at",
        colleague="*",
        hidden="password_hash totp_secret totp_step",
    ),
    "membership": table(stays="id person_id organisation_id role starts_on ends_on", colleague="*"),
    "recovery_code": table(deleted="id person_id code_hash used_at", colleague="*", hidden="code_hash"),
    "passkey": table(
        deleted="id person_id credential_id public_key sign_count transports name created_at last_used_at",
        colleague="*",
        hidden="credential_id public_key sign_count",
    ),
    "joining": table(deleted="id person_id organisation_id role name asked_by asked_at ended_at", colleague="*"),
    "federated_identity": table(
        deleted="id issuer subject kvk establishment organisation_id person_id asked_name asked_email created_at used_at revision",
        colleague="*",
    ),
    # ── the register: as long as the organisation takes part ──
    "organisation": table(
        deleted="id code kind name branch is_bailiff rank kvk street house_number postcode city iban email phone joined_on revision "
        "establishment"
    ),
    "organisation_contact": table(deleted="id organisation_id name task email phone ended_on", colleague="*"),
    "mandate": table(deleted="id agent_id creditor_id starts_on ends_on revision"),
    "consent": table(
        deleted="id ref creditor_id version state effect clauses starts_on ends_on end_reason drafted_by signed_by signed_person_id "
        "signed_at signed_with terms_hash reminded created_at saved_at revision",
        colleague="signed_by signed_person_id signed_at signed_with drafted_by",
    ),
    # ── the log: 7 years ──
    "audit_event": table(
        deleted="sequence at actor person_id organisation organisation_id action subject concerns_id result origin changes hash",
        colleague="*",
        hidden="hash",
    ),
    "audit_head": table(deleted="id sequence hash begins_after begins_hash"),
    # ── what passes by: 90 days ──
    "sign_in_throttle": table(deleted="key_hash failures failed_at"),
    "federated_attempt": table(deleted="state_hash used_at"),
    "invitation": table(deleted="token_hash person_id joining_id expires_at used_at", colleague="*", hidden="token_hash"),
    "passkey_challenge": table(deleted="challenge_hash bound_to expires_at"),
    "sign_in": table(
        deleted="id token_hash person_id organisation_id created_at seen_at second_factor_at ended_at address unsent identity_id",
        colleague="*",
        hidden="token_hash",
    ),
    "message": table(
        deleted="id code organisation_id address language path facts created_at mailed_at",
        client="code organisation_id path facts created_at mailed_at",
        colleague="*",
    ),
    "job_failure": table(deleted="key job argument error failed_at replays replayed_at replayed_by"),
    "job_progress": table(deleted="key title done total state result started_by organisation_id updated_at", colleague="*"),
    "job_worker": table(deleted="slot host pid beats"),
    "upload": table(
        deleted="id ref kind person_id person_name organisation_id organisation_name rows outcome created_at confirmed_at done_at revision",
        colleague="*",
        hidden="outcome",  # of many clients at once, for a day at most: it is no fact about the colleague
    ),
    "upload_file": table(deleted="id upload_id kind is_rejects name content"),  # of many clients at once, for a day at most
}
