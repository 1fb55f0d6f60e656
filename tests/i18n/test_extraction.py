"""What goes through gettext can be found by the tool that gathers it for translators."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.frontend import CommandLineInterface
from babel.messages.pofile import read_po
from flask import Flask
from jinja2 import nodes

from portal.onboardings.words import STEP_STATES
from tests.architecture.tree import ROOT, ours, text
from tests.i18n.wide import missed, plain_words

CALLS = {"_", "_l", "gettext", "ngettext", "lazy_gettext"}
COMMAND = "pybabel extract -F pyproject.toml -k _l -k lazy_gettext -o messages.pot ."


@pytest.fixture(scope="module")
def catalog(tmp_path_factory) -> Catalog:
    """Every message, as a translator gets them."""
    file = tmp_path_factory.mktemp("catalogue") / "messages.pot"
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        CommandLineInterface().run(["pybabel", "-q", *COMMAND.replace("messages.pot", str(file)).split()[1:]])
    with file.open("rb") as found:
        return read_po(found)


def test_the_command_stands_where_translators_look():
    assert COMMAND in text("pyproject.toml")


def test_sentences_of_python_templates_and_letters_are_found(catalog):
    places = {Path(place).parts[:2] for message in catalog for place, _line in message.locations}
    assert {("portal", "web.py"), ("portal", "road"), ("portal", "desk"), ("templates", "emails")} <= places
    assert len(catalog) > 900
    assert "There is nothing at this address." in catalog
    assert str(next(iter(STEP_STATES.values()))) in catalog


def test_placeholders_have_names_and_plurals_have_the_same(catalog):
    """A translator may move them; `%s` and `{}` would stay where English has them."""
    for message in catalog:
        one, many = message.id if isinstance(message.id, tuple) else (message.id, message.id)
        assert not re.search(r"%[sd]|\{\}|\{\w+\}(?!\})", one.replace("%%", "")), one
        named = [set(re.findall(r"%\((\w+)\)", form)) for form in (one, many)]
        assert named[0] - {"num"} == named[1] - {"num"}, message.id


def hidden(source: str) -> Iterator[int]:
    """The lines where Python asks gettext for something that no tool can read there."""
    for node in ast.walk(ast.parse(source)):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in CALLS
            and node.args
        ):
            many = 2 if node.func.id == "ngettext" else 1
            if not all(isinstance(a, ast.Constant) and isinstance(a.value, str) for a in node.args[:many]):
                yield node.lineno


def hidden_in_template(app: Flask, source: str) -> Iterator[int]:
    """The same for a template."""
    for call in app.jinja_env.parse(source).find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name in CALLS:
            many = 2 if call.node.name == "ngettext" else 1
            if not all(isinstance(a, nodes.Const) and isinstance(a.value, str) for a in call.args[:many]):
                yield call.lineno


# Gone with them: what `trans` says, and blocks that hold a class or an address.
JINJA = re.compile(
    r"\{%-?\s*trans\b.*?endtrans\s*-?%\}|\{% block (?:body_class|action) %\}.*?\{% endblock %\}"
    r"|\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}",
    re.DOTALL,
)


def bare(name: str, source: str) -> list[str]:
    """The sentences that a template holds outside gettext, in whichever branch; a rendered page shows only some."""
    rest = JINJA.sub(" ", source)
    if not name.endswith(".html"):
        return [line for line in rest.splitlines() if plain_words(line)]
    return [
        piece for piece in missed(rest) if '="' not in piece
    ]  # Attributes that a macro adds are no sentence.


def test_no_template_holds_a_sentence():
    found = [f"{name}: {piece}" for name in ours("templates/") for piece in bare(name, text(name))]
    assert found == []


def test_a_bare_sentence_is_found():
    planted = '{% if a %}<p>Seldom seen</p>{% endif %}<img alt="A road"><a title="{{ _("Fine") }}">{{ _("Fine") }}</a>'
    assert bare("a.html", planted) == ["Seldom seen", "A road"]
    assert bare("a.txt", "{{ _('Good morning') }}\nBest wishes\n") == ["Best wishes"]


def test_no_sentence_hides_from_the_tool(shared_app):
    found = [f"{name}:{line}" for name in ours("portal/", end=".py") for line in hidden(text(name))]
    for name in ours("templates/"):
        found += [f"{name}:{line}" for line in hidden_in_template(shared_app, text(name))]
    assert found == []


def test_a_hidden_sentence_is_found(shared_app):
    assert list(hidden('_(f"Hello {name}")\n_("Hello")\n_(word)\nngettext("%(num)s day", days, n)')) == [
        1,
        3,
        4,
    ]
    planted = (
        '{{ _("Hello") }}\n{{ _(word) }}\n{{ ngettext("%(num)s day", "%(num)s days", n) }}\n{{ _("a" ~ b) }}'
    )
    assert list(hidden_in_template(shared_app, planted)) == [2, 4]
