"""The side menu: each list's place in it, what waits there, and where a role starts its day."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, cast

from flask import Flask, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.access import Permission, Role
from app.counts import Part, counted
from app.db import reading
from app.errors import NotFound
from app.web import actor, language, public, signed_in


@dataclass(frozen=True)
class Entry:
    """A view's place in the side menu: its words, under which heading, in which order, and how much waits there."""

    label: Any  # a lazy sentence
    order: int
    heading: Any = ""
    count: Part | None = None
    home_of: frozenset[Role] = frozenset()  # the roles that start their day here
    finds: bool = False  # a list that the search field leads to


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
    finds: bool = False,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Give a view (outside its `@requires`) a place in the menu of everybody who may use it."""

    def mark(view: Callable[..., Any]) -> Callable[..., Any]:
        view.__dict__["entry"] = Entry(label, order, heading, count, frozenset(home_of), finds)
        return view

    return mark


def register(app: Flask) -> None:
    """Give the app its menu, the way home and the search field's way."""
    app.extensions["menu"] = {}
    app.jinja_env.globals["menu"] = menu  # called by the page layout alone: an error page must not need the database
    app.add_url_rule("/", "home", public(_home))
    app.add_url_rule("/search", "search", public(_search))


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
    with reading() as opened:
        return dict(zip(counting, counted(opened, actor(), tuple(counting.values())), strict=True))


def _places() -> list[Place]:
    """Return the places that this actor may open from the menu, in their order."""
    made = cast(dict[str, list[Place]], current_app.extensions["menu"])
    if language() not in made:  # neither words nor addresses change while the portal runs
        made[language()] = _all_places()
    return [one for one in made[language()] if actor().may(one.access)]


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


def _search() -> ResponseReturnValue:
    """Lead a search to the list in which this role finds something: its own first."""
    if signed_in() is None:
        return _home()
    lists = [one for one in _places() if one.entry.finds]
    found = next((one for one in lists if one.entry.home_of & actor().roles), None) or next(iter(lists), None)
    return redirect(url_for(found.name, q=request.args.get("q", ""))) if found else _home()
