"""Sealed files, and what somebody might do to them."""

import io
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cache
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

from asn1crypto.keys import PrivateKeyInfo
from asn1crypto.tsp import TimeStampReq
from asn1crypto.x509 import Certificate
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from flask import current_app
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import NameObject, TextStringObject
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.writer import PageObject, PdfFileWriter
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper
from sqlalchemy import select

from portal import clock, db, jobs
from portal.config import Config
from portal.plans import jobs as seal_jobs
from portal.plans import keys, sealing
from portal.plans.models import PlanVersion, Seal
from portal.plans.sealing import Sealed

HEAD = "0" * 64


def config() -> Config:
    return current_app.config["PORTAL"]


@cache
def a_pdf(text: str = "The plan") -> bytes:
    """A small PDF of one page, made without WeasyPrint."""
    writer = PdfFileWriter()
    content = generic.StreamObject(stream_data=f"BT /F1 24 Tf 72 720 Td ({text}) Tj ET".encode())
    page = PageObject(contents=writer.add_object(content), media_box=(0, 0, 595, 842))
    writer.insert_page(page)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def sealed(pdf: bytes | None = None) -> Sealed:
    keys.ensure(config(), "Partnerly")
    return sealing.seal(pdf or a_pdf(), sealing.about(HEAD))


def seal_now(version: PlanVersion, monkeypatch: Any, pdf: bytes | None = None) -> Seal:
    """Let the worker seal this version, with `pdf` for its final file."""
    keys.ensure(config(), "Partnerly")
    monkeypatch.setattr(seal_jobs.printing, "final", lambda _page: pdf or a_pdf())
    version_id = version.id
    db.session.commit()
    run_jobs("plans.seal")
    seal = db.session.scalar(select(Seal).where(Seal.version_id == version_id))
    assert seal is not None
    return seal


def run_jobs(kind: str) -> None:
    """Do the jobs of one kind that are due."""
    others = db.session.query(jobs.Job).filter(jobs.Job.kind != kind)
    others.update({"run_at": clock.now() + timedelta(days=300)})
    db.session.commit()
    while (claim := jobs.claim()) is not None:
        jobs.run(claim)


# --- Tampering ------------------------------------------------------------------------------------


def flipped(content: bytes, at: int, mask: int = 1) -> bytes:
    return content[:at] + bytes([content[at] ^ mask]) + content[at + 1 :]


def updated(content: bytes) -> bytes:
    """The same file with an incremental update that changes a page."""
    writer = IncrementalPdfFileWriter(io.BytesIO(content))
    page, _parent = writer.find_page_for_modification(0)
    page.get_object()[NameObject("/Changed")] = TextStringObject("yes")
    writer.update_container(page.get_object())
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def lengthened(content: bytes) -> bytes:
    """The same file with one page more, which an incremental update brings."""
    writer = IncrementalPdfFileWriter(io.BytesIO(content))
    stream = generic.StreamObject(stream_data=b"")
    writer.insert_page(PageObject(contents=writer.add_object(stream), media_box=(0, 0, 595, 842)))
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def encrypted() -> bytes:
    writer = PdfFileWriter()
    writer.insert_page(
        PageObject(contents=writer.add_object(generic.StreamObject(stream_data=b"")), media_box=(0, 0, 9, 9))
    )
    writer.encrypt("owner", "user")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def resigned(name: str, tmp_path: Any, settings: Any, pdf: bytes | None = None) -> bytes:
    """Sealed by another install, whose provider has this name."""
    other = settings(PORTAL_DATA_DIR=str(tmp_path / f"other-{name}"))
    keys.ensure(other, name)
    key = keys.current(other)
    return sealing._signed(pdf or a_pdf(), key, None, clock.now(), "")


# --- A time stamp authority -----------------------------------------------------------------------


@cache
def authority() -> DummyTimeStamper:
    """pyHanko's own, with a certificate made for it."""
    private = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Time for tests")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(private.public_key())
    made = made.serial_number(7).not_valid_before(datetime(2020, 1, 1)).not_valid_after(datetime(2040, 1, 1))
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
    made = made.add_extension(usage, critical=True).sign(private, SHA256())
    return DummyTimeStamper(
        Certificate.load(made.public_bytes(Encoding.DER)),
        PrivateKeyInfo.load(private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())),
        fixed_dt=clock.now(),
    )


def stamp(body: bytes) -> bytes:
    """What an honest authority answers."""
    return authority().request_tsa_response(TimeStampReq.load(body)).dump()


@contextmanager
def listening(answer: Any) -> Iterator[tuple[str, list[str]]]:
    """An authority on this machine: its address, and the paths that were asked for. `answer(handler, body)` writes."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(self.path)
            answer(self, self.rfile.read(int(self.headers["Content-Length"])))

        def do_GET(self) -> None:
            asked.append(f"GET {self.path}")
            self.send_error(500)

        def log_message(self, *_args: Any) -> None:
            pass

    class Server(socketserver.ThreadingMixIn, HTTPServer):
        daemon_threads = True

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/tsa?plan=1", asked
        server.shutdown()


def say(
    handler: BaseHTTPRequestHandler,
    content: bytes,
    status: int = 200,
    kind: str = "application/timestamp-reply",
    **headers: str,
) -> None:
    handler.send_response(status)
    handler.send_header("Content-Type", kind)
    handler.send_header("Content-Length", str(len(content)))
    for name, value in headers.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(content)
