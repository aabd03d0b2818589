"""What every page shares: access, cross-site protection, headers, error pages, filters, language and the request's log line."""

import hashlib
import logging
import secrets
import time
from collections.abc import Callable
from datetime import date, datetime
from functools import cache, wraps
from pathlib import Path
from typing import Any, cast

from flask import Flask, Response, abort, current_app, g, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import CSRFProtect, FlaskForm
from flask_wtf.csrf import CSRFError, generate_csrf
from markupsafe import escape
from werkzeug.exceptions import HTTPException
from werkzeug.routing import BuildError
from wtforms import Field, TextAreaField

from app import pages, speech
from app.access import Actor, Permission
from app.clock import local
from app.counts import number
from app.errors import Conflict, NotFound, Refusal, TooOften
from app.reach import NOBODY, act_as_before, act_within
from app.signs import legible
from app.speech import LANGUAGES, language

STATIC = Path(__file__).parent / "static"
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
}
ERROR_PAGES = {400, 404, 405, 409, 413, 415, 429, 500, 503}
log = logging.getLogger("portal.web")
csrf = CSRFProtect()


# ── access ───────────────────────────────────────────────────────────────────


def requires(permission: Permission) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Let a view be used by actors with `permission` only; a view with neither this nor `@public` stops the start.

    Nobody signed in: to the sign-in page and back. Signed in without the permission: the page does not exist.
    """

    def mark(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def guarded(*args: object, **kwargs: object) -> ResponseReturnValue:
            if signed_in() is None:
                back = request.full_path.rstrip("?") if request.method == "GET" else request.path
                return redirect(url_for("accounts.sign_in", next=back))
            if not actor().may(permission):
                log.warning("denied %s", permission.code, extra=_asked())  # the answer says no more than that it does not exist
                raise NotFound
            return cast(ResponseReturnValue, view(*args, **kwargs))

        guarded.__dict__["access"] = permission
        return guarded

    return mark


def public(view: Callable[..., Any]) -> Callable[..., Any]:
    """Let a view be used by everybody, signed in or not."""
    view.__dict__["access"] = "public"
    return view


def signed_in() -> Actor | None:
    """Return who acts in this request, or None."""
    return cast(Actor | None, g.get("actor"))


def actor() -> Actor:
    """Return who acts in this request; behind `@requires` there is always somebody."""
    return cast(Actor, g.actor)


def act_as(person: Actor) -> None:
    """Let this request be done by `person`: the pages ask it what it may, the database how far it sees."""
    g.actor = person
    act_within(person.reach())


def request_origin() -> str:
    """Say from where this request came, for the audit: verb, route, address and the request's id."""
    return f"{request.method} {request.url_rule or '-'} {request.remote_addr} {g.get('request_id', '-')}"


def refuse_undeclared(app: Flask) -> None:
    """Stop the start when a view declares no access (default deny). Raises RuntimeError with the endpoints."""
    undeclared = sorted(name for name, view in app.view_functions.items() if not hasattr(view, "access"))
    if undeclared:
        raise RuntimeError(f"these views declare no access: {', '.join(undeclared)}")


# ── forms ────────────────────────────────────────────────────────────────────


def show(form: FlaskForm, refusal: Refusal, words: dict[str, Any]) -> None:
    """Put a refusal's sentence on its field, or on the form."""
    sentence = say(refusal, words)
    field = form[refusal.field] if refusal.field and refusal.field in form else None
    if field is None:
        form.form_errors.append(sentence)
    else:
        field.errors = [*field.errors, sentence]


def typed(field: Field) -> str:
    """Return what somebody typed, without signs that nobody sees; a field of one line holds no line end. Nothing is the empty text."""
    return legible(str(field.data or ""), lines=isinstance(field, TextAreaField))


def say(refusal: Refusal, words: dict[str, Any]) -> str:
    """Return the sentence of a refusal with its facts filled in."""
    sentence = str(words[refusal.code])
    return sentence % refusal.facts if refusal.facts else sentence


def local_target(target: str | None) -> str | None:
    """Return `target` when it is a path of this portal, so that a link can never lead a person elsewhere."""
    if target and target.startswith("/") and not target.startswith(("//", "/\\")) and not any(ord(c) < 32 for c in target):
        return target
    return None


