"""Forms of who reports harsh collection and of whom it is about: shape, wording and length only; the rules decide."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import MultipleFileField
from wtforms import (
    BooleanField,
    DateField,
    EmailField,
    Field,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are older
from wtforms.validators import InputRequired, Length, Optional, Regexp

from app.exchange.words import REFUSALS as CELLS
from app.relations.complaint_rules import Answer, ComplaintKind
from app.relations.complaint_words import ANSWERS, HELPED, KINDS

SHORT = Length(max=120, message=_("Houd het bij 120 tekens."))
LONG = Length(max=4000, message=_("Houd het bij 4.000 tekens."))
UNLISTED = "unlisted"  # the company is not in the register


def readable(_form: FlaskForm, field: Field) -> None:
    """Refuse a sign that no database keeps as it is."""
    if "\x00" in (field.data or ""):
        raise ValidationError(str(CELLS["exchange.control_character"]))


class PartyForm(FlaskForm):
    """A company that is found by its name: what was typed, and which of those that were found."""

    party = StringField(_("Over welke schuldeiser of incassopartij gaat het?"), [SHORT, readable])
    chosen = RadioField(_("Wie bedoelt u?"), [Optional()], choices=[])

    def offer_parties(self, parties: list[tuple[str, str]]) -> None:
        """Show the companies that a search found."""
        self.chosen.choices = [SelectChoice(code, name) for code, name in parties]


class ReportForm(PartyForm):
    """What harsh collection is told by. Nothing is required here: a draft may lack everything."""

    case = StringField(_("Dossiernummer, als er een dossier is"), [Length(max=20, message=_("Houd het bij 20 tekens.")), readable])
    claim = SelectField(_("Om welke vordering gaat het?"), [Optional()], choices=[])
    kind = SelectField(
        _("Waar gaat het over?"),
        [Optional()],
        choices=[SelectChoice("", _("Kies een onderwerp")), *(SelectChoice(kind.value, words) for kind, words in KINDS.items())],
        default="",
    )
    happened_on = DateField(_("Wanneer gebeurde het?"), [Optional()])
    words = TextAreaField(_("Wat is er gebeurd?"), [LONG, readable])
    wish = TextAreaField(_("Wat wil de cliënt dat er gebeurt?"), [LONG, readable])
    is_urgent = BooleanField(_("Er is haast bij, bijvoorbeeld door een beslag of afsluiting"))
    client_agrees = BooleanField(_("De cliënt vindt het goed dat de schuldeiser hoort om wie het gaat"))
    client_name = StringField(_("Naam van de cliënt"), [SHORT, readable])
    client_reference = StringField(_("Kenmerk bij de schuldeiser"), [SHORT, readable])
    files = MultipleFileField(_("Bewijs: brieven, foto’s of andere bestanden"))
    is_another = BooleanField(_("Dit is een ander signaal: verstuur het"))
    draft = HiddenField()

    def offer_claims(self, claims: list[tuple[str, str]]) -> None:
        """Show the claims of the case."""
        self.claim.choices = [SelectChoice("", _("Geen, of onbekend")), *(SelectChoice(id_, name) for id_, name in claims)]

    def kind_chosen(self) -> ComplaintKind | None:
        """Return the kind that was chosen."""
        return ComplaintKind(self.kind.data) if self.kind.data else None


class LinkReportForm(ReportForm):
    """The same by a link, by somebody without account."""

    reporter = StringField(_("Uw naam"), [SHORT, readable])
    address = EmailField(
        _("Uw e-mailadres, als u de uitkomst wilt horen"),
        [Optional(), Length(max=254), Regexp(r"^[^@\s]+@[^@\s]+\.[^@\s]+$", message=_("Dit is geen e-mailadres."))],
    )


class LinkForm(FlaskForm):
    """A new link."""

    given_to = StringField(_("Voor wie is de link?"), [SHORT, readable])
    uses = SelectField(_("Hoe vaak werkt de link?"), choices=[SelectChoice(str(n), str(n)) for n in (1, 3, 5, 10, 20)], default="1")
    days = SelectField(_("Hoeveel dagen werkt de link?"), choices=[SelectChoice(str(n), str(n)) for n in (3, 7, 14, 30, 60)], default="14")


class MoreForm(FlaskForm):
    """More about a complaint that was reported."""

    more = TextAreaField(_("Wat wilt u toevoegen?"), [LONG, readable])
    files = MultipleFileField(_("Bestanden"))


class NamingForm(FlaskForm):
    """Whether the creditor may learn about whom a complaint is."""

    agrees = HiddenField()
    client_name = StringField(_("Naam van de cliënt"), [SHORT, readable])
    revision = HiddenField()


class HelpedForm(FlaskForm):
    """Whether the outcome helped."""

    helped = RadioField(
        _("Heeft de uitkomst de cliënt geholpen?"),
        [InputRequired(_("Kies een antwoord."))],
        choices=[SelectChoice(helped.value, words) for helped, words in HELPED.items()],
    )
    helped_words = TextAreaField(_("Toelichting"), [LONG, readable])
    reopen = BooleanField(_("Heropen het signaal: er is nog iets nodig"))
    revision = HiddenField()


WAYS = {"answer": _("Antwoorden"), "ask": _("Een vraag stellen"), "disagree": _("Wij zijn het niet eens met het signaal")}


class AnswerForm(FlaskForm):
    """What the creditor or agent answers."""

    do = RadioField(
        _("Wat wilt u doen?"),
        [InputRequired(_("Kies een antwoord."))],
        choices=[SelectChoice(move, words) for move, words in WAYS.items()],
    )
    answer = SelectField(
        _("Uw antwoord"),
        choices=[SelectChoice("", _("Kies een antwoord")), *(SelectChoice(answer.value, words) for answer, words in ANSWERS.items())],
        default="",
    )
    answer_words = TextAreaField(_("Wat hebt u gedaan of uitgezocht?"), [LONG, readable])
    question = TextAreaField(_("Uw vraag"), [LONG, readable])
    disagree_words = TextAreaField(_("Waarom bent u het niet eens?"), [LONG, readable])
    revision = HiddenField()

    def offer(self, moves: set[str]) -> None:
        """Show only what can be done with the complaint now."""
        self.do.choices = [SelectChoice(move, words) for move, words in WAYS.items() if move in moves]

    def answer_chosen(self) -> Answer | None:
        """Return the answer that was chosen."""
        return Answer(self.answer.data) if self.answer.data else None
