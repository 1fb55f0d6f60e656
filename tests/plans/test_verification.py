"""E02: what was done to a sealed file is said, and nothing of it is verified; E11: old seals hold."""

import re
from datetime import timedelta

import pytest
from flask import current_app
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as some

from portal import clock as portal_clock
from portal import db, pdf
from portal.plans import inspection, keys, verification
from portal.plans.models import PlanPaper, Seal
from portal.plans.papers import keep
from tests.plans import making, seals
from tests.plans.seals import a_pdf, config, flipped, resigned, seal_now
from tests.plans.signed import sign


@pytest.fixture
def install(made, monkeypatch, settings):
    monkeypatch.setitem(current_app.config, "PORTAL", settings())


@pytest.fixture
def sealed(made, install, monkeypatch) -> bytes:
    """The sealed file of Northwind's first version."""
    version = sign(making.sent(made, sponsors=True), made.ana, made.rui, made.priya)
    return seal_now(version, monkeypatch).path.read_bytes()


def why(content: bytes) -> str:
    verdict = verification.verify(content)
    assert not verdict.verified
    assert verdict.held is None
    assert verification.in_words(verdict) == f"Not verified. {verdict.why}"
    return verdict.why


def test_a_sealed_file_is_verified_with_all_that_is_known_of_it(made, sealed):
    verdict = verification.verify(sealed)
    held = verdict.held
    assert (held.customer, held.provider, held.version) == ("Northwind", "Partnerly", 1)
    assert [(one.name, one.company, one.is_sponsor) for one in held.signers] == [
        (made.ana.name, "Northwind", False),
        (made.rui.name, "Northwind", True),
        (made.priya.name, "Partnerly", False),
    ]
    assert held.sealed_at == portal_clock.now()
    assert held.certificate == keys.current(config()).fingerprint
    assert verification.in_words(verdict).startswith(
        "Verified. Version 1 of the onboarding plan of Northwind and"
    )


def middle(content: bytes) -> int:
    """A byte of the page itself."""
    return content.index(b"The plan")


def in_seal(content: bytes) -> int:
    """A digit of the seal's own value."""
    return re.search(rb"/Contents\s*<", content).end() + 400


def in_padding(content: bytes) -> int:
    """A zero that fills up the room reserved for the seal, which pyHanko and pdfsig pass over."""
    return re.search(rb"0{200}>", content).start() + 50


def test_e02_a_changed_byte(sealed):
    assert (
        why(flipped(sealed, middle(sealed)))
        == "It was changed after it was sealed: 1 byte is not as we keep it."
    )


def test_e02_a_changed_byte_where_other_tools_look_away(sealed):
    changed = flipped(sealed, in_padding(sealed))
    ours = [keys.der(one) for one in keys.certificates(config()).values()]
    assert inspection.inspect(changed, ours, portal_clock.now()).is_good, "nothing but the SHA-256 finds this"
    assert "1 byte is not as we keep it" in why(changed)


def test_e02_an_incremental_update(sealed):
    assert why(seals.updated(sealed)).startswith("Something was added to it after it was sealed:")


def test_e02_bytes_after_the_end(sealed):
    assert why(sealed + b"\n") == "Something was added to it after it was sealed: 1 byte."
    assert why(sealed + b"x" * 70) == "Something was added to it after it was sealed: 70 bytes."


@pytest.mark.parametrize("share", [0.3, 0.9, 0.999])
def test_e02_a_file_that_was_cut(sealed, share):
    assert why(sealed[: int(len(sealed) * share)]).startswith("The end of the file is missing.")


def test_e02_two_files_joined(sealed):
    for joined in (sealed + a_pdf("Other"), a_pdf("Other") + sealed, sealed + sealed):
        assert why(joined).startswith("Two files were joined into one.")


def test_e02_a_look_alike_certificate(sealed, tmp_path, settings):
    told = why(resigned("Partnerly", tmp_path, settings))
    assert told.startswith("It was signed with another certificate that only carries the name Partnerly")
    told = why(resigned("Partnerly", tmp_path, settings, pdf=sealed[: len(a_pdf())]))
    assert "only carries the name Partnerly" in told


def test_e02_the_sealed_file_signed_by_somebody_else_as_well(sealed, tmp_path, settings, monkeypatch):
    from pyhanko.sign.signers import PdfSigner

    monkeypatch.setattr(PdfSigner, "_enforce_certification_constraints", lambda *_: None)
    monkeypatch.setattr("portal.plans.sealing.FIELD", "Another")
    told = why(_approved(sealed, tmp_path, settings))
    assert told.startswith("Something was added to it after it was sealed:")


def _approved(content, tmp_path, settings) -> bytes:
    import io

    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner

    from portal.plans import sealing

    other = settings(PORTAL_DATA_DIR=str(tmp_path / "other"))
    keys.ensure(other, "Partnerly")
    signer = PdfSigner(PdfSignatureMetadata(field_name="Another"), sealing._signer(keys.current(other)))
    return inspection.apart(lambda: signer.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(content)))).getvalue()


def test_e02_another_providers_file(sealed, tmp_path, settings):
    told = why(resigned("Contoso Ltd \u202e<b>", tmp_path, settings))
    assert told.startswith("It was signed by “Contoso Ltd ")
    assert "\u202e" not in told
    assert "not one of Partnerly" in told


