"""Every use case that writes leaves an audit event, or stands below with the reason why it needs none; and every action has words."""

import ast
import re
from pathlib import Path

from app.audit import words

APP = Path(__file__).parents[2] / "app"

# A use case that opens a transaction and records nothing, and why that is right.
CHECKED = "a step of signing in or of an account: the step that ends it has the event"
PASSING = "keeps a message, a form or a waiting file until its own use case, which has the event"
MACHINE = "the machinery of work and mail: what the work does has its own events"
READ = "which messages somebody read, for that person's own list"
LIST = "how somebody's own list reads, no data about anybody else"
PART = "part of a use case whose end has the event"
SILENT = {
    "accounts.admitting:mail_code": CHECKED, "accounts.enrolling:ask_first_passkey": CHECKED, "accounts.federation:_use_up": CHECKED,
    "accounts.passkeys:ask_to_add": CHECKED, "accounts.passkeys:ask_to_sign": CHECKED, "accounts.passwords:mail_reset": CHECKED,
    "accounts.service:choose_language": "how a page reads, no data about anybody else",
    "accounts.service:note_use": "that a session was used, to the minute; kept with the session",
    "accounts.unsent:forget_unsent": PASSING, "accounts.unsent:keep_unsent": PASSING,
    "audit.service:anchor_head": "queues the mail of the head; an event would change the head",
    "cases.jobs:forget_uploads": PASSING, "creditors.service:keep_upload": PASSING,
    "consents.service:write_record": "writes the document of a version that was signed, which has the event",
    "demo.work:note_mail_as_sent": "the demo alone",
    "exchange.answering:_give": PART, "exchange.answering:try_file": PASSING,
    "proposals.jobs:answer_file": PART,
    "relations.profile_counting:count_months": "counts anew what stands elsewhere; the run is noted",
    "cases.jobs:_finish": PART, "cases.jobs:_progress": PART,
    "exchange.imports:trial": "opens the transaction in which the import records", "jobs.service:forget": MACHINE,
    "jobs.service:keep_failure": MACHINE, "jobs.slots:_claim": MACHINE, "jobs.slots:beat": MACHINE, "jobs.slots:clear": MACHINE,
    "jobs.service:replay_patient": MACHINE, "jobs.slots:leave": MACHINE, "jobs.slots:take": MACHINE,
    "jobs.runs:noted": MACHINE, "jobs.runs:count": MACHINE,
    "notifications.personal:copy_at_once": MACHINE, "notifications.personal:_write_digest": MACHINE,
    "notifications.choosing:read_message": READ, "notifications.choosing:read_all": READ,
    "cases.balance_asking:start_sending": PART, "cases.balance_asking:tell_asked": PART, "cases.jobs:tell": PART,
    "cases.balance_letters:write_letters": "writes letters of requests whose sending has the event; opening one is an event",
    "privacy.retention:_act": PART, "privacy.rotation:_compute": PART, "privacy.rotation:_rotate_table": PART,
    "privacy.rotation:_rekey_signals": PART,
    "proposals.by_code:check_letter": "says whether a letter is ours and shows nobody's data; wrong codes are counted",
    "proposals.drafting:start_drafting": PART, "proposals.issuing:start_issuing": PART, "proposals.issuing:tell_creditors": PART,
    "proposals.jobs:_finish": PART, "proposals.jobs:_finish_many": PART, "proposals.jobs:_progress": PART, "proposals.jobs:tell": PART,
    "proposals.answering_many:_note_kept": PART,
    "proposals.saved_filters:forget_filter": LIST, "proposals.saved_filters:save_filter": LIST,
    "proposals.new_codes:ask_new_code": "queues work that looks whether there is such a letter, and has the event",
    "relations.triage:working_on": PART, "relations.escalations:_working_on": PART,
    "relations.meetings:_working_on": PART,
    "relations.commitments:_working_on": PART,
    "proposals.letters:write_letters": "writes letters of offers whose issue has the event; opening one is an event",
}  # fmt: skip


RECORD = ("audit.service", "_add")


def modules():
    """Yield each module by its name below app, with its tree."""
    for path in sorted(APP.rglob("*.py")):
        yield path.relative_to(APP).with_suffix("").as_posix().replace("/", ".").removesuffix(".__init__"), ast.parse(path.read_text())


def imported(tree):
    """Return what each imported name of a module stands for: a function of a module, or (without a function) a module."""
    known = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "app":
            below = node.module.removeprefix("app").lstrip(".")
            known |= {alias.asname or alias.name: (below, alias.name) for alias in node.names}
    return known


def calls():
    """Return each function of the app with the functions that it calls or hands on, as far as names tell."""
    found = {}
    for module, tree in modules():
        known = imported(tree)
        own = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                found[module, node.name] = (node, set(_targets(node, module, known, own)))
    return found


def _targets(function, module, known, own):
    for node in ast.walk(function):
        if (
            isinstance(node, ast.Call)
            and getattr(node.func, "id", "") == "_record"
            and module in {"jobs.service", "notifications.recording"}
        ):
            yield RECORD  # handed in at the start, for the audit stands above that package
        if isinstance(node, ast.Name):
            if node.id in known:
                yield known[node.id]
            elif node.id in own and node.id != function.name:
                yield module, node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in known:
            package, name = known[node.value.id]
            yield f"{package}.{name}".lstrip("."), node.attr


def opens_transaction(node):
    contexts = [item.context_expr for block in ast.walk(node) if isinstance(block, ast.With) for item in block.items]
    names = {getattr(one.func, "id", "") or getattr(one.func, "attr", "") for one in contexts if isinstance(one, ast.Call)}
    return bool(names & {"transaction", "trial"})


def leading_to_an_event(found):
    leads = {RECORD}
    while more := {place for place, (_, targets) in found.items() if place not in leads and targets & leads}:
        leads |= more
    return leads


def test_every_use_case_that_writes_leaves_an_event_or_says_why_not():
    found = calls()
    leads = leading_to_an_event(found)
    silent = {f"{module}:{name}" for (module, name), (node, _) in found.items() if opens_transaction(node) and (module, name) not in leads}
    assert silent - SILENT.keys() == set(), "these write without an audit event"
    assert SILENT.keys() - silent == set(), "these record now, or are gone"


def test_every_action_that_is_recorded_has_words():
    recorded = {
        text
        for _, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and (getattr(node.func, "id", "") or getattr(node.func, "attr", "")) in {"record", "record_same", "record_refused", "_record"}
        for argument in node.args[1:4]
        for text in [argument.value if isinstance(argument, ast.Constant) else ""]
        if isinstance(text, str) and re.fullmatch("[a-z]+:[a-z-]+", text)
    }
    assert len(recorded) > 40
    assert sorted(recorded - words.ACTIONS.keys()) == []
    assert {code.partition(":")[0] for code in words.ACTIONS} <= words.GROUPS.keys()
