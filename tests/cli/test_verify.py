"""`portal verify`: one sentence, and 0 or 1 for a script; without the network."""

import socket

import pytest

from portal import config, db
from portal.app import create_app
from tests.plans import making
from tests.plans.seals import flipped, seal_now
from tests.plans.signed import sign


@pytest.fixture
def sealed(install, environ, clock, monkeypatch, tmp_path):
    """The sealed file of a signed plan, as somebody has it on their disk."""
    app = create_app(config.read(environ))
    with app.test_request_context():
        db.start()
        made = making.road(clock)
        version = sign(making.sent(made), made.ana, made.priya)
        content = seal_now(version, monkeypatch).path.read_bytes()
        db.session.remove()
    path = tmp_path / "signed plan.pdf"
    path.write_bytes(content)
    return path


def test_a_sealed_file_and_a_changed_one(portal, sealed, monkeypatch):
    real = socket.socket.connect

    def connect(self, address):
        assert self.family == socket.AF_UNIX or address[0] in ("127.0.0.1", "::1"), (
            "somebody outside was called"
        )
        return real(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect)
    told = portal("verify", str(sealed))
    assert (told.code, told.err) == (0, "")
    assert told.out.startswith(
        "Verified. Version 1 of the onboarding plan of Northwind and Partnerly, signed by Ana "
    )
    sealed.write_bytes(flipped(sealed.read_bytes(), 30))
    told = portal("verify", str(sealed))
    assert (told.code, told.err) == (1, "")
    assert told.out == "Not verified. It was changed after it was sealed: 1 byte is not as we keep it.\n"


def test_a_file_that_is_not_there(portal, install, tmp_path):
    assert "nothing.pdf" in portal("verify", str(tmp_path / "nothing.pdf")).refused()
    assert portal("verify", str(tmp_path)).refused()


def test_something_else(portal, install):
    told = portal("verify", "README.md")
    assert (told.code, told.out) == (1, "Not verified. The file is not a PDF.\n")
