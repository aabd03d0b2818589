"""Forms of standing consents: shape and length only; the rules decide."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, HiddenField, RadioField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are older
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from app.accounts.passkeys import MOST_ANSWER
from app.consents.rules import OPEN_END, ClauseFaults, Clauses, Effect, Product, from_json, to_json
from app.consents.service import Terms
from app.consents.words import EFFECTS, FORM_ERRORS, PRODUCTS, REFUSALS
from app.errors import Refusal
from app.money import amount, parse_amount, parse_percentage

OPEN, YES, NO = "open", "yes", "no"
OUTSIDE = {"form": "voorwaarden"}  # the signature stands below the form on the page, and belongs to it
BARE = SelectChoice(OPEN, _("geen afspraak"))


class LimitField(StringField):
    """A limit as people write it; `value` holds what it stands for, None when nothing is written."""

    value: Any = None

    def __init__(self, label: Any, read: Callable[[str], Any], **kwargs: Any) -> None:
        super().__init__(label, [Length(max=30)], **kwargs)
        self.read = read

    def pre_validate(self, form: FlaskForm) -> None:
        text = (self.data or "").strip()
        try:
            self.value = self.read(text) if text else None
        except Refusal as refusal:
            raise ValidationError(str(REFUSALS[refusal.code])) from refusal


def whole(text: str) -> int:
    """Read a whole number of at most four digits. Raises Refusal."""
    if not (text.isascii() and text.isdigit() and len(text) < 5):
        raise Refusal("consents.not_whole")
    return int(text)


class TermsForm(FlaskForm):
    """The clauses of a draft, and the signature below them: what is signed is what the same form shows."""

    products = SelectMultipleField(_("Het is een"), choices=[SelectChoice(product.value, words) for product, words in PRODUCTS.items()])
    zero_offers = RadioField(
        _("Een nul-aanbod accepteren wij"), choices=[SelectChoice(YES, _("wel")), SelectChoice(NO, _("niet")), BARE], default=OPEN
    )
    min_percentage = LimitField(_("Wij krijgen ten minste"), parse_percentage)
    max_claim_cents = LimitField(_("Onze vordering is hoogstens"), parse_amount)
    max_share = LimitField(_("Onze vordering is hoogstens"), parse_percentage)
    max_months = LimitField(_("De cliënt betaalt hoogstens"), whole)
    entrepreneurs = RadioField(
        _("De cliënt mag ondernemer zijn"), choices=[SelectChoice(YES, _("ja")), SelectChoice(NO, _("nee")), BARE], default=OPEN
    )
    requires_guidance = RadioField(
        _("Begeleiding door een buurtteam"),
        choices=[SelectChoice(YES, _("is geregeld")), SelectChoice(NO, _("hoeft niet")), BARE],
        default=OPEN,
    )
    years_since_settlement = LimitField(_("Een eerdere regeling is ten minste"), whole)
    balance_tolerance = LimitField(_("Het saldo verschilt hoogstens"), parse_percentage)
    valid_from = DateField(_("Dit geldt voor aanbiedingen vanaf"), [Optional()])
    valid_until = DateField(_("Dit akkoord geldt tot en met"), [Optional()])
    until_further_notice = BooleanField(_("tot nader bericht"))
    effect = RadioField(_("Een gedekt aanbod"), choices=[SelectChoice(effect.value, words) for effect, words in EFFECTS.items()])
    starts_on = DateField(_("Eerste dag van deze versie"), [Optional()], render_kw=OUTSIDE)
    agreed = BooleanField(_("Ik heb de gevolgen bekeken en mag hiervoor tekenen."), render_kw=OUTSIDE)
    code = StringField(_("Code uit uw inlog-app"), [Length(max=40)], render_kw=OUTSIDE)
    passkey = HiddenField(validators=[Length(max=MOST_ANSWER)], render_kw=OUTSIDE)  # what a passkey signed, instead of the code

    def validate(self, extra_validators: Any = None) -> bool:
        """Check the fields, and that what they say can be read back: a draft that cannot would never be shown again."""
        if not super().validate(extra_validators):
            return False
        try:
            from_json(to_json(self.terms().clauses))
        except ClauseFaults as faulty:
            for clause, fault in faulty.faults:
                self[clause].errors = [str(FORM_ERRORS[fault])]
        return not self.errors

    def terms(self) -> Terms:
        """Return what the form says."""
        chosen = frozenset(Product(product) for product in self.products.data or [])
        return Terms(
            Clauses(
                products=chosen or None, zero_offers=_answer(self.zero_offers), min_percentage=self.min_percentage.value,
                max_claim_cents=self.max_claim_cents.value, max_share=self.max_share.value, max_months=self.max_months.value,
                entrepreneurs=_answer(self.entrepreneurs), requires_guidance=_answer(self.requires_guidance),
                years_since_settlement=self.years_since_settlement.value, balance_tolerance=self.balance_tolerance.value,
                valid_from=self.valid_from.data,
                valid_until=self.valid_until.data or (OPEN_END if self.until_further_notice.data else None),
            ),
            Effect(self.effect.data),
        )  # fmt: skip

    def check_signature(self) -> bool:
        """Tell whether the fields of the signature are filled in; say at each what is missing."""
        has_factor = bool((self.code.data or "").strip() or self.passkey.data)
        for field, filled in ((self.agreed, bool(self.agreed.data)), (self.code, has_factor)):
            if not filled:
                field.errors = [*field.errors, str(FORM_ERRORS[field.name])]
        return not (self.agreed.errors or self.code.errors)


def _answer(field: RadioField) -> bool | None:
    return {YES: True, NO: False}.get(field.data)


def filled(clauses: Clauses, effect: Effect) -> dict[str, Any]:
    """Return the fields of TermsForm for a version."""
    has_end = clauses.valid_until not in {None, OPEN_END}
    return {
        "products": [product.value for product in clauses.products or ()],
        "zero_offers": _chosen(clauses.zero_offers), "entrepreneurs": _chosen(clauses.entrepreneurs),
        "requires_guidance": _chosen(clauses.requires_guidance),
        "min_percentage": _percentage(clauses.min_percentage), "max_share": _percentage(clauses.max_share),
        "balance_tolerance": _percentage(clauses.balance_tolerance),
        "max_claim_cents": "" if clauses.max_claim_cents is None else amount(clauses.max_claim_cents),
        "max_months": _number(clauses.max_months), "years_since_settlement": _number(clauses.years_since_settlement),
        "valid_from": clauses.valid_from, "valid_until": clauses.valid_until if has_end else None,
        "until_further_notice": clauses.valid_until == OPEN_END, "effect": effect.value,
    }  # fmt: skip


def _chosen(answer: bool | None) -> str:  # noqa: FBT001 - the value of a clause
    return OPEN if answer is None else YES if answer else NO


def _percentage(limit: Decimal | None) -> str:
    if limit is None:
        return ""
    text = f"{limit:.2f}" if limit == round(limit, 2) else f"{limit.normalize():f}"
    return text.replace(".", ",")


def _number(limit: int | None) -> str:
    return "" if limit is None else str(limit)


class WithdrawForm(FlaskForm):
    ends_on = DateField(_("Vanaf welke dag geldt het niet meer?"), [InputRequired(FORM_ERRORS["day"])])
    reason = TextAreaField(_("Waarom trekt u het in?"), [Length(max=1000)])
