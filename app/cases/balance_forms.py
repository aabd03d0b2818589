"""Forms of balance requests: shape, wording and length only; the rules decide."""

from datetime import date

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, Field, HiddenField, RadioField, SelectField, StringField, TextAreaField, ValidationError
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are older
from wtforms.validators import InputRequired, Length, Optional

from app.cases.balance_rules import LONGEST, Ground, Obstacle, Statement
from app.cases.balance_words import GROUNDS, OBSTACLES
from app.cases.forms import AmountField
from app.cases.rules import Rank
from app.cases.words import RANKS
from app.exchange.words import REFUSALS as CELLS
from app.web import typed, whole_number

STATE, DECLINE = "state", "decline"
LONG = Length(max=LONGEST, message=_("Houd het bij 2.000 tekens."))
# what a draft holds
KEPT = (
    "answer", "principal", "interest", "costs", "notice_on", "vat", "reference", "rank", "agent", "obstacle", "obstacle_words", "ground",
    "ground_words",
)  # fmt: skip
_EUROS = {"inputmode": "decimal", "autocomplete": "off"}


def readable(_form: FlaskForm, field: Field) -> None:
    """Refuse a sign that no database keeps as it is."""
    if "\x00" in (field.data or ""):
        raise ValidationError(str(CELLS["exchange.control_character"]))


class BalanceForm(FlaskForm):
    answer = RadioField(
        _("Kies uw antwoord"),
        [InputRequired(_("Kies een antwoord."))],
        choices=[SelectChoice(STATE, _("Wij geven het saldo op")), SelectChoice(DECLINE, _("Wij werken niet mee"))],
    )
    principal = AmountField(_("Hoofdsom in euro"), [Length(max=20)], render_kw=_EUROS)
    interest = AmountField(_("Rente in euro"), [Length(max=20)], render_kw=_EUROS)
    costs = AmountField(_("Incassokosten in euro"), [Length(max=20)], render_kw=_EUROS)
    notice_on = DateField(_("Aanmaning ontvangen op"), [Optional()])
    vat = BooleanField(_("Wij kunnen de btw niet verrekenen"))
    confirmed = BooleanField(_("Ik geef deze kosten toch op"))
    reference = StringField(_("Uw kenmerk"), [Length(max=140, message=_("Houd het bij 140 tekens.")), readable])
    rank = SelectField(_("Rang"), choices=[SelectChoice(rank.value, words) for rank, words in RANKS.items()])
    agent = SelectField(_("Wie incasseert"), choices=[], validate_choice=False)
    obstacle = SelectField(
        _("Beletsel voor akkoord vooraf"),
        choices=[SelectChoice("", _("Geen beletsel")), *(SelectChoice(one.value, words) for one, words in OBSTACLES.items())],
        default="",
    )
    obstacle_words = TextAreaField(_("Toelichting"), [LONG, readable])
    ground = SelectField(
        _("Reden"),
        choices=[SelectChoice("", _("Kies een reden")), *(SelectChoice(one.value, words) for one, words in GROUNDS.items())],
        default="",
    )
    ground_words = TextAreaField(_("Uitleg"), [LONG, readable])
    revision = HiddenField()

    def offer(self, agents: list[tuple[int, str]], present: tuple[int | None, str], *, names_agent: bool = True) -> None:
        """Let the creditor choose who collects: itself, an agent with its mandate, or whoever does so already; an agent does not."""
        if not names_agent:
            self.agent.choices = [SelectChoice(str(present[0] or ""), present[1])]
            return
        known = dict(agents) | ({present[0]: present[1]} if present[0] is not None else {})
        choices = [SelectChoice("", _("Wij zelf")), *(SelectChoice(str(id_), name) for id_, name in known.items())]
        self.agent.choices = choices

    def validate_principal(self, field: AmountField) -> None:
        if self.answer.data == STATE and not (field.data or "").strip():
            raise ValidationError(_("Vul de hoofdsom in. Is er niets meer verschuldigd, vul dan 0 in."))

    def validate_ground(self, field: SelectField) -> None:
        if self.answer.data == DECLINE and not field.data:
            raise ValidationError(_("Kies waarom u niet meewerkt."))

    def statement(self) -> Statement:
        """Return what the form states."""
        return Statement(
            self.principal.cents, self.interest.cents, self.costs.cents, typed(self.reference), Rank(self.rank.data),
            notice_on=self.notice_on.data or None, vat=bool(self.vat.data), agent_id=whole_number(self.agent.data),
            obstacle=Obstacle(self.obstacle.data) if self.obstacle.data else None, explanation=typed(self.obstacle_words),
            costs_confirmed=bool(self.confirmed.data),
        )  # fmt: skip

    def reason(self) -> tuple[Ground, str]:
        """Return why the creditor does not cooperate."""
        return Ground(self.ground.data), typed(self.ground_words)

    def kept(self) -> dict[str, str]:
        """Return what was typed, for a draft."""
        typed_in = {name: self[name].data for name in KEPT if self[name].data}
        return {
            name: value.isoformat() if isinstance(value, date) else str(value)[:LONGEST].replace("\x00", "")
            for name, value in typed_in.items()
        }


class NamedBalanceForm(BalanceForm):
    """An answer by the code on a letter: the person has no account, so it tells its name."""

    name = StringField(
        _("Naam van wie antwoordt"),
        [InputRequired(_("Vul uw naam in.")), Length(max=200, message=_("Houd het bij 200 tekens.")), readable],
        render_kw={"autocomplete": "name"},
    )


class RefuseForm(FlaskForm):
    reason = TextAreaField(_("Waarom neemt u dit niet over?"), [LONG, readable])
