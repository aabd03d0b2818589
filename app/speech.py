"""In which language a request is answered, and the portal's sentences in it: each is looked up once in a process, not once a use."""

from contextvars import ContextVar, Token
from typing import Any, cast

import flask_babel
from flask import Flask, g, has_app_context, session
from flask_babel import Babel, Domain, get_locale

LANGUAGES = {"nl": "Nederlands", "en": "English"}


class _Tongue:
    """The language of one request, once it is known."""

    __slots__ = ("language",)

    def __init__(self) -> None:
        self.language = ""


_tongue: ContextVar[_Tongue | None] = ContextVar("tongue", default=None)


def begin() -> Token[_Tongue | None]:
    """Let what follows find its language out once; returns what ends that."""
    return _tongue.set(_Tongue())


def end(token: Token[_Tongue | None]) -> None:
    """Forget the language of a request that is over."""
    _tongue.reset(token)


def language() -> str:
    """Return the language of this page: `nl` or `en`; found out once a request, for a page asks it hundreds of times."""
    tongue = _tongue.get()
    if tongue is not None and tongue.language:
        return tongue.language
    locale = get_locale()
    found = locale.language if locale and locale.language in LANGUAGES else "nl"
    if tongue is not None:
        tongue.language = found
    return cast(str, found)


class Words(Domain):  # type: ignore[misc] # from a package without types
    """The sentences of the portal in this request's language."""

    def __init__(self) -> None:
        super().__init__()
        self._said: dict[str, dict[str, str]] = {code: {} for code in LANGUAGES}

    def get_translations(self) -> Any:
        try:
            return g.catalogue
        except AttributeError:
            g.catalogue = super().get_translations()
            return g.catalogue

    def gettext(self, string: str, **variables: object) -> str:
        said = self._said[language()]
        try:
            words = said[string]
        except KeyError:
            words = said[string] = self.get_translations().ugettext(string)
        return words % variables if variables else words


words = Words()
_unsaid = Domain()  # where there is no request, sentences stay as they are written


def register(app: Flask) -> None:
    """Let the app speak the language that somebody chose, and its libraries and sentences find it without a detour."""
    Babel(app, default_locale="nl", locale_selector=lambda: session.get("language") or "nl").domain_instance = words
    flask_babel.get_domain = _domain  # asked for at each sentence: its own way through three proxies takes longer than the sentence


def _domain() -> Domain:
    return words if has_app_context() else _unsaid
