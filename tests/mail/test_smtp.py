"""Letters out through a mail server."""

import socket
import ssl

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from portal import db, jobs, mail, worker


@pytest.fixture
def by_server(outbox, settings, letterbox):
    mail.configure(settings(PORTAL_SMTP_URL=letterbox.url))
    return letterbox


def test_a_letter_arrives_once_with_its_message_id(by_server, write, row, clock):
    write(subject="Grüße", text="Żółw " * 400)
    worker.work(once=True)
    worker.work(once=True)
    (letter,) = by_server.to("ana@northwind.example")
    assert letter["Message-ID"] == f"<{row().message_id}@localhost>"
    assert letter["Subject"] == "Grüße"
    assert "Żółw" in letter.get_body(("plain",)).get_content()
    assert row().sent_at == clock.now


@pytest.mark.parametrize("answer", ["451 greylisted: come back", "421 closing"])
def test_a_refusal_for_now_is_tried_again(by_server, write, row, clock, answer):
    by_server.answer = answer
    write()
    worker.work(once=True)
    assert (row().sent_at, row().dropped_at) == (None, None)
    by_server.answer = "250 OK"
    clock.forward(minutes=1)
    worker.work(once=True)
    assert row().sent_at == clock.now
    assert len(by_server.received) == 1


def test_a_refusal_for_good_is_kept_with_its_reason(by_server, write, row):
    by_server.answer = "554 this looks like junk from ana@northwind.example"
    write()
    worker.work(once=True)
    assert row().dropped_because == "The mail server did not take this letter (554)."
    assert db.session.query(jobs.Job).one().done_at is not None


def test_a_server_that_is_away_is_tried_again(outbox, settings, write, row, clock):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        mail.configure(settings(PORTAL_SMTP_URL=f"smtp://127.0.0.1:{closed.getsockname()[1]}"))
        write()
        worker.work(once=True)
    assert (row().sent_at, row().dropped_at) == (None, None)
    assert "ConnectionRefusedError" in db.session.query(jobs.Job).one().error


class _Rude:
    """Refuses every recipient for good."""

    async def handle_RCPT(self, server, session, envelope, address, options):
        return "550 nobody here"


class _HangsUp:
    """Takes the letter, and drops the line instead of saying goodbye."""

    def __init__(self):
        self.letters = 0

    async def handle_DATA(self, server, session, envelope):
        self.letters += 1
        return "250 OK"

    async def handle_QUIT(self, server, session, envelope):
        server.transport.abort()
        return "221 Bye"


class _Kept:
    def __init__(self):
        self.letters = []

    async def handle_DATA(self, server, session, envelope):
        self.letters.append((session.ssl is not None, session.authenticated))
        return "250 OK"


class _AnyPort(Controller):
    def _trigger_server(self):
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@pytest.fixture
def serve():
    """Starts mail servers of other sorts; returns the port."""
    running = []

    def start(handler, **options):
        controller = _AnyPort(handler, hostname="127.0.0.1", port=0, **options)
        controller.start()
        running.append(controller)
        return controller.port

    yield start
    for controller in running:
        controller.stop()


def test_an_unknown_address_is_not_tried_for_half_a_day(outbox, settings, write, row, serve):
    mail.configure(settings(PORTAL_SMTP_URL=f"smtp://127.0.0.1:{serve(_Rude())}"))
    write()
    worker.work(once=True)
    assert row().dropped_because == "The mail server does not take letters for this address (550)."


def test_a_letter_that_was_taken_is_not_sent_again_because_the_server_hung_up(
    outbox, settings, write, row, serve, clock
):
    rude = _HangsUp()
    mail.configure(settings(PORTAL_SMTP_URL=f"smtp://127.0.0.1:{serve(rude)}"))
    write()
    worker.work(once=True)
    clock.forward(days=1)
    worker.work(once=True)
    assert rude.letters == 1
    assert row().sent_at is not None


def test_starttls_is_used_when_offered_and_the_password_goes_after_it(
    outbox, settings, write, row, serve, certificate
):
    kept, seen = _Kept(), []

    def authenticate(server, session, envelope, mechanism, data):
        seen.append((session.ssl is not None, data.login, data.password))
        return AuthResult(success=True)

    port = serve(kept, tls_context=certificate, authenticator=authenticate, auth_required=True)
    mail.configure(settings(PORTAL_SMTP_URL=f"smtp://road:p%40ss@127.0.0.1:{port}"))
    write()
    worker.work(once=True)
    assert seen == [(True, b"road", b"p@ss")]
    assert kept.letters == [(True, True)]
    assert row().sent_at is not None


def test_a_password_is_never_sent_in_the_clear_to_another_machine(
    outbox, settings, write, row, serve, monkeypatch
):
    port, real = serve(_Kept()), socket.create_connection
    monkeypatch.setattr(
        socket, "create_connection", lambda address, *more, **options: real(("127.0.0.1", port), *more)
    )
    mail.configure(settings(PORTAL_SMTP_URL="smtp://road:secret@mail.partnerly.example"))
    write()
    worker.work(once=True)
    assert row().sent_at is None
    assert "password was not sent" in db.session.query(jobs.Job).one().error


@pytest.fixture
def certificate(tmp_path):
    """A server's TLS with a certificate made for nobody."""
    import subprocess

    key, paper = tmp_path / "key.pem", tmp_path / "cert.pem"
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
    ]
    where = ["-keyout", key, "-out", paper, "-days", "2", "-subj", "/CN=nobody"]
    subprocess.run([*command, *where], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(paper, key)
    return context
