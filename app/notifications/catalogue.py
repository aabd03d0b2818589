"""The words of mails: a text template for each code, in the language of whoever reads it, and one layout that makes HTML of a text."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from babel.support import NullTranslations, Translations
from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateNotFound, Undefined

from app.notifications.models import Message

_ROOT = Path(__file__).parent.parent
_TEMPLATES = _ROOT.parent / "templates" / "mail"
LANGUAGES = ("nl", "en")


@dataclass(frozen=True)
class Foot:
    """What stands below a mail: where the portal keeps it, and the links by which one is rid of it or changes how it comes."""

    message: str = ""  # the address of the message in the portal
    stop: str = ""  # empty for what is essential
    settings: str = ""


class _Gone(Undefined):
    """Stands in on a page for a fact that a message of an earlier release does not hold."""

    def __str__(self) -> str:
        return "…"

    def __int__(self) -> int:  # type: ignore[override] # of an undefined that raises
        return 0


@cache
def _environment(language: str, *, markup: bool = False, lenient: bool = False) -> Environment:
    """Return the templates with the words of one language; in markup everything that a template is given is escaped.

    A mail that lacks a fact does not leave; a page shows, leniently, what there is.
    """
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=markup,  # noqa: S701 (a mail of plain text holds no markup to escape)
        extensions=["jinja2.ext.i18n"],
        undefined=_Gone if lenient else StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    words: NullTranslations = Translations.load(_ROOT / "translations", [language])
    environment.install_gettext_translations(words, newstyle=True)  # type: ignore[attr-defined]
    return environment


def codes() -> list[str]:
    """Return every code that has a text."""
    return sorted(path.stem for path in _TEMPLATES.glob("[a-z]*.txt"))


def write(message: Message, base_url: str, language: str = "") -> tuple[str, str]:
    """Return subject and text of a message. The template's first line is the subject."""
    return words(message.code, language or message.language, link=f"{base_url}{message.path}", **message.facts)


def shown(message: Message, language: str, link: str = "") -> tuple[str, str]:
    """Return subject and text of a message for a page, whatever release wrote it: what is gone is left out."""
    try:
        return words(message.code, language, lenient=True, link=link, **message.facts)
    except TemplateNotFound:
        return message.code, ""


def words(template: str, language: str, *, lenient: bool = False, **facts: object) -> tuple[str, str]:
    """Return subject and text of a template that was filled in."""
    subject, _, text = _environment(language, lenient=lenient).get_template(f"{template}.txt").render(**facts).partition("\n")
    return subject.strip(), text.strip() + "\n"


def foot(language: str, foot: Foot) -> str:
    """Return the lines below a text."""
    return _environment(language).get_template("_foot.txt").render(foot=foot).strip() + "\n"


def markup(language: str, subject: str, text: str, link: str, below: Foot) -> str:
    """Return a text as a page of HTML: its paragraphs, with `link` as something to press. Everything in it is escaped.

    It names no picture, font or script: opening a mail tells nobody that it was opened.
    """
    paragraphs = [part.strip().splitlines() for part in text.split("\n\n") if part.strip()]
    template = _environment(language, markup=True).get_template("layout.html")
    return template.render(language=language, subject=subject, paragraphs=paragraphs, link=link, foot=below)
