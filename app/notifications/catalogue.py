"""The words of messages: a text template for each code, in the language of whoever reads it."""

from functools import cache
from pathlib import Path

from babel.support import NullTranslations, Translations
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from app.notifications.models import Message

_ROOT = Path(__file__).parent.parent
_TEMPLATES = _ROOT.parent / "templates" / "mail"


@cache
def _environment(language: str) -> Environment:
    """Return the templates with the words of one language; plain text, so nothing is escaped."""
    environment = Environment(  # noqa: S701 (a mail of plain text holds no markup to escape)
        loader=FileSystemLoader(_TEMPLATES), extensions=["jinja2.ext.i18n"], undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    words: NullTranslations = Translations.load(_ROOT / "translations", [language])
    environment.install_gettext_translations(words, newstyle=True)  # type: ignore[attr-defined]
    return environment


def codes() -> list[str]:
    """Return every code that has a text."""
    return sorted(path.stem for path in _TEMPLATES.glob("[a-z]*.txt"))


def write(message: Message, base_url: str) -> tuple[str, str]:
    """Return subject and text of a message. The template's first line is the subject."""
    template = _environment(message.language).get_template(f"{message.code}.txt")
    subject, _, text = template.render(link=f"{base_url}{message.path}", **message.facts).partition("\n")
    return subject.strip(), text.strip() + "\n"
