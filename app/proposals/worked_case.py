"""A worked case as a file: plain values read into a Case with every fault named at once, and the outcome as JSON. No database."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from app.cases.rules import Rank
from app.consents.rules import ClauseFaults, Clauses, Coverage, Product, Shown, date_of, decimal_of, from_json, to_json
from app.money import MOST, Cents
from app.proposals import parameters
from app.proposals.calculation import Calculation, Case, Claim, Consent, RankTotal
from app.proposals.lifecycle import Debtor
from app.proposals.plain_yaml import CaseFaults, Fault, plain

# ── plain values into a case ─────────────────────────────────────────────────


class _Form:
    """A mapping that is read key by key; what is wrong is noted, and keys that nobody asked for are faults as well."""

    def __init__(self, node: object, where: str, faults: list[Fault]) -> None:
        self.node: dict[str, Any] = node if isinstance(node, dict) else {}
        self.where, self.faults, self.asked = where, faults, set[str]()
        self.is_mapping = isinstance(node, dict)
        if not self.is_mapping:
            faults.append(Fault(where, "not_a_mapping"))

    def place(self, key: str) -> str:
        return f"{self.where}.{key}" if self.where else key

    def fault(self, key: str, code: str) -> None:
        value = self.node.get(key)
        seen = "" if value is None or isinstance(value, dict | list) else str(value)[:40]
        self.faults.append(Fault(self.place(key), code, seen))

    def has(self, key: str) -> bool:
        """Tell whether a key stands there with a value; one that must stand there is asked for with `value`."""
        self.asked.add(key)
        return self.node.get(key) is not None

    def value(self, key: str) -> Any:
        """Return what stands under a key that may not be left out."""
        if self.has(key):
            return self.node[key]
        if self.is_mapping:
            self.fault(key, "missing")
        return None

    def cents(self, key: str, *, default: Cents | None = None) -> Cents:
        if default is not None and key not in self.node:
            return default
        return self._number(key, MOST, "not_cents")

    def whole(self, key: str) -> int:
        return self._number(key, 10**9, "not_whole")

    def _number(self, key: str, most: int, code: str) -> int:
        value = self.value(key)
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most:
            return value
        if value is not None:
            self.fault(key, code)
        return 0

    def rate(self, key: str, most: Decimal, code: str) -> Decimal | None:
        """Read a percentage from 0 up to `most`; None when it is left out."""
        if not self.has(key):
            return None
        read = decimal_of(self.node[key])
        if read is None:
            self.fault(key, "not_a_percentage")
        elif not 0 <= read <= most:
            self.fault(key, code)
        return read

    def day(self, key: str) -> date:
        value = self.value(key)
        read = date_of(value)
        if read is None and value is not None:
            self.fault(key, "not_a_date")
        return read or date(2000, 1, 1)

    def day_or_none(self, key: str) -> date | None:
        return self.day(key) if self.has(key) else None

    def choice(self, key: str, known: Iterable[str], code: str) -> str:
        value = self.value(key)
        if isinstance(value, str) and value in known:
            return value
        if value is not None:
            self.fault(key, code)
        return ""

    def flag(self, key: str) -> bool | None:
        if not self.has(key):
            return None
        value = self.node[key]
        if not isinstance(value, bool):
            self.fault(key, "not_true_or_false")
            return None
        return value

    def name(self, key: str) -> str:
        value = self.value(key)
        if isinstance(value, str | int) and not isinstance(value, bool) and 0 < len(str(value)) <= 100:
            return str(value)
        if value is not None:
            self.fault(key, "not_a_name")
        return ""

    def forms(self, key: str) -> "list[_Form]":
        """Return the mappings in a list; a key left out is an empty list."""
        items = self.node[key] if self.has(key) else []
        if not isinstance(items, list):
            self.fault(key, "not_a_list")
            return []
        return [_Form(item, f"{self.place(key)}[{number}]", self.faults) for number, item in enumerate(items, 1)]

    def close(self) -> None:
        self.faults += [Fault(self.place(str(key)[:40]), "unknown_key") for key in self.node if key not in self.asked]


def read_case(data: bytes) -> Case:
    """Read a worked case from the bytes of its file. Raises CaseFaults with all that is wrong."""
    faults: list[Fault] = []
    case = _case(_Form(plain(data), "", faults))
    if faults:
        raise CaseFaults(faults)
    return case


def _case(form: _Form) -> Case:
    as_of = form.day("as_of")
    case = Case(
        as_of=as_of,
        product=Product(form.choice("product", list(Product), "unknown_product") or Product.RESTRUCTURING_LOAN),
        months=_months(form),
        annual_rate=form.rate("annual_rate", Decimal(30), "rate_outside"),
        income_cents=form.cents("income_cents"),
        vtlb_cents=form.cents("vtlb_cents"),
        extra_cents=form.cents("extra_cents", default=0),
        fee_percentage=form.rate("fee_percentage", parameters.rate("mediation_fee_most", as_of), "fee_outside") or Decimal(0),
        reason=form.name("reason") if form.has("reason") else None,
        issued_on=form.day("issued_on"),
        debtor=_debtor(form),
        claims=_claims(form),
        consents=_consents(form),
    )
    _check_whole(form, case)
    form.close()
    return case


def _months(form: _Form) -> int | None:
    if not form.has("months"):
        return None
    months = form.whole("months")
    if not 1 <= months <= 60 and not any(fault.where == form.place("months") for fault in form.faults):
        form.fault("months", "months_outside")
    return months


def _debtor(outer: _Form) -> Debtor:
    if not outer.has("debtor"):
        return Debtor()
    form = _Form(outer.node["debtor"], "debtor", outer.faults)
    debtor = Debtor(
        birth_date=form.day_or_none("birth_date"),
        entrepreneur=form.flag("entrepreneur"),
        guidance=form.flag("guidance"),
        last_settlement=form.day_or_none("last_settlement"),
        settlement_known="last_settlement" in form.node,
    )
    form.close()
    return debtor


def _claims(outer: _Form) -> tuple[Claim, ...]:
    forms = outer.forms("claims")
    if not forms and not any(fault.where == "claims" for fault in outer.faults):
        outer.fault("claims", "empty")
    seen: set[str] = set()
    return tuple(_claim(form, seen) for form in forms)


def _claim(form: _Form, seen: set[str]) -> Claim:
    claim = Claim(
        id=form.name("id"),
        creditor=form.whole("creditor"),
        rank=Rank(form.choice("rank", list(Rank), "unknown_rank") or Rank.SECURED),
        balance_cents=form.cents("balance_cents"),
        stated_cents=form.cents("stated_cents") if form.has("stated_cents") else None,
        security_cents=form.cents("security_cents", default=0),
        fraud=_never_unknown(form, "fraud"),
        obstacle=_never_unknown(form, "obstacle"),
    )
    if claim.security_cents and claim.rank != Rank.SECURED:
        form.fault("security_cents", "security_not_secured")
    if claim.id and claim.id in seen:
        form.fault("id", "double_id")
    seen.add(claim.id)
    form.close()
    return claim


def _never_unknown(form: _Form, name: str) -> bool:
    """Left out means no; an unknown answer is refused, because it would decide by itself who is answered automatically."""
    if name in form.node and form.node[name] is None:
        form.fault(name, "not_true_or_false")
    return form.flag(name) or False


def _consents(outer: _Form) -> tuple[Consent, ...]:
    seen: set[tuple[int, int]] = set()
    return tuple(_consent(form, seen) for form in outer.forms("consents"))


def _consent(form: _Form, seen: set[tuple[int, int]]) -> Consent:
    consent = Consent(form.whole("creditor"), form.whole("version"), _clauses(form))
    if (consent.creditor, consent.version) in seen:
        form.fault("version", "double_version")
    seen.add((consent.creditor, consent.version))
    form.close()
    return consent


def _clauses(form: _Form) -> Clauses:
    clauses = form.value("clauses")
    if not isinstance(clauses, dict):
        form.fault("clauses", "not_a_mapping")
        return Clauses()
    try:
        return from_json(clauses)
    except ClauseFaults as wrong:
        form.faults += [Fault(f"{form.place('clauses')}.{name[:40]}", code) for name, code in wrong.faults]
        return Clauses()


def _check_whole(form: _Form, case: Case) -> None:
    """Note what is wrong between keys that are right by themselves."""
    doubted = {fault.where for fault in form.faults}
    sure = not doubted & {"product", "income_cents", "vtlb_cents", "extra_cents"}
    if sure and case.product == Product.ZERO_OFFER and (case.income_cents > case.vtlb_cents or case.extra_cents):
        form.fault("product", "zero_offer_with_capacity")
    if "issued_on" not in doubted and case.debtor.birth_date and case.debtor.birth_date > case.issued_on:
        form.faults.append(Fault("debtor.birth_date", "born_later"))


# ── a case and its outcome as JSON ───────────────────────────────────────────


def case_as_json(case: Case) -> dict[str, Any]:
    """Return a case as a worked case, with all its keys; `read_case` of it as YAML gives the same case."""
    return {
        "as_of": case.as_of.isoformat(),
        "product": str(case.product),
        **({} if case.months is None else {"months": case.months}),
        **({} if case.annual_rate is None else {"annual_rate": f"{case.annual_rate:f}"}),
        "income_cents": case.income_cents,
        "vtlb_cents": case.vtlb_cents,
        "extra_cents": case.extra_cents,
        "fee_percentage": f"{case.fee_percentage:f}",
        **({} if case.reason is None else {"reason": case.reason}),
        "debtor": _debtor_as_json(case.debtor),
        "issued_on": case.issued_on.isoformat(),
        "claims": [_claim_as_json(claim) for claim in case.claims],
        "consents": [
            {"creditor": consent.creditor, "version": consent.version, "clauses": to_json(consent.clauses)} for consent in case.consents
        ],
    }


def _debtor_as_json(debtor: Debtor) -> dict[str, Shown]:
    known: dict[str, Shown] = {
        "birth_date": debtor.birth_date.isoformat() if debtor.birth_date else None,
        "entrepreneur": debtor.entrepreneur,
        "guidance": debtor.guidance,
    }
    if debtor.settlement_known:
        known["last_settlement"] = debtor.last_settlement.isoformat() if debtor.last_settlement else None
    return known


def _claim_as_json(claim: Claim) -> dict[str, Shown]:
    secured: dict[str, Shown] = {"security_cents": claim.security_cents} if claim.rank == Rank.SECURED else {}
    return {
        "id": claim.id,
        "creditor": claim.creditor,
        "rank": str(claim.rank),
        "balance_cents": claim.balance_cents,
        **secured,
        "stated_cents": claim.stated_cents,
        "fraud": claim.fraud,
        **({"obstacle": True} if claim.obstacle else {}),  # a key of the portal itself, only where there is one
    }


def result_as_json(result: Calculation) -> dict[str, Any]:
    """Return an outcome with the keys of the contract, in their order."""
    return {
        "product": str(result.product),
        "months": result.months,
        "capacity_cents": result.capacity_cents,
        "available_cents": result.available_cents,
        "fee_cents": result.fee_cents,
        "ranks": {"preferential": _rank_as_json(result.preferential), "concurrent": _rank_as_json(result.concurrent)},
        "claims": [
            {
                "id": claim.id,
                "takes_part_cents": claim.takes_part_cents,
                "payment_cents": claim.payment_cents,
                "percentage": claim.percentage,
                "coverage": coverage_as_json(claim.consent, claim.coverage),
            }
            for claim in result.claims
        ],
        "answer_by": result.terms.answer_by.isoformat(),
        "remind_on": [day.isoformat() for day in result.terms.remind_on],
        "closes_on": result.terms.closes_on.isoformat(),
        "warnings": list(result.warnings),
    }


def _rank_as_json(rank: RankTotal) -> dict[str, Shown]:
    return {"claims_cents": rank.claims_cents, "percentage": rank.percentage}


def coverage_as_json(consent: int | None, coverage: Coverage | None) -> dict[str, Any] | None:
    """Return a coverage with its rows; None for a claim that stands outside."""
    if coverage is None:
        return None
    rows = [{"clause": row.clause, "required": row.required, "actual": row.actual, "met": row.met} for row in coverage.rows]
    return {"consent": consent, "covered": coverage.covered, "clauses": rows}