def test_e02_a_file_that_we_sealed_and_do_not_keep(sealed):
    """As of a second attempt whose row came too late: the seal is right, and it is not the file for ever."""
    assert why(seals.sealed(a_pdf("Another")).content).startswith(
        "It carries our seal, but it is not the file"
    )


def test_e02_a_plan_of_ours_before_it_was_sealed(made, sealed):
    unsealed = a_pdf("Signed by 1 of 2")
    version = db.session.query(Seal).one().version_id
    db.session.add(PlanPaper(account_id=made.account.id, version_id=version, signed=1, **keep(unsealed)))
    db.session.flush()
    assert why(unsealed).startswith("This is a plan of ours as it was before everybody had signed.")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "The file is empty."),
        (b"Dear Ana", "The file is not a PDF."),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 2000, "The file is not a PDF."),
        (a_pdf(), "The file carries no seal."),
        (seals.encrypted(), "The file is locked with a password."),
        (b"%PDF-1.7\n" + b"x" * 5000 + b"\n%%EOF", "The file is damaged"),
        (a_pdf()[:200], "The end of the file is missing."),
        (b"%PDF-" + b"x" * (25 * 1024 * 1024), "The file is larger than 25 MB."),
    ],
    ids=["empty", "text", "picture", "no seal", "locked", "damaged", "cut", "large"],
)
def test_e02_what_is_no_sealed_plan_at_all(install, content, said):
    assert why(content).startswith(said)


def deep(count: int) -> bytes:
    """Arrays in arrays, where the catalogue should be."""
    nested = b"[" * count + b"]" * count
    return (
        b"%PDF-1.7\n1 0 obj\n"
        + nested
        + b"\nendobj\nxref\n0 1\ntrailer\n<</Root 1 0 R>>\nstartxref\n9\n%%EOF"
    )


def endless() -> bytes:
    """A cross-reference table that names itself as the one before."""
    table = b"xref\n0 1\n0000000000 65535 f \ntrailer\n<</Size 1/Root 1 0 R/Prev 9>>\nstartxref\n9\n%%EOF"
    return b"%PDF-1.7\n" + table


@pytest.mark.parametrize(
    "bomb", [deep(200_000), endless(), b"%PDF-1.7\n" + b"1 0 obj<<" * 300_000 + b"%%EOF"]
)
def test_e02_a_bomb_is_not_verified_and_the_next_file_is_read(sealed, bomb):
    assert why(bomb)
    assert verification.verify(sealed).verified


def test_e02_what_takes_too_long_is_ended(sealed, monkeypatch):
    monkeypatch.setattr(verification._child, "seconds", 0)
    assert why(a_pdf()).startswith("The file takes too much time or memory to read.")
    assert why(sealed).startswith(
        "It has the SHA-256 of the file that we keep, but its seal can't be checked now."
    )
    monkeypatch.setattr(verification._child, "seconds", 15)
    assert verification.verify(sealed).verified


@hypothesis_settings(
    max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(data=some.data())
def test_e02_whichever_byte_is_changed(sealed, data):
    at = data.draw(some.integers(0, len(sealed) - 1))
    mask = data.draw(some.integers(1, 255))
    assert "1 byte is not as we keep it" in why(flipped(sealed, at, mask))


@hypothesis_settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(data=some.data())
def test_e02_whichever_byte_is_changed_the_file_alone_shows_it_or_its_hash_does(sealed, data):
    """Without the copy that we keep: what the signature doesn't cover is only the signature's own value."""
    at = data.draw(some.integers(0, len(sealed) - 1))
    changed = flipped(sealed, at, data.draw(some.integers(1, 255)))
    ours = [keys.der(one) for one in keys.certificates(config()).values()]
    if inspection.inspect(changed, ours, portal_clock.now()).is_good:
        start = re.search(rb"/Contents\s*<", sealed).end()
        assert start <= at < sealed.index(b">", start)


def test_e11_what_an_old_key_sealed_verifies_after_renewal_and_after_its_end(sealed, settings):
    keys.renew(config(), "Partnerly")
    assert verification.verify(sealed).verified
    with portal_clock.frozen(portal_clock.now() + timedelta(days=9 * 365)):
        assert verification.verify(sealed).verified
        assert "1 byte" in why(flipped(sealed, 20))
    current_app.config["PORTAL"] = settings(PORTAL_SEAL_PASSPHRASE="forgotten it is")
    assert verification.verify(sealed).verified


def test_e11_a_lost_certificate_is_said(sealed):
    for path in keys.folder(config()).iterdir():
        path.unlink()
    assert "the certificate of its seal is not among ours" in why(sealed)


def test_the_row_alone_does_not_verify(made, sealed):
    """Somebody who can write to the database still has no key."""
    forged = a_pdf("Forged")
    seal = db.session.query(Seal).one()
    for column, value in keep(forged).items():
        setattr(seal, column, value)
    db.session.flush()
    assert "its seal doesn't hold" in why(forged) or "certificate" in why(forged)


def test_a_real_plan_with_attachment_and_fonts(made, install, monkeypatch):
    html = '<!doctype html><html lang="en"><title>Plan</title><h1>Plan für Žofie</h1>' + "<p>Text.</p>" * 400
    drawn = pdf.render(html, attachments=[("plan.json", b"{}", "The plan as data")])
    content = seal_now(sign(making.sent(made), made.ana, made.priya), monkeypatch, drawn).path.read_bytes()
    assert verification.verify(content).verified
    assert "1 byte is not" in why(flipped(content, len(content) // 2))
