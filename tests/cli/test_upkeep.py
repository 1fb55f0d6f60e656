"""`migrate`, `worker --once` and `audit verify`."""

import email
import email.policy

import pytest

from portal import db, mail
from portal.playbooks.reader import shipped

LENA = ("staff", "add", "lena@partnerly.example", "--name", "Lena Voss", "--role", "site_admin")
NEED_A_DATABASE = [
    ("worker", "--once"), ("serve",), LENA, ("signin-link", "lena@partnerly.example"), ("provider",),
    ("playbook", "import", str(shipped()[0])), ("audit", "verify"),
]  # fmt: skip


@pytest.mark.parametrize("words", NEED_A_DATABASE, ids=lambda words: " ".join(words[:2]))
def test_nothing_runs_before_the_database_is_migrated(portal, words):
    assert portal(*words).refused() == (
        "The database doesn't have this version's schema yet. Run: portal migrate"
    )


@pytest.mark.parametrize("words", [*NEED_A_DATABASE, ("migrate",)], ids=lambda words: " ".join(words[:2]))
def test_a_database_that_does_not_answer_is_said_in_a_sentence(portal, words, tmp_path):
    url = f"postgresql+psycopg://portal:hunter2@/nothing?host={tmp_path}"
    told = portal(*words, PORTAL_DATABASE_URL=url).refused()
    assert told.startswith("The database doesn't answer (")
    assert "PORTAL_DATABASE_URL" in told
    assert "hunter2" not in told
    assert "\n" not in told


@pytest.mark.parametrize(
    "url", ["sqlite:////proc/portal/portal.sqlite3", "sqlite:////dev/null/portal.sqlite3"]
)
def test_a_database_file_that_cannot_be_made_is_said_in_a_sentence(portal, url):
    assert "can't be used (" in portal("migrate", PORTAL_DATABASE_URL=url).refused()


def test_a_file_that_is_no_database_is_said_in_a_sentence(portal, tmp_path):
    (tmp_path / "portal.sqlite3").write_bytes(b"Dear diary" * 1000)
    told = portal("migrate").refused()
    assert "file is not a database" in told
    assert (tmp_path / "portal.sqlite3").read_bytes() == b"Dear diary" * 1000


def test_migrate_makes_the_schema_and_does_nothing_twice(portal):
    assert portal("migrate").worked() == "The database is up to date.\n"
    assert portal("migrate").worked() == "The database is up to date.\n"
    assert portal("audit", "verify").worked() == "The record is whole.\n"


def test_a_schema_of_a_later_version_is_left_alone(portal, install, sql):
    sql("UPDATE alembic_version SET version_num = 'from_tomorrow'")
    for words in [("migrate",), ("audit", "verify")]:
        told = portal(*words).refused()
        assert "from_tomorrow" in told
        assert "or a newer one" in told
    assert sql("SELECT version_num FROM alembic_version") == [("from_tomorrow",)]


# --- worker --once ------------------------------------------------------------------------------


@pytest.fixture
def waiting(portal, install, sql):
    """A letter that waits."""
    portal(*LENA).worked()
    db.connect(install)
    with db.transaction():
        mail.put(address="lena@partnerly.example", subject="Good morning", text="A letter.\n", kind="message")
    db.disconnect()


def test_worker_once_writes_a_waiting_letter_to_a_file(portal, install, waiting, sql, tmp_path):
    portal("worker", "--once").worked()
    (file,) = (tmp_path / "data" / "mail").glob("*.eml")
    letter = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    assert (letter["To"], letter["Subject"]) == ("lena@partnerly.example", "Good morning")
    assert file.stat().st_mode & 0o077 == 0, "only its owner may read it"
    portal("worker", "--once").worked()
    assert len(list((tmp_path / "data" / "mail").glob("*.eml"))) == 1
    assert sql("SELECT count(*) FROM letter WHERE sent_at IS NOT NULL") == [(1,)]


def test_worker_once_sends_by_smtp(portal, install, waiting, letterbox, tmp_path):
    portal("worker", "--once", PORTAL_SMTP_URL=letterbox.url).worked()
    assert [letter["Subject"] for letter in letterbox.to("lena@partnerly.example")] == ["Good morning"]
    assert not (tmp_path / "data" / "mail").exists()


def test_worker_once_goes_on_when_the_mail_server_is_away(portal, install, waiting, sql, port):
    ran = portal("worker", "--once", PORTAL_SMTP_URL=f"smtp://127.0.0.1:{port}")
    assert ran.code == 0
    assert "job put off" in ran.err
    assert "Good morning" not in ran.err
    assert sql("SELECT count(*) FROM letter WHERE sent_at IS NULL") == [(1,)]


# --- audit verify -------------------------------------------------------------------------------


def test_a_whole_record_is_said_to_be_whole(portal, install):
    portal(*LENA).worked()
    assert portal("audit", "verify").worked() == "The record is whole.\n"


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("UPDATE activity SET verb = 'signed_in' WHERE seq = 1", "number 1 was changed"),
        ("UPDATE activity SET verb = 'burnt_down' WHERE seq = 1", "number 1 was changed"),
        ("UPDATE activity SET subject_id = 99 WHERE seq = 2", "number 2 was changed"),
        ("DELETE FROM activity WHERE seq = 1", "rows are missing before number 2"),
        ("DELETE FROM activity WHERE seq = 2", "it ends at number 1"),
    ],
)
def test_a_record_that_was_tampered_with_is_named(portal, install, sql, statement, named):
    portal(*LENA).worked()
    sql(statement)
    told = portal("audit", "verify").refused()
    assert f"The installation's chain: {named}" in told
