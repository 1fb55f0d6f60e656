import pytest

from portal import db, mail
from portal.mail import Letter


@pytest.fixture
def outbox(session, settings, tmp_path, monkeypatch):
    """Letters leave as files, unfilled and with no gate before them; gives the folder that they are written to."""
    monkeypatch.setattr(mail, "_settings", None)
    monkeypatch.setattr(mail, "_fillers", {})
    monkeypatch.setattr(mail, "_gate", None)
    mail.configure(settings(PORTAL_MAIL_FROM="road@partnerly.example"))
    return tmp_path / "data" / "mail"


@pytest.fixture
def write():
    """Puts a letter to Ana and commits; returns it."""

    def put(**changes):
        plain = {
            "address": "ana@northwind.example",
            "subject": "Two things to do now",
            "text": "Hello Ana\n",
            "html": "<p>Hello Ana</p>",
            "kind": "welcome",
        }
        letter = mail.put(**{**plain, **changes})
        db.session.commit()
        return letter

    return put


@pytest.fixture
def row():
    """The only letter of the outbox as it is stored now."""

    def read():
        db.session.expire_all()
        return db.session.query(Letter).one()

    return read
