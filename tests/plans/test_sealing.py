"""The seal over a file, looked at by tools that are not ours; and the time of an authority in it."""

import shutil
import subprocess
import sys
import time
from datetime import timedelta

import pytest
from asn1crypto.tsp import TimeStampReq
from flask import current_app

from portal import clock
from portal.plans import inspection, keys, sealing, stamping
from portal.plans.keys import CannotSeal
from tests.infra.missing import missing
from tests.plans.seals import HEAD, a_pdf, authority, listening, say, sealed, stamp

PYHANKO = """
import sys
from asn1crypto.pem import unarmor
from asn1crypto.x509 import Certificate
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import SignatureCoverageLevel, validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
ours = Certificate.load(unarmor(open(sys.argv[2], 'rb').read())[2])
reader = PdfFileReader(open(sys.argv[1], 'rb'))
(signature,) = reader.embedded_signatures
status = validate_pdf_signature(signature, ValidationContext(trust_roots=[ours], allow_fetching=False))
print(status.bottom_line, status.coverage == SignatureCoverageLevel.ENTIRE_FILE, signature.docmdp_level)
"""


@pytest.fixture
def install(app, settings, monkeypatch, clock):
    """An install of its own inside a request."""
    with app.test_request_context():
        monkeypatch.setitem(current_app.config, "PORTAL", settings())
        yield


def asks(monkeypatch, settings, url: str) -> None:
    monkeypatch.setitem(current_app.config, "PORTAL", settings(PORTAL_TSA_URL=url))
    sealing._authority.cache_clear()
    authority.cache_clear()


@pytest.fixture
def files(install, tmp_path):
    """The sealed file, and the certificate alone, as another tool would get them."""
    made = sealed()
    (tmp_path / "plan.pdf").write_bytes(made.content)
    pem = next(keys.folder(current_app.config["PORTAL"]).iterdir()).read_text()
    pem = pem.partition("-----BEGIN ENC")[0].partition("-----BEGIN")
    (tmp_path / "ours.pem").write_text(pem[1] + pem[2])
    return made, tmp_path


