"""`playbook check` and `playbook import`."""

import pytest

from portal.playbooks.reader import shipped
from portal.playbooks.triggers import STANDARD
from tests.playbooks.ready import READY

SHIPPED = str(shipped()[0])


@pytest.fixture
def broken(tmp_path):
    """The shipped playbook with one word of it changed; gives the file and the number of that line."""

    def make(right: str, wrong: str) -> tuple[str, int]:
        lines = shipped()[0].read_text().splitlines(keepends=True)
        at = next(n for n, line in enumerate(lines) if right in line)
        lines[at] = lines[at].replace(right, wrong)
        file = tmp_path / "broken.yaml"
        file.write_text("".join(lines))
        return str(file), at + 1

    return make


def test_check_needs_no_settings_and_no_database(portal):
    told = portal("playbook", "check", SHIPPED, PORTAL_SECRET_KEY="", PORTAL_DATABASE_URL="nonsense")
    assert told.worked() == "Partner programme: no problem found.\n"


@pytest.mark.parametrize("verb", ["check", "import"])
def test_a_broken_file_is_answered_with_file_line_and_what_would_be_right(portal, install, sql, broken, verb):
    file, line = broken("kind: read", "kind: reed")
    told = portal("playbook", verb, file).refused()
    assert told.startswith(f"{file}:{line}: ")
    assert "reed" in told
    assert "read" in told.partition("reed")[2]
    assert sql("SELECT count(*) FROM playbook_version") == [(0,)]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", ":1: the file is empty"),
        (b"key: [", ":2: this is not readable YAML"),
        (b"\xff\xfe\x00", "save it as UTF-8"),
        (b"just words", "starting with key"),
    ],
    ids=["empty", "no yaml", "binary", "no mapping"],
)
def test_a_file_that_is_no_playbook_says_so(portal, tmp_path, content, words):
    file = tmp_path / "odd.yaml"
    file.write_bytes(content)
    told = portal("playbook", "check", str(file)).refused()
    assert told.startswith(str(file))
    assert words in told


def test_a_rule_that_names_no_module_is_refused_on_its_line(portal, tmp_path):
    text = READY.replace("- include: cleaning", "- include: cleanup")
    file = tmp_path / "ready.yaml"
    file.write_text(text)
    line = text.splitlines().index("    - include: cleanup") + 1
    told = portal("playbook", "check", str(file)).refused()
    assert f"{file}:{line}: " in told
    assert "there is no module “cleanup”; there are: meet, ready" in told


def test_a_missing_file_is_named(portal, tmp_path):
    for file in (tmp_path / "none.yaml", tmp_path):
        assert portal("playbook", "check", str(file)).refused().startswith(f"{file}: the file cannot be read")


def test_the_same_file_twice_is_the_same_version(portal, install, sql):
    assert portal("playbook", "import", SHIPPED).worked() == "Partner programme is version 1 now.\n"
    again = portal("playbook", "import", SHIPPED).worked()
    assert again == "Partner programme is version 1 already; nothing was changed.\n"
    assert sql("SELECT count(*), max(n) FROM playbook_version") == [(1, 1)]
    assert sql("SELECT count(*) FROM activity WHERE verb = 'playbook_imported'") == [(1,)]


def test_a_changed_file_is_a_new_version_and_the_old_one_stays(portal, install, sql, broken):
    portal("playbook", "import", SHIPPED).worked()
    ((before,),) = sql("SELECT digest FROM playbook_version")
    changed, _line = broken("name: Partner programme", "name: Partner programme, revised")
    assert portal("playbook", "import", changed).worked() == "Partner programme, revised is version 2 now.\n"
    assert portal("playbook", "import", SHIPPED).worked().startswith("Partner programme is version 1 already")
    assert [n for (n,) in sql("SELECT n FROM playbook_version ORDER BY id")] == [1, 2]
    assert sql("SELECT digest FROM playbook_version WHERE n = 1") == [(before,)]


def test_a_file_of_triggers_is_checked_too(portal, tmp_path):
    nothing = {"PORTAL_SECRET_KEY": "", "PORTAL_DATABASE_URL": "nonsense"}
    told = portal("playbook", "check", "portal/playbooks/shipped/triggers/standard.yaml", **nothing)
    assert told.worked() == "The triggers we recommend: no problem found.\n"
    text = STANDARD.read_text()
    file = tmp_path / "mine.yaml"
    file.write_text(text.replace("fact: no_shows", "fact: noshows"))
    line = 1 + text[: text.index("fact: no_shows")].count("\n")
    told = portal("playbook", "check", str(file)).refused()
    assert told.startswith(f"{file}:{line}: triggers.T12.when.1.fact: there is no fact “noshows”")
    assert "did you mean “no_shows”?" in told
