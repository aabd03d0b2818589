"""Sentences about balance requests that are made of facts: how long there is, how costs were reckoned, what became of an answer."""

from flask_babel import gettext

from app.cases.balance_queries import BalancePage, BalanceRow, StatementRow
from app.cases.balance_rules import BalanceAnswer, Weighed
from app.cases.balance_words import ANSWERED_BY as ANSWERED_BY
from app.cases.balance_words import CORRECTIONS as CORRECTIONS
from app.cases.balance_words import GROUNDS as GROUNDS
from app.cases.balance_words import KINDS as KINDS
from app.cases.balance_words import OBSTACLES as OBSTACLES
from app.cases.balance_words import REFUSALS as REFUSALS
from app.cases.balance_words import SORTS as SORTS
from app.cases.balance_words import STATES as STATES
from app.cases.balance_words import STATUSES as STATUSES
from app.clock import local, today
from app.web import day, euro, moment, pct


def due(row: BalanceRow) -> str:
    """Say in a few words how long an answer may still take."""
    if row.state is not BalanceAnswer.OPEN:
        return str(STATES[row.state])
    if row.days_left < 0:
        return str(gettext("te laat"))
    return str(gettext("vandaag")) if row.days_left == 0 else str(day(row.answer_by))


def urgency(row: BalanceRow) -> str:
    """Return the kind of chip of a row: `late`, `today`, or none."""
    if row.state is not BalanceAnswer.OPEN or row.days_left > 0:
        return ""
    return "late" if row.days_left < 0 else "today"


def reckoning(weighed: Weighed) -> list[tuple[str, str]]:
    """Say step by step what the statutory scale allows, as rows of words and amounts."""
    found = weighed.reckoning
    if found is None:
        return [(str(gettext("Zonder hoofdsom zijn er geen incassokosten verschuldigd")), euro(0))]
    rows = [
        (
            str(gettext("%(percentage)s over het deel vanaf %(begins)s", percentage=pct(step.percentage), begins=euro(step.begins))),
            euro(step.cents),
        )
        for step in found.steps
        if step.cents
    ]
    rows.append((str(gettext("Toegestaan (ten minste € 40, ten hoogste € 6.775)")), euro(weighed.allowed_cents)))
    return [*rows, (str(gettext("Opgegeven")), euro(found.charged_cents)), (str(gettext("Te veel")), euro(weighed.excess_cents))]


def notice(weighed: Weighed) -> str:
    """Say from when a consumer owes the costs, or that it does not yet."""
    if weighed.owed or weighed.reckoning is None:
        return ""
    return str(
        gettext(
            "Een consument is pas incassokosten verschuldigd na een aanmaning die het bedrag noemt en veertien dagen de tijd geeft. "
            "Vul in wanneer de consument die kreeg. Kreeg hij hem vandaag, dan zijn de kosten verschuldigd vanaf %(day)s.",
            day=day(weighed.reckoning.payable_from),
        )
    )


def terms(page: BalancePage) -> list[tuple[str, str, str]]:
    """Return the days of a request for the timeline: the day, what happens, and whether it is over."""
    days = [(page.sent_on, gettext("gevraagd")), (page.answer_by, gettext("antwoord graag")), (page.closes_on, gettext("ronde sluit"))]
    days += [(one, gettext("herinnering")) for one in page.remind_on]
    if page.statements:
        days.append((local(page.statements[0].at).date(), gettext("beantwoord")))
    now = today()
    return [(day(when), str(what), "now" if when == now else "done" if when < now else "") for when, what in sorted(days)]


def said_by(one: StatementRow) -> str:
    """Say who answered, when, and by which way."""
    facts = {"who": one.who, "organisation": one.organisation, "at": moment(one.at), "by": ANSWERED_BY[one.by]}
    return str(gettext("%(who)s, %(organisation)s, %(at)s, %(by)s", **facts))


def outcome(one: StatementRow) -> str:
    """Say what a statement counts for."""
    if one.late:
        return str(gettext("te laat: telt als niet opgegeven, het aangemelde bedrag geldt"))
    return str(CORRECTIONS[one.correction]) if one.correction else str(gettext("telt"))


def still_counts() -> str:
    """Say what counts of an answer that came too late."""
    return str(gettext("Een beletsel telt wel, zolang er nog geen voorstel uitging. Een saldo maakt de incassopauze langer."))


def taken(*, late: bool, waits: bool) -> str:
    """Say in a sentence what became of an answer."""
    if late:
        kept = gettext("Uw antwoord is bewaard, maar kwam na de laatste dag. Het telt als niet opgegeven: het aangemelde bedrag geldt.")
        return f"{kept} {still_counts()}"
    if waits:
        return str(gettext("Uw opgave is verstuurd. Een medewerker van de Kredietbank kijkt ernaar, want zij wijkt af van wat er al ligt."))
    return str(gettext("Uw antwoord is verstuurd."))