def test_e01_pyhanko_with_only_our_certificate_says_yes(files):
    _made, folder = files
    command = [sys.executable, "-c", PYHANKO, str(folder / "plan.pdf"), str(folder / "ours.pem")]
    told = subprocess.run(command, capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["True", "True", "MDPPerm.NO_CHANGES"]


def test_e01_pyhankos_own_command_says_yes(files):
    _made, folder = files
    command = [sys.executable, "-m", "pyhanko", "sign", "validate", "--pretty-print"]
    trust = ["--trust", str(folder / "ours.pem"), "--trust-replace", str(folder / "plan.pdf")]
    told = subprocess.run([*command, *trust], capture_output=True, text=True, check=False, cwd=folder)
    assert told.returncode == 0, told.stdout + told.stderr
    assert "The signature is judged VALID" in told.stdout


def test_e01_pdfsig_says_yes(files):
    if shutil.which("pdfsig") is None:
        missing("pdfsig (Debian: apt-get install poppler-utils)")
    _made, folder = files
    told = subprocess.run(
        ["pdfsig", str(folder / "plan.pdf")], capture_output=True, text=True, check=False
    ).stdout
    assert told.count("Signature #") == 1
    assert "Signature is Valid" in told
    assert "Total document signed" in told
    assert "ETSI.CAdES.detached" in told
    assert "Signer Certificate Common Name: Partnerly" in told


def test_a_seal_names_what_the_certificate_page_names(install):
    made, about = sealed(), sealing.about(HEAD)
    assert (made.certificate, made.time_source, made.time_certificate) == (about.certificate, None, None)
    assert made.at == clock.now()
    assert a_pdf() == made.content[: len(a_pdf())]


def test_a_certificate_renewed_while_the_plan_was_drawn_seals_nothing(install):
    sealed()
    before = sealing.about(HEAD)
    keys.renew(current_app.config["PORTAL"], "Partnerly")
    with pytest.raises(CannotSeal, match="was renewed"):
        sealing.seal(a_pdf(), before)
    assert sealing.seal(a_pdf(), sealing.about(HEAD))


@pytest.mark.parametrize("what", [b"", b"not a PDF", b"%PDF-1.7 and then nothing"])
def test_what_cannot_be_sealed_is_a_sentence(install, what):
    keys.ensure(current_app.config["PORTAL"], "Partnerly")
    with pytest.raises(CannotSeal, match="can't be sealed"):
        sealing.seal(what, sealing.about(HEAD))


def test_the_key_stays_open(install, monkeypatch):
    """A key that is read for each seal takes most of its time."""
    read, real = [], keys._certificate
    monkeypatch.setattr(keys, "_certificate", lambda *given: read.append(given) or real(*given))
    keys._opened.cache_clear()
    first = sealed()
    assert len(read) == 1
    assert sealed().certificate == first.certificate
    assert len(read) == 1


def test_e02_what_is_sound_by_pyhanko_alone_is_not_good_when_it_goes_on(install):
    made = sealed()
    ours = [keys.der(one) for one in keys.certificates(current_app.config["PORTAL"]).values()]
    assert inspection.inspect(made.content, ours, made.at).is_good
    longer = inspection.inspect(made.content + b"\n", ours, made.at)
    assert longer.sound
    assert not longer.is_good


# --- Time -----------------------------------------------------------------------------------------


def test_the_time_of_an_authority_is_in_the_seal_and_its_certificate_is_kept(install, monkeypatch, settings):
    with listening(lambda handler, body: say(handler, stamp(body))) as (url, asked):
        asks(monkeypatch, settings, url)
        made = sealed()
    assert set(asked) == {"/tsa?plan=1"}
    assert made.time_source == sealing.about(HEAD).time_source == "127.0.0.1"
    assert made.time_certificate == authority().tsa_cert.sha256.hex()
    ours = [keys.der(one) for one in keys.certificates(current_app.config["PORTAL"]).values()]
    assert inspection.inspect(made.content, ours, made.at, made.time_certificate).is_good
    assert not inspection.inspect(made.content, ours, made.at, "0" * 64).is_good, "any authority would do"


def forged(body: bytes, nonce: int | None = None) -> bytes:
    """A stamp on something else, or the answer to another question."""
    request = TimeStampReq.load(body)
    if nonce:
        request["nonce"] = nonce
    else:
        request["message_imprint"]["hashed_message"] = b"x" * 32
    return authority().request_tsa_response(request).dump()


ANSWERS = {
    "an error": lambda handler, _body: say(handler, b"", 500),
    "a redirect": lambda handler, _body: say(handler, b"", 302, Location="/elsewhere"),
    "a page": lambda handler, body: say(handler, stamp(body), kind="text/html"),
    "nonsense": lambda handler, _body: say(handler, b"nonsense"),
    "nothing": lambda handler, _body: say(handler, b""),
    "too much": lambda handler, _body: say(handler, b"x" * (64 * 1024 + 1)),
    "another's answer": lambda handler, body: say(handler, forged(body, nonce=17)),
    "a stamp on something else": lambda handler, body: say(handler, forged(body)),
    "a closed line": lambda handler, _body: handler.connection.close(),
}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_an_authority_that_gives_no_time_seals_nothing(install, monkeypatch, settings, answer):
    with listening(answer) as (url, asked):
        asks(monkeypatch, settings, url)
        with pytest.raises(CannotSeal) as refusal:
            sealed()
    assert len(str(refusal.value)) < 200
    assert asked
    assert not any("elsewhere" in path for path in asked), "a redirect was followed"


def test_an_authority_that_is_away_seals_nothing(install, monkeypatch, settings):
    with listening(None) as (url, _asked):
        pass
    asks(monkeypatch, settings, url)
    with pytest.raises(CannotSeal, match=r"time stamp authority 127\.0\.0\.1 gave no time"):
        sealed()


def test_an_authority_that_drips_is_hung_up_on(install, monkeypatch, settings):
    def drip(handler, _body):
        handler.send_response(200)
        handler.send_header("Content-Type", "application/timestamp-reply")
        handler.send_header("Content-Length", "5000")
        handler.end_headers()
        for _ in range(100):
            try:
                handler.wfile.write(b"x")
                handler.wfile.flush()
            except OSError:
                return
            time.sleep(0.05)

    monkeypatch.setattr(stamping, "TIMEOUT", 0.4)
    with listening(drip) as (url, _asked):
        asks(monkeypatch, settings, url)
        began = time.monotonic()
        with pytest.raises(CannotSeal):
            sealed()
        assert time.monotonic() - began < 3


# --- E11 ------------------------------------------------------------------------------------------


def test_e11_an_ended_certificate_seals_nothing_but_what_it_sealed_holds(install):
    made = sealed()
    ours = [keys.der(one) for one in keys.certificates(current_app.config["PORTAL"]).values()]
    with clock.frozen(clock.now() + timedelta(days=6 * 365)):
        with pytest.raises(CannotSeal, match="has ended"):
            sealing.about(HEAD)
        assert inspection.inspect(made.content, ours, made.at).is_good
        assert not inspection.inspect(made.content, ours, clock.now()).is_good
