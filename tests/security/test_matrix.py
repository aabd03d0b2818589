"""Every route, asked with every method by everybody about what is theirs, somebody else's, missing, ended, resting and erased."""

from itertools import groupby

import pytest

from app.access import GRANTS, Permission
from tests.security import grounds, matrix
from tests.security.counting import count
from tests.security.world import PEOPLE

pytest_plugins = ["tests.security.copies"]
HOW_TO_ADD = (
    "Run `python -m tests.security.matrix 'GET /your/{thing}' ours theirs missing ended` (no things when the address names none), read "
    "every cell of the lines that it prints, and add them. A new kind of thing goes to MISSING and build() in world.py, what a form needs "
    "to BODIES in matrix.py."
)
OUTSIDE = ("nobody", "half", "gone", "left", "code")  # none of them acts for an organisation
LINES = matrix.lines()
MAY_CHANGE = {"audit_event", "audit_head", "sign_in_throttle"}  # that somebody was refused is told to the audit, and slows who guesses


def kept():
    """Return the database without what a refusal may leave behind."""
    return {table: rows for table, rows in grounds.dump().items() if table not in MAY_CHANGE}


@pytest.fixture
def views(portal, world):
    """What each line asks for."""
    return {line.name: matrix.view_of(portal, world, line) for line in LINES}


def test_every_route_stands_in_the_table(portal, views):
    asked = {(line.method, *views[line.name][:2]) for line in LINES}
    missing = [
        f"{method} {rule} {' '.join(words)}".strip()
        for method, rule, words in matrix.declared(portal)
        if (method, rule, words) not in asked
    ]
    assert not missing, f"{matrix.TABLE} has no line for {missing}. {HOW_TO_ADD}"


def test_the_table_agrees_with_the_grants(views):
    """What the table expects of a person without the permission is a page that does not exist, and of a stranger the way to sign in."""
    wrong = []
    for line in LINES:
        access = views[line.name][2]
        for name in matrix.PEOPLE if isinstance(access, Permission) else ():
            if name in OUTSIDE and line.cells[name] != "in":
                wrong.append(f"{line.name}: {name}")
            if name not in OUTSIDE and access not in GRANTS[PEOPLE[name][1]] and line.cells[name] != "404":
                wrong.append(f"{line.name}: {name} lacks {access.code}")
    assert not wrong


# whether a letter is ours, and links that are their own key: whoever holds them
FOR_ALL = {"/verify", "/mail/stop/{stop}", "/relations/calendar/{feed}.ics"}


def test_the_table_treats_both_creditors_alike():
    """What one may with its own, the other may with its own, and neither with the other's."""
    cells = {(line.method, line.path, line.things): line.cells for line in LINES}
    for (method, path, things), mine in cells.items():
        theirs = cells.get((method, path, {"ours": "theirs", "theirs": "ours"}.get(things, things)))
        if theirs and things in {"ours", "theirs", "-", "missing"}:
            assert (mine["worker"], mine["manager"]) == (theirs["worker2"], theirs["manager2"]), (method, path, things)
            assert things != "theirs" or path in FOR_ALL or mine["manager"] in {"404", "in"}, (method, path)


def is_refusal(line, name, access):
    """Tell whether a cell says that nothing is to happen; leading to sign in is one where the view asks for a permission."""
    return line.cells[name] in {"404", "405", "400", "403"} or (line.cells[name] == "in" and access != "public")


@pytest.mark.parametrize("name", matrix.PEOPLE)
def test_everybody_gets_what_the_table_says(portal, world, views, restore, name):
    refused = [line for line in LINES if is_refusal(line, name, views[line.name][2])]
    before, answers = kept(), {}
    for line in refused:
        answers[line.name] = matrix.ask(world.browser(portal, name), world, line)
    changed = [table for table, rows in kept().items() if rows != before[table]]
    allowed = sorted((line for line in LINES if line not in refused), key=lambda line: line.method != "GET")
    for line in allowed:
        answers[line.name] = matrix.ask(world.browser(portal, name), world, line)
        if line.method != "GET":
            restore()
    wrong = [
        f"{line.name}: {got} and not {line.cells[name]}"
        for line in LINES
        if (got := matrix.outcome(answers[line.name][0])) != line.cells[name]
    ]
    assert not wrong, f"{name} gets another answer than {matrix.TABLE.name} says"
    assert not changed, f"what {name} was refused changed rows of {changed}"
    assert not telling(refused, answers), f"{name} can tell these from what is missing"
    count("1 matrix", "routes × people × things", len(LINES))


def telling(refused, answers):
    """Return the lines whose refusal differs in a byte from that of what is missing."""
    found = []
    for _, group in groupby(sorted(refused, key=lambda line: (line.method, line.path)), key=lambda line: (line.method, line.path)):
        lines = {line.things: line for line in group}
        if "missing" in lines:
            missing = matrix.bare(*answers[lines["missing"].name])
            found += [line.name for line in lines.values() if matrix.bare(*answers[line.name]) != missing]
    return found


@pytest.mark.parametrize("name", ["nobody", "officer"])
def test_other_methods_are_not_allowed(portal, world, name):
    for path, line in {line.path.partition("?")[0]: line for line in LINES}.items():
        own = portal.url_map.bind("").allowed_methods(path.format(**matrix.values(world, line.things)))
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - set(own):
            asked = matrix.Line(method, path, line.things, {})
            assert matrix.ask(world.browser(portal, name), world, asked)[0].status_code == 405, asked.name
            count("1 matrix", "methods that a route does not have")


@pytest.mark.parametrize("name", ["nobody", "worker", "agent2", "officer", "team"])
def test_asking_for_the_head_alone_tells_no_more(portal, world, name):
    for line in (one for one in LINES if one.method == "GET"):
        answer, _ = matrix.ask(world.browser(portal, name), world, matrix.Line("HEAD", line.path, line.things, {}))
        assert matrix.outcome(answer) == line.cells[name], line.name
        assert answer.data == b""
        count("1 matrix", "heads alone")
