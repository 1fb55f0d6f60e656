"""The whole way: the last signature, the worker, the file; and what stands in it."""

import hashlib
import io
import shutil
import subprocess

import pytest
from flask import current_app
from pyhanko.pdf_utils.reader import PdfFileReader

from portal import db
from portal.plans import keys, verification
from portal.plans.certificate import grouped
from portal.plans.models import PlanVersion, Seal
from tests.infra.missing import missing
from tests.plans import making, reading
from tests.plans.seals import flipped, listening, run_jobs, say, stamp
from tests.plans.signed import sign


@pytest.fixture
def install(app, made, monkeypatch, settings):
    monkeypatch.setitem(app.config, "PORTAL", settings())
    keys.ensure(app.config["PORTAL"], "Partnerly")


def sealed(made) -> tuple[PlanVersion, Seal, bytes]:
    version_id = sign(making.sent(made, sponsors=True), made.ana, made.rui, made.priya).id
    db.session.commit()
    run_jobs("plans.seal")
    version = db.session.get_one(PlanVersion, version_id)
    assert version.seal is not None, version.seal_failure
    return version, version.seal, version.seal.path.read_bytes()


def test_e08_what_the_certificate_states_of_the_seal_is_what_is_kept(made, install, tmp_path):
    version, seal, content = sealed(made)
    words = reading.words(content, tmp_path)
    flat = "".join(words.split())
    for stated in (seal.certificate, seal.audit_head, version.sha256):
        assert "".join(grouped(stated).split()) in flat
    for signature in version.signatures:
        for stated in (signature.name, signature.email, signature.consent_sha256, signature.user_agent):
            assert "".join(stated.split()) in flat, stated
    assert made.priya.name in words
    assert version.ref in words


def test_e01_three_tools_agree_on_the_file(made, install, tmp_path):
    if shutil.which("pdfsig") is None:
        missing("pdfsig (Debian: apt-get install poppler-utils)")
    _version, seal, content = sealed(made)
    path = tmp_path / "plan.pdf"
    path.write_bytes(content)
    told = subprocess.run(["pdfsig", str(path)], capture_output=True, text=True, check=False).stdout
    assert "Signature is Valid" in told
    assert "Total document signed" in told
    assert verification.verify(content).verified
    assert hashlib.sha256(content).hexdigest() == seal.sha256
    path.write_bytes(flipped(content, len(content) // 3))
    told = subprocess.run(["pdfsig", str(path)], capture_output=True, text=True, check=False).stdout
    assert "Signature is Valid" not in told
    assert not verification.verify(path.read_bytes()).verified


def test_what_was_signed_comes_along_as_data(made, install):
    version, _seal, content = sealed(made)
    reader = PdfFileReader(io.BytesIO(content))
    files = reader.root["/Names"]["/EmbeddedFiles"]
    spec = (files.get("/Names") or files["/Kids"][0]["/Names"])[1]
    data = spec["/EF"]["/F"].data
    assert hashlib.sha256(data).hexdigest() == version.sha256
    assert data.decode() == version.snapshot


def test_the_time_of_an_authority_is_stated_and_holds(made, install, monkeypatch, settings, tmp_path):
    with listening(lambda handler, body: say(handler, stamp(body))) as (url, _asked):
        monkeypatch.setitem(current_app.config, "PORTAL", settings(PORTAL_TSA_URL=url))
        _version, seal, content = sealed(made)
    assert seal.time_source == "127.0.0.1"
    assert "time stamp authority (RFC 3161), 127.0.0.1" in reading.words(content, tmp_path)
    verdict = verification.verify(content)
    assert verdict.verified
    assert verdict.held.time_source == "127.0.0.1"
