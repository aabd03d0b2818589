"""The rule of every column of every table: who adds a column adds it here, for a test compares this with the tables. Pure data.

A table about clients is about them in all its columns: which creditor, which amount, which day are facts of somebody's life.
"""

from app.privacy.rules import Table, table

CLASSES: dict[str, Table] = {
    # ── clients: 5 years after the case is closed the person goes and figures stay ──
    "case_file": table(
        stays="id ref sequence programme started_on calculated_on income_cents vtlb_cents extra_cents team settlement_known stage "
        "balances_asked_on closed_on restricted_at erased_on created_at revision",
        blanked="relation_code bsn bsn_index initials given_name surname surname_index birth_date street house_number postcode city "
        "household children entrepreneur last_settlement_on restricted_by restricted_reason",
        client="*",
        hidden="bsn_index surname_index",
    ),
    "claim": table(
        stays="id case_id number creditor_id rank reported_cents stated_cents stated_on security_cents agent_id bailiff_id revision",
        blanked="reference stated_by obstacle fraud agent_reference bailiff_reference",
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
        "payment_cents percentage issued_on answer_by closes_on told_at reminders code_index code_tries recoded_at answered_at answered_by "
        "answered_agent_id late reject_reason other_balance_cents balance_taken_over_at reconsider_by paused_on clock_on "
        "remind_on revision",
        blanked="reference surname_index code answerer words draft assigned_id",
        client="*",
        hidden="code code_index surname_index",
    ),
    "offer_event": table(stays="id offer_id creditor_id at what", blanked="who facts", client="*"),
    "court_decision": table(stays="id offer_id case_id chosen share decided_at", blanked="reason decided_by", client="*"),
    "balance_request": table(
        stays="id ref case_id claim_id creditor_id agent_id state visibility sent_on answer_by remind_on closes_on told_at reminders "
        "code_index code_tries recoded_at answered_at answered_by revision",
        blanked="reference surname_index sent_by code answerer draft",
        client="*",
        hidden="code code_index surname_index",
    ),
    "balance_statement": table(
        stays="id request_id claim_id creditor_id at by late principal_cents interest_cents costs_cents total_cents allowed_cents "
        "notice_on vat rank agent_id ground correction decided_at",
        blanked="who organisation reference obstacle explanation decided_by refusal",
        client="*",
    ),
    "notice": table(
        stays="id ref case_id claim_id creditor_id agent_id state visibility sent_on sent_at pause_until extended_on reminded_on "
        "answered_at answered_by named_agent_id searched ended_on end_reason revision",
        blanked="reference surname_index sent_by answerer named_agent words",
        client="*",
        hidden="surname_index",
    ),
    "pause_breach": table(
        stays="id notice_id case_id creditor_id source happened_on reported_at handled_at revision",
        blanked="words reported_by handled_by",
        client="*",
    ),
    "consent_assessment": table(
        stays="id offer_ref creditor_id consent_id covered product payment_cents takes_part_cents total_cents balance_cents "
        "stated_cents months guidance settlement_known issued_on rests",
        blanked="rows entrepreneur last_settlement fraud obstacle",
        client="*",
    ),
    # ── early signals: 6 months without an attempt, or 2 years after the last one, the person goes and figures stay ──
    "early_signal": table(
        stays="id ref reporter_id agent_id reported_on received_at sort arrears_cents instalments days household_no repeated "
        "repeated_by_agent outdated team_kind rule team_name urgency act_by feedback_by state attempts last_attempt_on reached said "
        "told_anew_at has_news seen_at mailed_at agent_has_news agent_mailed_at withdrawn_on withdrawal followed_on erased_on revision",
        blanked="reference received_by given_name surname birth_date street house_number postcode city phone email surname_index name_key "
        "address_key birth_key confirmations benefit children young helped",
        client="*",
        hidden="surname_index name_key address_key birth_key",
    ),
    "contact_attempt": table(deleted="id signal_id kind reached on_day part outcome noted_at noted_by team_name", client="*"),
    "complaint": table(
        stays="id ref state kind visibility creditor_id agent_id case_id claim_id client_agrees happened_on is_urgent "
        "reporter_organisation_id reporter_person_id link_id created_at reported_at reported_on severity category owner_id receipt_by "
        "answer_by due_on received_at paused_on merged_into_id split_from_id addressed_at agent_told answer answered_at outcome closed_on "
        "untold reminded_on named_at helped erased_on revision",
        blanked="named client_name client_birth_date client_reference words wish reporter reporter_address owner pause_reason told_words "
        "answerer outcome_words",
        client="*",
        colleague="ref state created_at reporter owner",
    ),
    "complaint_event": table(
        stays="id complaint_id creditor_id agent_id audience what at", blanked="who organisation words facts", client="*"
    ),
    "document": table(deleted="id ref kind title sha256 size subject_ref organisation_id created_at", client="*"),
    "attachment": table(
        deleted="id ref kind subject_ref name media sha256 size organisation_id person_id person_name created_at",
        client="*",
        colleague="ref kind subject_ref person_id person_name created_at",
    ),
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
    "saved_filter": table(deleted="id person_id organisation_id place name query created_at", colleague="*"),
    "mail_choice": table(deleted="person_id mode hour muted revision", colleague="*"),
    "mail_bounce": table(deleted="id address status bounced_at", colleague="*"),
    "joining": table(deleted="id person_id organisation_id role name asked_by asked_at ended_at", colleague="*"),
    "federated_identity": table(
        deleted="id issuer subject kvk establishment organisation_id person_id asked_name asked_email created_at used_at revision",
        colleague="*",
    ),
    # ── the register: as long as the organisation takes part ──
    "organisation": table(
        deleted="id code kind name branch is_bailiff rank kvk street house_number postcode city iban email phone joined_on revision "
        "establishment merged_into_id wki_number wki_checked_on wki_checked_by"
    ),
    "organisation_contact": table(deleted="id organisation_id name task email phone ended_on", colleague="*"),
    "mailbox_choice": table(deleted="organisation_id muted language revision"),
    "practice_report": table(
        deleted="id ref creditor_id year branch state submissions submitted_at reopened_at reopen_reason asked replied created_at revision"
    ),
    "practice_section": table(deleted="id report_id section answers saved_at saved_by revision"),
    "practice_submission": table(
        deleted="id report_id number answers at person_id person_name", colleague="report_id number at person_id person_name"
    ),
    "practice_remark": table(
        deleted="id report_id question mark submission words at person_id person_name organisation_name",
        colleague="report_id question mark words at person_id person_name",
    ),
    "practice_reminder": table(deleted="id creditor_id year step sent_on"),
    "benchmark": table(deleted="id year figures made_at person_id person_name", colleague="year made_at person_id person_name"),
    "benchmark_basis": table(deleted="id benchmark_id members"),
    "mandate": table(deleted="id agent_id creditor_id starts_on ends_on revision"),
    "consent": table(
        deleted="id ref creditor_id version state effect clauses starts_on ends_on end_reason drafted_by signed_by signed_person_id "
        "signed_at signed_with terms_hash reminded created_at saved_at revision",
        colleague="signed_by signed_person_id signed_at signed_with drafted_by",
    ),
    "complaint_pattern": table(deleted="id organisation_id kind number first_on raised_at handled_at handled_by decision revision"),
    # ── what the relations team does with creditors and agents: as long as they take part ──
    "escalation": table(
        deleted="id ref organisation_id complaint_id pattern_id state level subject owner_id owner opened_on due_on closed_on result "
        "result_words revision",
    ),
    "escalation_step": table(
        deleted="id escalation_id level way words owner_id owner begun_on due_on result result_words done_on done_by",
    ),
    "meeting": table(
        deleted="id ref organisation_id state begins ends place planned_at planned_by minutes minuted_at minuted_by "
        "cancel_reason changed_at revision",
    ),
    "meeting_participant": table(deleted="id meeting_id organisation_id side person_id name", colleague="*"),
    "agenda_item": table(deleted="id meeting_id organisation_id kind subject_ref words facts is_private"),
    "meeting_note": table(deleted="id meeting_id at who words"),
    "calendar_feed": table(deleted="id token_hash person_id organisation_id made_at", colleague="*", hidden="token_hash"),
    "commitment": table(
        deleted="id ref organisation_id meeting_id escalation_id state party by_whom words how due_on check_on measure threshold days "
        "made_on made_by end_reason revision",
    ),
    "commitment_check": table(
        deleted="id commitment_id organisation_id planned_on at who is_kept words first_day last_day met counted threshold days",
    ),
    "creditor_month": table(deleted="id creditor_id month figures counted_at"),
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
        deleted="id code organisation_id person_id address language path facts created_at mailed_at unsent",
        client="code organisation_id path facts created_at mailed_at unsent",
        colleague="*",
    ),
    "message_mark": table(deleted="id person_id message_id mail_id read_at", colleague="*"),
    "personal_mail": table(deleted="id person_id day message_id address language created_at mailed_at unsent", colleague="*"),
    "job_failure": table(deleted="key job argument error failed_at replays replayed_at replayed_by"),
    "job_progress": table(deleted="key title done total state result started_by organisation_id updated_at", colleague="*"),
    "signup": table(
        deleted="id ref organisation_id letter_ref name email kvk language asked_at decided_at decided_by refusal words revision",
        colleague="*",
    ),
    "complaint_link": table(
        deleted="id token_hash organisation_id person_id made_by made_at given_to ends_on uses used ended_at",
        colleague="*",
        hidden="token_hash",
    ),
    "creditor_call": table(deleted="id organisation_id at called_on person_id called_by spoken_to note undoes_id", colleague="*"),
    "daily_run": table(deleted="id work day started_at finished_at counts"),
    "job_worker": table(deleted="slot host pid beats"),
    "upload": table(
        deleted="id ref kind person_id person_name organisation_id organisation_name rows outcome created_at confirmed_at done_at revision",
        colleague="*",
        hidden="outcome",  # of many clients at once, for a day at most: it is no fact about the colleague
    ),
    "bulk_answer": table(
        deleted="id ref key organisation_id person_id person_name answer reject_reason words confirmed created_at given_at undone_at "
        "revision",
        colleague="*",
    ),
    # of many clients at once; what became of an offer stands in its own history
    "bulk_answer_row": table(deleted="id bulk_answer_id offer_ref seen_revision outcome code given_revision"),
    "upload_row": table(deleted="id upload_id line ref what seen_revision fate flaws"),  # of many clients at once, for a day at most
    "upload_file": table(deleted="id upload_id kind is_rejects name content"),  # of many clients at once, for a day at most
}
