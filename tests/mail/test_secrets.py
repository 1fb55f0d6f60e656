"""A08, L04: letters that sign somebody in hold no token while they rest; nothing of a letter is logged."""

import hashlib
import secrets

import pytest
from structlog.testing import capture_logs

from portal import db, jobs, mail, worker

LETTER = {"text": "Sign in: {{link}}\nor type {{code}}\n", "html": '<a href="{{link}}">Sign in</a>'}


@pytest.fixture
def minted(outbox):
    """A filler as sign-in uses it; the tokens it made, in order."""
    made = []

    @mail.filler("test.link")
    def fill(link):
        made.append(secrets.token_urlsafe(16))
        digest = hashlib.sha256(made[-1].encode()).hexdigest()
        jobs.put("test.stored", {"link": link, "digest": digest})  # Stands for the row with the hash.
        return {"link": f"https://portal.example/login/{made[-1]}?a=1&b=2", "code": "123456"}

    jobs.handles("test.stored")(lambda claim: None)
    return made


def everything_stored():
    tables = db.Base.metadata.sorted_tables
    return "".join(str(line) for table in tables for line in db.session.execute(table.select()))


def test_a08_the_token_is_made_as_the_letter_leaves_and_rests_nowhere(minted, outbox, write):
    write(fill=("test.link", {"link": 7}), **LETTER)
    assert minted == []
    worker.work(once=True)
    (file,) = outbox.glob("*.eml")
    assert minted[0].encode() in file.read_bytes()
    assert b"?a=1&amp;b=2" in file.read_bytes().replace(b"=3D", b"=").replace(b"=\r\n", b"")
    stored = everything_stored()
    assert minted[0] not in stored
    assert "123456" not in stored
    assert hashlib.sha256(minted[0].encode()).hexdigest() in stored


def test_a08_the_filler_is_asked_again_for_a_second_attempt(minted, outbox, write, clock, monkeypatch):
    def away(message, folder):
        raise OSError(f"could not write {message.as_string()}")

    with monkeypatch.context() as patch, capture_logs() as logs:
        patch.setattr(mail, "_write", away)
        write(fill=("test.link", {"link": 7}), **LETTER)
        worker.work(once=True)
    clock.forward(minutes=1)
    worker.work(once=True)
    assert len(minted) == 2
    (file,) = outbox.glob("*.eml")
    assert minted[1].encode() in file.read_bytes()
    assert logs, "the failure was logged"
    assert minted[0] not in str(logs) + everything_stored()


def test_l04_a_failure_logs_neither_address_nor_subject_nor_text(outbox, write, monkeypatch):
    monkeypatch.setattr(
        mail, "compose", lambda letter, replacements: {}[letter.address + letter.subject + letter.text]
    )
    with capture_logs() as logs:
        write(subject="Payouts of Northwind", text="confidential")
        worker.work(once=True)
    assert logs[0]["reason"].startswith("KeyError at ")
    for word in ("ana@", "Payouts", "confidential"):
        assert word not in str(logs) + db.session.query(jobs.Job).one().error


def test_a_letter_nobody_wants_any_more_is_dropped(outbox, write, row):
    mail.filler("test.link")(lambda link: None)
    write(fill=("test.link", {"link": 7}), **LETTER)
    worker.work(once=True)
    assert not outbox.exists()
    assert row().dropped_because == "no longer wanted"
