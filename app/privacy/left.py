"""The tables that the run of retention leaves alone, each with the reason. Pure."""

LEFT = {
    "complaint_pattern": "as long as the organisation takes part",
    "escalation": "as long as the organisation takes part",
    "escalation_step": "goes with its escalation",
    "meeting": "as long as the organisation takes part",
    "meeting_participant": "goes with its meeting",
    "agenda_item": "goes with its meeting",
    "meeting_note": "goes with its meeting",
    "commitment": "as long as the organisation takes part",
    "commitment_check": "goes with its commitment",
    "creditor_month": "counted anew each night: of older months nothing is kept",
    "organisation": "goes with its last case: the register is the bank's",
    "mandate": "as long as the organisation takes part",
    "consent": "the terms that a creditor signed, as long as it takes part",
    "membership": "stays in the stub of its person",
    "audit_head": "one row",
    "practice_reminder": "that a creditor was reminded of a year: of nobody",
    "benchmark": "group figures, of nobody",
    "benchmark_basis": "what the next benchmark is compared with",
    "mailbox_choice": "as long as the organisation takes part",
    "job_worker": "a live list that workers clear themselves",
}
