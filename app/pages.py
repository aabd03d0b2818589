"""The templates made into code, for each language its own: sentences stand in it ready made, and what is shown is escaped at once.

What a page shows is what Jinja's own code shows, byte for byte; `tests/unit/test_pages.py` lays both side by side.
"""

import re
from collections.abc import Hashable, MutableMapping
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any, cast

from flask import Flask
from flask.templating import Environment
from flask_babel.speaklater import LazyString
from jinja2 import Template, nodes, pass_eval_context
from jinja2.compiler import CodeGenerator, Frame
from jinja2.nodes import EvalContext
from jinja2.runtime import Context, Macro, Undefined
from jinja2.utils import missing
from jinja2.visitor import NodeTransformer
from markupsafe import Markup, escape
from markupsafe import _escape_inner as escaped_text  # type: ignore[attr-defined] # what escape does to plain text, without its questions
from wtforms import Field
from wtforms.widgets import HiddenInput, TextInput

from app.speech import language, words

FACT = re.compile(r"%\((\w+)\)s")
SAYS = {"_", "gettext"}
PLAIN = {FunctionType, MethodType, BuiltinFunctionType}


# ── at work ──────────────────────────────────────────────────────────────────


def shown(value: Any) -> str:
    """Escape what a page shows, as `escape` does; what goes into the page need not be marked as escaped again."""
    kind = type(value)
    if kind is Markup:
        text: str = value
    elif kind is str:
        text = escaped_text(value)
    elif kind is Undefined:
        text = ""
    else:
        text = value.__html__() if kind is LazyString else escape(value)
    return text


class Part(Macro):
    """A macro that finds its arguments in fewer steps."""

    @pass_eval_context
    def __call__(self, *args: Any, **kwargs: Any) -> str:
        if not args or type(args[0]) is not EvalContext or self.catch_varargs or len(args) > self._argument_count + 1:
            return super().__call__(*args, **kwargs)
        found = list(args)
        is_escaped = found.pop(0).autoescape
        found += [kwargs.pop(name, missing) for name in self.arguments[len(found) :]]
        if self.caller and not self.explicit_caller:
            caller = kwargs.pop("caller", None)
            found.append(self._environment.undefined("No caller defined", name="caller") if caller is None else caller)
        if self.catch_kwargs:
            found.append(kwargs)
        elif kwargs:
            raise TypeError(f"macro {self.name!r} takes no {', '.join(kwargs)}")
        text = self._func(*found)
        return str.__new__(Markup, text) if is_escaped else text


class Made(Template):
    """A template whose parts are imported without asking whether somebody gave it names of its own: nobody does."""

    def _get_default_module(self, ctx: Context | None = None) -> Any:
        return self._module if self._module is not None else super()._get_default_module(ctx)


class Asked(Context):
    """What a template knows; a plain function that it calls is called at once."""

    def call(self, __obj: Any, *args: Any, **kwargs: Any) -> Any:
        if type(__obj) not in PLAIN or hasattr(__obj, "jinja_pass_arg"):
            return super().call(__obj, *args, **kwargs)
        kwargs.pop("_block_vars", None)
        kwargs.pop("_loop_vars", None)
        return __obj(*args, **kwargs)


# ── what templates may call ──────────────────────────────────────────────────


@pass_eval_context
def say(context: EvalContext, text: str, /, **facts: object) -> str:
    """Say a sentence of a template in this request's language: as Jinja's own way does, without asking its context for each one."""
    said: str = words.gettext(text)
    if context.autoescape:
        said = Markup(said)  # noqa: S704 (a template's own sentence; the facts are escaped as they are filled in)
    return said % facts if facts or "%" in said else said


def fixed(part: Macro, *words: Hashable) -> Markup:
    """Return a part of a page that holds words alone, drawn once for each language: it must ask nothing about whoever reads it."""
    key = (part.name, words, language())
    if key not in _fixed:
        _fixed[key] = Markup(part(*words))  # noqa: S704 (a template drew it)
    return _fixed[key]


