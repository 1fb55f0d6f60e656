"""Every command explains itself, and a slip of the fingers is answered with one sentence."""

import re
from collections.abc import Iterator

import click
import pytest

from portal import cli
from tests.architecture.tree import text

ISSUE_2 = {
    "serve", "worker", "migrate", "demo", "signin-link", "staff add", "playbook check", "playbook import",
    "audit verify", "doctor",
}  # fmt: skip


def commands(group: click.Group = cli.portal, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The words of every command that does something."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name)


ALL = list(commands())


def test_the_contracts_commands_are_there():
    assert {" ".join(words) for words in ALL} == ISSUE_2 | {
        "provider",
        "staff set",
        "staff list",
        "seal renew",
        "verify",
        "key add",
    }


@pytest.mark.parametrize(
    "words", [(), ("staff",), ("playbook",), ("audit",), ("seal",), ("key",), *ALL], ids=" ".join
)
def test_help_explains_and_ends_well(portal, words):
    told = portal(*words, "--help", PORTAL_SECRET_KEY="").worked()
    assert told.startswith("Usage: ")
    assert len(told.splitlines()[2].strip()) > 10, "no sentence on what it does"


def test_every_option_says_what_it_means():
    silent = []
    for words in ALL:
        command = cli.portal
        for word in words:
            command = command.commands[word]
        silent += [f"{words} {p.name}" for p in command.params if isinstance(p, click.Option) and not p.help]
    assert silent == []


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("migrat",), "migrat"),
        (("staff", "add"), "EMAIL"),
        (("staff", "add", "a@b.example", "--role", "csm"), "--name"),
        (("staff", "add", "a@b.example", "--name", "Al"), "--role"),
        (("staff", "add", "a@b.example", "--name", "Al", "--role", "boss"), "'site_admin'"),
        (("staff", "set"), "EMAIL"),
        (("staff", "set", "a@b.example", "--capacity", "many"), "--capacity"),
        (("worker", "--twice"), "--twice"),
        (("serve", "--port", "70000"), "65535"),
        (("provider", "--reply-hours", "none"), "--reply-hours"),
        (("provider", "--logo", "nowhere.png"), "nowhere.png"),
        (("playbook", "check"), "FILE"),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value),
)
def test_a_misspelt_command_is_one_sentence(portal, words, named):
    sentence = portal(*words).refused()
    assert named in sentence
    assert "\n" not in sentence


def test_a_command_alone_lists_what_there_is(portal):
    told = portal().refused()
    assert all(words[0] in told for words in ALL)


def test_readme_lists_every_command():
    table = text("README.md").partition("## Commands")[2].partition("\n## ")[0]
    listed = {
        re.sub(r" (EMAIL|FILE|\[).*", "", row)
        for row in re.findall(r"^\| `portal ([^`]+)`", table, re.MULTILINE)
    }
    named = {word for row in listed for word in row.replace("\\|", " ").split()}
    assert {word for words in ALL for word in words} <= named
