"""Templates made into our own code show byte for byte what Jinja's own code shows, and fields what the form library draws."""

import pytest
from flask import Flask, session
from flask.templating import Environment
from flask_babel import lazy_gettext
from jinja2 import DictLoader, UndefinedError
from markupsafe import Markup
from wtforms import Form, HiddenField, StringField
from wtforms.validators import InputRequired, Length

from app import pages, speech
from app.web import money

PARTS = """
{%- macro named(name, kind="", picture=none) %}<b class="x{{ ' x--' ~ kind if kind }}">{{ name }}{{ picture }}</b>{% endmacro %}
{%- macro around(title) %}<p>{{ title }}{{ caller() if caller }}</p>{% endmacro %}
{%- macro each(rows) %}{% for one in rows %}{{ caller(one) }}{% endfor %}{% endmacro %}
{%- macro rest(first) %}{{ first }}{{ kwargs|xmlattr }}{{ varargs|join(",") }}{% endmacro %}"""
IMPORTS = '{% from "parts" import named, around, each, rest as more %}'
SHAPES = [
    '{{ _("Geboren %(day)s", day=text) }}',
    '{{ _("Krijgt %%") }}',
    '{{ _("Akkoord vooraf, versie %(version)s", version=none) }}',
    '{{ _("Onbekende zin %(a)s en %(a)s", a=text) }}',
    '{{ _("Zin met %(a)d", a=3) }}',
    "{{ _(text) }}",
    '{{ _("Ja") if yes }}|{{ "<" if no }}',
    '{{ "<i>" ~ text ~ safe ~ 3 }}',
    '{{ text if no else safe if no else _("Nee") }}',
    "{{ late ~ text }}{{ 'x' ~ drawn }}{{ 'x' ~ (late if yes) ~ safe }}{{ late }}{{ drawn }}",
    "{{ lazy }}{{ missing }}{{ none }}{{ 1.5 }}{{ yes }}",
    '{{ named(_("Geboren %(day)s", day=text), "good") }}',
    "{{ named(text, picture=safe) }}",
    '{% call around("&") %}{{ text }}{% endcall %}',
    "{{ around(safe) }}",
    "{% call(one) each([text, safe, 3]) %}{{ named(one) }},{% endcall %}",
    '{{ more(text, 1, 2, id="<x>") }}',
    '{% set kept %}{{ text }}<br>{{ _("Ja") }}{% endset %}{{ kept }}{{ kept|length }}',
    '{% autoescape false %}{{ text }}{{ _("Ja") }}{% endautoescape %}',
    '{{ [_("Ja"), text]|join(", ") }}{{ (_("Ja") ~ text)|upper }}',
    "{{ 12345|money }}{{ text|safe }}{{ cents(5) }}{{ row.name }}{{ row['name'] }}",
    '{{ ngettext("%(num)s dag", "%(num)s dagen", 2) }}{{ ngettext("%(num)s dag", "%(num)s dagen", 1, x=text) }}',
]
FACTS = {
    "text": "a <b> & 'c'",
    "safe": Markup("<em>&amp;</em>"),
    "lazy": lazy_gettext("Ja"),
    "late": lazy_gettext("Geboren %(day)s", day="<x>"),
    "drawn": type("Drawn", (), {"__html__": lambda _: "<h>", "__str__": lambda _: "<s>"})(),
    "yes": True,
    "no": False,
    "cents": lambda n: f"<{n}>",
    "row": {"name": 'Van "\'t Hof"'},
}


class Plain(Environment):
    """Jinja's own code."""


def drawn(kind, language):
    app = Flask("app")
    app.secret_key = "a secret"
    app.jinja_environment = kind
    speech.register(app)
    pages.register(app)
    app.add_template_filter(money)
    app.jinja_env.loader = DictLoader({"parts": PARTS, "page": IMPORTS + "\n".join(SHAPES)})
    app.jinja_env.autoescape = True
    with app.test_request_context():
        session["language"] = language
        return app.jinja_env.get_template("page").render(FACTS)


@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_page_shows_what_the_library_would_show(language):
    ours, theirs = drawn(pages.Pages, language).splitlines(), drawn(Plain, language).splitlines()
    assert len(ours) > len(SHAPES) - 1
    assert list(zip(ours, theirs, strict=True)) == list(zip(theirs, theirs, strict=True))


def test_each_language_has_pages_of_its_own():
    app = Flask("app")
    app.secret_key = "a secret"
    app.jinja_environment = pages.Pages
    speech.register(app)
    app.jinja_env.loader = DictLoader({"page": '{{ _("Geboren %(day)s", day="<") }}'})
    app.jinja_env.autoescape = True
    said = []
    for code in ("nl", "en", "nl"):
        with app.test_request_context():
            session["language"] = code
            said.append(app.jinja_env.get_template("page").render())
    assert said == ["Geboren &lt;", "Born &lt;", "Geboren &lt;"]


def test_a_part_refuses_what_it_does_not_ask():
    environment = pages.Pages(Flask("app"), autoescape=True)
    page = environment.from_string("{% macro part(a) %}{{ a }}{% endmacro %}{{ part(1, b=2) }}")
    with Flask("app").app_context(), pytest.raises(TypeError, match="takes no"):
        page.render()
    with Flask("app").app_context(), pytest.raises(UndefinedError):
        environment.from_string("{% macro part() %}{{ caller() }}{% endmacro %}{{ part() }}").render()


def test_a_field_of_one_line_is_what_the_form_library_draws():
    class Question(Form):
        name = StringField("Naam", [InputRequired(), Length(max=20)], render_kw={"inputmode": "decimal", "spellcheck": False})
        plain = StringField()
        hidden = HiddenField()

    form = Question(data={"name": "a \"<b>\" & 'c'", "hidden": 3})
    attrs = {"class": "input", "aria-describedby": "x", "autofocus": True}
    assert [pages.one_line(one, **attrs) for one in form] == [one(**attrs) for one in form]
