"""The side menu: each list's place in it, what waits there, where a role starts its day; and what somebody looks for in the lists."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast
from urllib.parse import urlencode

from flask import Flask, Request, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from app.access import Permission, Role
from app.counts import Part, counted
from app.db import reading_page
from app.errors import NotFound
from app.sealing import sealed_words, unsealed_words
from app.speech import language
from app.web import actor, local_target, public, signed_in

MOST_WORDS = 120  # signs of what is looked for


@dataclass(frozen=True)
class Entry:
    """A view's place in the side menu: its words, under which heading, in which order, and how much waits there."""

    label: Any  # a lazy sentence
    order: int
    heading: Any = ""
    count: Part | None = None
    home_of: frozenset[Role] = frozenset()  # the roles that start their day here


@dataclass(frozen=True)
class Place:
    """An entry in one language, with its address and what one must be allowed to open it."""

    name: str
    url: str
    label: str
    heading: str
    entry: Entry
    access: Permission


def in_menu(
    label: Any,
    order: int,
    *,
    heading: Any = "",
    count: Part | None = None,
    home_of: Iterable[Role] = (),
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Give a view (outside its `@requires`) a place in the menu of everybody who may use it."""

    def mark(view: Callable[..., Any]) -> Callable[..., Any]:
        view.__dict__["entry"] = Entry(label, order, heading, count, frozenset(home_of))
        return view

    return mark


def register(app: Flask) -> None:
    """Give the app its menu, the way home, and the way of what somebody looks for into an address."""
    app.extensions["menu"] = {}
    app.jinja_env.globals["menu"] = menu  # called by the page layout alone: an error page must not need the database
    app.add_url_rule("/", "home", public(_home))
    app.add_url_rule("/search", "searched", public(_searched), methods=["POST"])
    app.request_class = _Request
    app.url_defaults(_seal_words)


def menu() -> list[tuple[str, list[tuple[str, str, int | None, bool]]]]:
    """Return the side menu: groups of a heading and entries of words, address, count and whether we are there."""
    groups: dict[str, list[tuple[str, str, int | None, bool]]] = {}
    places = _places()
    here = max((one.url for one in places if f"{request.path}/".startswith(f"{one.url}/")), key=len, default="")  # the nearest one
    counts = _counts(places)
    for one in places:
        groups.setdefault(one.heading, []).append((one.label, one.url, counts.get(one.url), one.url == here))
    return list(groups.items())


def _counts(places: list[Place]) -> dict[str, int | None]:
    """Return what waits at each place that counts."""
    counting = {one.url: one.entry.count for one in places if one.entry.count}
    with reading_page() as opened:
        return dict(zip(counting, counted(opened, actor(), tuple(counting.values())), strict=True))


def _places() -> list[Place]:
    """Return the places that this actor may open from the menu, in their order."""
    made = cast(dict[tuple[str, frozenset[Role]], list[Place]], current_app.extensions["menu"])
    person = actor()
    key = (language(), person.roles)
    if key not in made:  # neither words, addresses nor what a role may change while the portal runs
        made[key] = [one for one in _all_places() if person.may(one.access)]
    return made[key]


def _all_places() -> list[Place]:
    views = [(name, view.__dict__) for name, view in current_app.view_functions.items() if hasattr(view, "entry")]
    marked: list[tuple[str, Entry, Permission]] = [(name, marks["entry"], marks["access"]) for name, marks in views]
    places = [Place(name, url_for(name), str(entry.label), str(entry.heading), entry, access) for name, entry, access in marked]
    return sorted(places, key=lambda one: one.entry.order)


def _home() -> ResponseReturnValue:
    """Lead to the to-do list of the role: home is the work, not a welcome."""
    if signed_in() is None:
        return redirect(url_for("accounts.sign_in"))
    places = _places()
    home = next((one for one in places if one.entry.home_of & actor().roles), None) or next(iter(places), None)
    if home is None:
        raise NotFound
    return redirect(home.url)


# ── what somebody looks for ──────────────────────────────────────────────────


class _Request(Request):
    """A request in whose address nobody reads for whom somebody looks (ASVS 5.0, 14.2.1): `q` is sealed there, and open here."""

    @cached_property
    def args(self) -> MultiDict[str, str]:
        asked = MultiDict(super().args)
        if "q" in asked:
            asked.setlist("q", [unsealed_words(words) for words in asked.getlist("q")])
        return asked


def _seal_words(_: str, values: dict[str, Any]) -> None:
    """Seal what is looked for in every address that is made."""
    if words := values.get("q"):
        values["q"] = sealed_words(str(words))


def _searched() -> ResponseReturnValue:
    """Take the filters of a list from a form, so that they were never part of an address, and lead on to the list."""
    to = (local_target(request.form.get("to")) or "/search").partition("?")[0]
    kept = [(name, value) for name, value in request.form.items(multi=True) if value and name not in {"to", "csrf_token"}]
    asked = [(name, sealed_words(value.strip()[:MOST_WORDS]) if name == "q" else value) for name, value in kept]
    return redirect(f"{to}?{urlencode(asked)}" if asked else to)