# ── words and figures ────────────────────────────────────────────────────────

MONTHS = {
    "nl": ["januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober", "november", "december"],
    "en": ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"],
}


def _token() -> str:
    """Return the token against forged requests, asked for once: a page may hold many forms."""
    try:
        return cast(str, g.token)
    except AttributeError:
        g.token = generate_csrf()
        return cast(str, g.token)


def escaped(rows: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Escape the texts of many rows at once, which is several times as fast as one by one."""
    whole = str(escape("\0".join("\0".join(row) for row in rows))).split("\0")
    wide = len(rows[0]) if rows else 1
    if len(whole) != wide * len(rows):  # a text holds the sign between them: nothing may move into another column
        return [tuple(str(escape(text)) for text in row) for row in rows]
    return [tuple(whole[start : start + wide]) for start in range(0, len(whole), wide)]


def money(cents: int | None) -> str:
    """Write cents as `1.234,56` (English: `1,234.56`); about fifty times as fast as a general formatter."""
    if cents is None:
        return "–"
    text = f"{abs(cents) / 100:,.2f}" if abs(cents) < 10**15 else f"{abs(cents) // 100:,}.{abs(cents) % 100:02}"
    if language() == "nl":
        text = text.translate(_SWAP)
    return f"−{text}" if cents < 0 else text


_SWAP = str.maketrans(",.", ".,")


def euro(cents: int | None) -> str:
    """Write cents as `€ 1.234,56` that never breaks over a line."""
    return f"€\N{NO-BREAK SPACE}{money(cents)}"


def pct(text: str | None) -> str:
    """Write a percentage kept as `12.22` as people read it: `12,22%`."""
    if text is None:
        return "–"
    return f"{text.replace('.', ',') if language() == 'nl' else text}%"


def day_short(value: date | None) -> str:
    """Write a day as `4 juni`."""
    return f"{value.day} {MONTHS[language()][value.month - 1]}" if value else "–"


def day(value: date | None) -> str:
    """Write a day as `4 juni 2026`."""
    return f"{day_short(value)} {value.year}" if value else "–"


def moment(value: datetime | None) -> str:
    """Write a moment as people in Amsterdam read it: `4 juni 2026 10.31`."""
    if value is None:
        return "–"
    here = local(value)
    return f"{day(here.date())} {here:%H.%M}" if language() == "nl" else f"{day(here.date())} {here:%H:%M}"


@cache
def _fingerprint(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:10]


def static_url(name: str) -> str:
    """Return the address of a static file with its content's hash, so that browsers may keep it for a year."""
    return f"{current_app.static_url_path}/{name}?v={_fingerprint(name)}"


@cache
def address(endpoint: str) -> str:
    """Return the address of a page that takes nothing; it stays the same while the portal runs."""
    return url_for(endpoint)


@cache
def _pattern(endpoint: str, name: str) -> tuple[str, str] | None:
    """Return what stands before and after the one value in an address; None when it cannot be told from any value."""
    try:
        before, found, after = url_for(endpoint, **cast(Any, {name: "-0-"})).partition("-0-")
    except (BuildError, ValueError):  # a number, or one of a few words
        return None
    return (before, after) if found else None


def link(endpoint: str, **values: Any) -> str:
    """Return an address as url_for does; where nothing or one plain reference is to be filled in, without making it anew."""
    if endpoint.startswith(".") or len(values) > 1:
        return url_for(endpoint, **values)
    for name, value in values.items():
        is_plain = type(value) is str and value.isascii() and value.replace("-", "").isalnum() and not name.startswith("_")
        around = _pattern(endpoint, name) if is_plain else None
        return f"{around[0]}{value}{around[1]}" if around else url_for(endpoint, **values)
    return address(endpoint)


def query_text(name: str, most: int) -> str:
    """Return a part of the address's query without invisible signs: a database refuses some of them."""
    return "".join(c for c in request.args.get(name, "").strip()[:most] if c.isprintable())


def list_link(query: Any, home: str, endpoint: str = "", **over: str) -> str:
    """Return the address of a list, or of another view of it, with the filters of `query` (a dataclass) but those that `over` names."""
    kept = {name: value for name, value in vars(query).items() if value and name != "after"}
    return url_for(endpoint or home, **{name: value for name, value in (kept | over).items() if value})


def whole_number(text: str | None) -> int | None:
    """Return the number that an address or form holds, in at most nine plain digits; None for anything else, such as `²`."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None


def page_size(text: str | None, default: int = 50) -> int:
    """Return how many rows a list shows: the number asked for, between 1 and 200."""
    return min(max(default if (asked := whole_number(text)) is None else asked, 1), 200)


# ── registration ─────────────────────────────────────────────────────────────


def register(app: Flask) -> None:
    """Give the app everything that pages share."""
    speech.register(app)
    pages.register(app)
    app.before_request(_open_request)  # first of all: what is refused has its number too
    csrf.init_app(app)
    app.jinja_env.globals.update({"static_url": static_url, "csrf_token": _token, "url_for": link})
    app.after_request(_close_request)
    app.teardown_request(_forget_reach)
    for filter_ in (money, euro, pct, day, day_short, moment, number):
        app.add_template_filter(filter_)
    app.context_processor(_shared)
    app.register_error_handler(NotFound, lambda _: _error_page(404))
    app.register_error_handler(Conflict, lambda _: _error_page(409))
    app.register_error_handler(TooOften, _wait)
    app.register_error_handler(CSRFError, lambda _: _error_page(400))
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, bug)
    app.add_url_rule("/language/<code>", "language", public(_choose_language))
    public(app.view_functions["static"])


def _shared() -> dict[str, object]:
    """Return what every template may use beside its own page and form."""
    here = request.full_path.rstrip("?") if request.method == "GET" else "/"
    return {
        "language": language(),
        "switch_url": url_for("language", code="nl" if language() == "en" else "en", next=here),
        "actor": signed_in(),
    }


def _choose_language(code: str) -> ResponseReturnValue:
    if code not in LANGUAGES:
        abort(404)
    session["language"] = code
    return redirect(local_target(request.args.get("next")) or "/")


def _open_request() -> None:
    g.request_id = secrets.token_hex(8)
    g.started = time.perf_counter()
    g.reach, g.speech = act_within(NOBODY), speech.begin()
    if "\0" in request.path:
        raise NotFound  # PostgreSQL holds no text with this sign, and compares with none


def _forget_reach(_: BaseException | None) -> None:
    if token := g.pop("reach", None):
        act_as_before(token)
        speech.end(g.pop("speech"))


def _close_request(response: Response) -> Response:
    response.headers.update(HEADERS)
    response.headers["X-Request-Id"] = g.get("request_id", "-")
    if request.endpoint == "static" and response.status_code < 400:
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    else:
        response.headers.setdefault("Cache-Control", "no-store")
    if request.is_secure:
        response.headers["Strict-Transport-Security"] = "max-age=63072000; includeSubDomains"
    ms = round((time.perf_counter() - g.get("started", time.perf_counter())) * 1000, 1)
    log.info("request", extra=_asked() | {"status": response.status_code, "ms": ms})
    return response


def _asked() -> dict[str, object]:
    """Say for the log who asked for what: by route, never by address, for addresses and queries can hold names."""
    person, route = signed_in(), f"{request.method} {request.url_rule or '-'}"
    return {"request_id": g.get("request_id"), "route": route, "person": person.person_id if person else None}


def _http_error(error: HTTPException) -> ResponseReturnValue:
    return error.get_response() if error.code is None or error.code < 400 else _error_page(error.code)


def _wait(_: TooOften) -> ResponseReturnValue:
    answer = make_response(_error_page(429))
    answer.headers["Retry-After"] = "900"
    return answer


def bug(error: Exception) -> ResponseReturnValue:
    """Log what nobody foresaw, and show the page with the number under which it is found again."""
    log.error("bug", exc_info=error, extra={"request_id": g.get("request_id"), "route": str(request.url_rule)})
    return _error_page(500)


def _error_page(status: int) -> ResponseReturnValue:
    """Show the page of an error: what happened, that nothing was lost, what to do."""
    name = status if status in ERROR_PAGES else (500 if status >= 500 else 400)
    return render_template(f"errors/{name}.html", request_id=g.get("request_id", "-")), status
