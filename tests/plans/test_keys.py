"""The keys that seal: made once, locked, renewed, and their certificates kept."""

import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from cryptography.x509 import KeyUsage
from cryptography.x509.oid import NameOID

from portal import clock
from portal.plans import keys


@pytest.fixture
def install(settings, shared_app):
    with shared_app.test_request_context():
        yield settings()


def test_the_first_start_makes_a_key_that_only_its_owner_reads(install):
    assert keys.ensure(install, "Partnerly")
    (path,) = keys.folder(install).iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert "ENCRYPTED PRIVATE KEY" in path.read_text()
    key = keys.current(install)
    assert isinstance(key.private.curve, SECP256R1)
    assert key.certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value == "Partnerly"
    usage = key.certificate.extensions.get_extension_for_class(KeyUsage).value
    assert (usage.digital_signature, usage.content_commitment, usage.key_cert_sign) == (True, True, False)
    assert keys.ends_at(install) == key.certificate.not_valid_after_utc
    assert abs(key.certificate.not_valid_after_utc - clock.now() - timedelta(days=5 * 365)) < timedelta(
        days=2
    )


def test_a_second_start_changes_nothing(install):
    keys.ensure(install, "Partnerly")
    before = keys.current(install).fingerprint
    assert not keys.ensure(install, "Somebody else")
    assert keys.current(install).fingerprint == before


def test_of_twenty_starts_at_once_one_makes_it(install, monkeypatch):
    """All of them have seen that there is none."""
    fresh, together = keys._fresh, Barrier(20, timeout=20)
    monkeypatch.setattr(keys, "_fresh", lambda *given: together.wait() < 20 and fresh(*given))
    with ThreadPoolExecutor(20) as pool:
        made = list(pool.map(lambda _n: keys.ensure(install, "Partnerly"), range(20)))
    assert sum(made) == 1
    assert len(list(keys.folder(install).iterdir())) == 1


@pytest.mark.parametrize("name", ["x" * 300, "Ünïcödé & Söhne", "a\nb\x00", "\u202e", "=cmd|' /C calc'!A0"])
def test_whatever_the_provider_is_called(install, name):
    assert keys.ensure(install, name)
    subject = keys.current(install).certificate.subject
    assert 0 < len(subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value) <= 64


def test_e11_a_renewed_key_seals_and_of_the_old_one_only_the_certificate_stays(install):
    keys.ensure(install, "Partnerly")
    old = keys.current(install)
    ends = keys.renew(install, "Partnerly")
    new = keys.current(install)
    assert new.fingerprint != old.fingerprint
    assert ends == new.certificate.not_valid_after_utc
    assert set(keys.certificates(install)) == {old.fingerprint, new.fingerprint}
    first, second = sorted(keys.folder(install).iterdir())
    assert "PRIVATE" not in first.read_text()
    assert "PRIVATE" in second.read_text()
    assert stat.S_IMODE(first.stat().st_mode) == 0o600


def test_e11_a_wrong_passphrase_is_a_sentence_and_renewing_helps(install, settings):
    keys.ensure(install, "Partnerly")
    other = settings(PORTAL_SEAL_PASSPHRASE="quite another one")
    with pytest.raises(keys.CannotSeal, match="PORTAL_SEAL_PASSPHRASE is not the one"):
        keys.current(other)
    keys.renew(other, "Partnerly")
    assert keys.current(other)
    assert len(keys.certificates(other)) == 2


def test_e11_without_a_key_or_with_an_ended_certificate_nothing_is_sealed(install):
    with pytest.raises(keys.CannotSeal, match="There is no key"):
        keys.current(install)
    keys.ensure(install, "Partnerly")
    with clock.frozen(clock.now() + timedelta(days=5 * 366)):
        with pytest.raises(keys.CannotSeal, match="certificate has ended"):
            keys.current(install)
        assert keys.ends_soon(install)


def test_its_end_is_told_sixty_days_ahead(install):
    assert keys.ends_soon(install) is None
    keys.ensure(install, "Partnerly")
    ends = keys.ends_at(install)
    for days, told in [(61, False), (59, True), (-3, True)]:
        with clock.frozen(ends - timedelta(days=days)):
            assert (keys.ends_soon(install) is not None) == told


@pytest.mark.parametrize("text", ["", "nonsense", "Ends: soon\n-----BEGIN CERTIFICATE-----\nAAAA"])
def test_a_damaged_file_is_a_sentence(install, text):
    keys.ensure(install, "Partnerly")
    (path,) = keys.folder(install).iterdir()
    path.write_text(text)
    with pytest.raises(keys.CannotSeal):
        keys.current(install)
    assert keys.certificates(install) == {}
    assert keys.ends_soon(install) is None


def test_an_idle_web_process_has_not_loaded_what_seals():
    """B9: the libraries that seal, verify and draw are for the worker and for bounded children."""
    script = (
        "import sys; from portal.app import create_app; from portal import config; import tempfile;"
        "create_app(config.read({'PORTAL_SECRET_KEY': 'x' * 32, 'PORTAL_SEAL_PASSPHRASE': 'x' * 12,"
        " 'PORTAL_DATABASE_URL': f'sqlite:///{tempfile.mkdtemp()}/x.sqlite3'}));"
        "print([name for name in ('pyhanko', 'weasyprint', 'asn1crypto', 'aiohttp') if name in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