_fixed: dict[tuple[str, tuple[Hashable, ...], str], Markup] = {}


def one_line(field: Field, **attrs: object) -> Markup:
    """Draw a field of one line byte for byte as the form library draws it, in a tenth of its time; any other as it draws itself."""
    widget: Any = field.widget
    if type(widget) not in {TextInput, HiddenInput} or getattr(field, "_datalist", None):
        return field(**attrs)
    flags = {name: value for name, value in vars(field.flags).items() if name in widget.validation_attrs}
    asked = flags | {"id": field.id, "type": widget.input_type, "value": cast(Any, field)._value()} | (field.render_kw or {}) | attrs
    known = sorted({"name": field.name, **asked}.items())
    drawn = " ".join(name if value is True else f'{name}="{escape(value)}"' for name, value in known if value is not False)
    return Markup(f"<input {drawn}>")  # noqa: S704 (its values are escaped)


# ── in the making ────────────────────────────────────────────────────────────


class _Sayer(NodeTransformer):
    """Puts sentences in the language of the page into a template: with their facts between them, which are escaped as ever."""

    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802 (Jinja's name)
        self.generic_visit(node)
        parts = _parts(node)
        if len(parts) == 1 and isinstance(parts[0], nodes.TemplateData):
            return parts[0]
        if not any(isinstance(one, nodes.TemplateData) for one in parts):
            return node
        said = nodes.Concat(parts, lineno=node.lineno)
        said.is_sentence = True  # type: ignore[attr-defined] # its facts are shown as they are, other than what `~` joins
        return said

    def visit_Output(self, node: nodes.Output) -> list[nodes.Stmt]:  # noqa: N802
        self.generic_visit(node)
        return _drawn(node.nodes, node.lineno)


def _drawn(shown: list[nodes.Expr], lineno: int) -> list[nodes.Stmt]:
    """Return statements that show the same: what is joined part after part, and of what is chosen only what is chosen."""
    made: list[nodes.Stmt] = []
    for one in (part for child in shown for part in _flat(child)):
        if isinstance(one, nodes.CondExpr):
            otherwise = _drawn([one.expr2], lineno) if one.expr2 else []
            made.append(nodes.If(one.test, _drawn([one.expr1], lineno), [], otherwise, lineno=lineno))
        elif made and isinstance(made[-1], nodes.Output):
            made[-1].nodes.append(one)
        else:
            made.append(nodes.Output([one], lineno=lineno))
    return made


def _flat(node: nodes.Expr) -> list[nodes.Expr]:
    """Return what is joined to be shown, which may as well be shown one after the other; `~` takes its parts as text first."""
    if not isinstance(node, nodes.Concat):
        return [node]
    ready = node.nodes if hasattr(node, "is_sentence") else [_as_text(one) for one in node.nodes]
    return [part for one in ready for part in _flat(one)]


def _as_text(node: nodes.Expr) -> nodes.Expr:
    """Return what shows a value as text: of a sentence to come, or of a thing that draws itself, words that are escaped then."""
    if isinstance(node, nodes.CondExpr):
        return nodes.CondExpr(node.test, _as_text(node.expr1), node.expr2 and _as_text(node.expr2), lineno=node.lineno)
    if isinstance(node, nodes.Literal | nodes.Concat):
        return node
    return nodes.Filter(node, "string", [], [], None, None, lineno=node.lineno)


def _parts(node: nodes.Call) -> list[nodes.Expr]:
    """Return a sentence as text and facts in their order; nothing for other calls, and for a sentence that only running can make."""
    if not _is_sentence(node):
        return []
    text = words.gettext(cast(nodes.Const, node.args[0]).value)
    facts = {one.key: one.value for one in node.kwargs}
    pieces = FACT.split(text)  # text, name, text, name, text
    names = pieces[1::2]
    if len(set(names)) < len(names) or not set(names) <= set(facts) or any("%" in one.replace("%%", "") for one in pieces[::2]):
        return []
    made = [facts[one] if at % 2 else nodes.TemplateData(one.replace("%%", "%"), lineno=node.lineno) for at, one in enumerate(pieces)]
    return [one for one in made if not isinstance(one, nodes.TemplateData) or one.data] or [nodes.TemplateData("", lineno=node.lineno)]


def _is_sentence(node: nodes.Call) -> bool:
    is_plain = node.dyn_args is None and node.dyn_kwargs is None and len(node.args) == 1
    says = isinstance(node.node, nodes.Name) and node.node.name in SAYS
    return is_plain and says and isinstance(node.args[0], nodes.Const) and isinstance(node.args[0].value, str)


class _Writer(CodeGenerator):
    """Writes the code of a template with our own escaping, with macros called directly and with sentences made once."""

    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:  # noqa: N802
        self._kept: dict[str, str] = {}
        self._macros = _macros(node)
        super().visit_Template(node, frame)
        self.writeline("escape, Macro = environment.shown, environment.part")
        for text, name in self._kept.items():
            self.writeline(f"{name} = {text}")

    def visit_TemplateData(self, node: nodes.TemplateData, frame: Frame) -> None:  # noqa: N802
        if frame.eval_ctx.volatile:
            super().visit_TemplateData(node, frame)
            return
        text = repr(node.as_const(frame.eval_ctx))
        self.write(self._kept.setdefault(text, f"said_{len(self._kept)}"))

    def visit_Call(self, node: nodes.Call, frame: Frame, forward_caller: bool = False) -> None:  # noqa: N802, FBT001, FBT002
        if not (isinstance(node.node, nodes.Name) and node.node.name in self._macros):
            super().visit_Call(node, frame, forward_caller=forward_caller)
            return
        self.visit(node.node, frame)
        self.write("(context.eval_ctx")
        self.signature(node, frame, {"caller": "caller"} if forward_caller else None)
        self.write(")")


def _macros(template: nodes.Template) -> set[str]:
    """Return the names that are macros in a template and nothing else."""
    imported = [name for one in template.find_all(nodes.FromImport) for name in one.names]
    macros = {one.name for one in template.find_all(nodes.Macro)} | {name if isinstance(name, str) else name[1] for name in imported}
    return (macros | {"caller"}) - {one.name for one in template.find_all(nodes.Name) if one.ctx != "load"}


class Pages(Environment):
    """The templates of the portal, each made once for each language."""

    code_generator_class = _Writer
    context_class = Asked
    template_class = Made
    shown, part = staticmethod(shown), Part

    def __init__(self, app: Any, **options: Any) -> None:
        super().__init__(app, **options)
        self._made: dict[tuple[str, str], Template] = {}

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return {**self.globals, **(d or {})}  # in one plain table: an import in a template asks it for each name

    def _load_template(self, name: str, globals: MutableMapping[str, Any] | None) -> Template:  # noqa: A002 (Jinja's name)
        key = (language(), name)
        made = self._made.get(key)
        if made is None or (self.auto_reload and not made.is_up_to_date):
            made = self._made[key] = cast(Any, self.loader).load(self, name, self.make_globals(globals))
        return made

    def _generate(self, source: nodes.Template, name: str | None, filename: str | None, defer_init: bool = False) -> str:  # noqa: FBT001, FBT002
        return super()._generate(_Sayer().visit(source), name, filename, defer_init)


def register(app: Flask) -> None:
    """Give the templates the portal's sentences, what is drawn once, and fields of one line."""
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined] # from the extension that Babel adds
        words.gettext, lambda one, many, number: words.get_translations().ungettext(one, many, number), newstyle=True
    )
    app.jinja_env.globals.update({"_": say, "gettext": say, "fixed": fixed, "one_line": one_line})
