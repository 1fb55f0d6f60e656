"""Is this file the one that we sealed, and unchanged? Answered offline, for the page and for the command alike.

Verified means all of it: pyHanko's bottom line, a signature over the entire file, the SHA-256 that we keep, and a
certificate of ours. An ended certificate verifies on: what counts is that it was valid when it sealed.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from flask import current_app
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import select

from portal import clock, db
from portal.accounts.models import provider
from portal.bounded import Child, Failed, TooMuch
from portal.config import Config
from portal.forms import one_line
from portal.onboardings.words import listed
from portal.plans import keys
from portal.plans.inspection import Found, Seen
from portal.plans.models import PlanPaper, PlanVersion, Seal

MOST_BYTES = 25 * 1024 * 1024
COMPARED = 8 * 1024 * 1024  # Bytes of a file that are compared with one of ours, to say how much differs.
A_TWIN = 0.5  # Files of one length of which so much is the same began as one.

_child = Child(seconds=15, cpu=10, memory=512 * 1024 * 1024)


@dataclass(frozen=True, slots=True)
class Signed:
    """Who signed, for which company, as what and when (UTC)."""

    name: str
    company: str
    is_sponsor: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Held:
    """What is known of a file that is verified. Fingerprints are SHA-256 in hex; `time_source` is the authority's host,
    None for this server's clock."""

    customer: str
    provider: str
    version: int
    signers: tuple[Signed, ...]
    sealed_at: datetime
    certificate: str
    time_source: str | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """Verified with what is `held` of it, or not, and `why` says in a sentence why not."""

    sha256: str
    why: str = ""
    held: Held | None = None

    @property
    def verified(self) -> bool:
        return self.held is not None


def verify(content: bytes) -> Verdict:
    """The verdict on a file. One of more than MOST_BYTES is refused unread."""
    sha256 = hashlib.sha256(content).hexdigest()
    if why := _not_worth_reading(content):
        return Verdict(sha256, why)
    seal = db.session.scalar(select(Seal).where(Seal.sha256 == sha256, Seal.size == len(content)))
    if seal is None:
        why = _unsealed(sha256) or _longer(content) or _twin(content) or _stranger(content)
        return Verdict(sha256, why)
    seen = _look(content, seal.sealed_at, seal.time_certificate)
    if isinstance(seen, str):
        later = _(
            "It has the SHA-256 of the file that we keep, but its seal can't be checked now. Try in a minute."
        )
        return Verdict(sha256, later)
    if not seen.is_good or seen.fingerprint != seal.certificate:
        return Verdict(sha256, _doubtful(seen))
    return Verdict(sha256, held=_held(seal))


def in_words(verdict: Verdict) -> str:
    """The verdict in one line."""
    held = verdict.held
    if held is None:
        return _("Not verified. %(why)s", why=verdict.why)
    return _(
        "Verified. Version %(n)s of the onboarding plan of %(customer)s and %(ours)s, signed by %(names)s, sealed at "
        "%(at)s.",
        n=held.version,
        customer=held.customer,
        ours=held.provider,
        names=listed(one.name for one in held.signers),
        at=f"{held.sealed_at:%Y-%m-%d %H:%M} UTC",
    )


def _held(seal: Seal) -> Held:
    version = db.session.get_one(PlanVersion, seal.version_id)
    says = version.document
    return Held(
        customer=says.customer,
        provider=says.provider,
        version=version.n,
        signers=tuple(
            Signed(
                name=one.name,
                company=says.provider if one.role.is_ours else says.customer,
                is_sponsor=one.role.is_sponsor,
                at=one.signed_at,
            )
            for one in version.signatures
        ),
        sealed_at=seal.sealed_at,
        certificate=seal.certificate,
        time_source=seal.time_source,
    )


# --- What it is, when it is not a sealed file of ours ---------------------------------------------


def _not_worth_reading(content: bytes) -> str | None:
    if not content:
        return _("The file is empty.")
    if len(content) > MOST_BYTES:
        return _("The file is larger than 25 MB. No plan that is sealed here is so large.")
    return None


def _unsealed(sha256: str) -> str | None:
    paper = db.session.scalar(select(PlanPaper.id).where(PlanPaper.sha256 == sha256).limit(1))
    if paper is None:
        return None
    return _("This is a plan of ours as it was before everybody had signed. Only the signed one is sealed.")


def _longer(content: bytes) -> str | None:
    """Whether it begins with a whole file of ours: something was added after the seal."""
    sizes: dict[int, set[str]] = {}
    shorter = select(Seal.size, Seal.sha256).where(Seal.size < len(content))
    for size, sha256 in db.session.execute(shorter):
        sizes.setdefault(size, set()).add(sha256)
    digest, read = hashlib.sha256(), 0
    for size in sorted(sizes):
        digest.update(memoryview(content)[read:size])
        read = size
        if digest.hexdigest() in sizes[size]:
            return _joined() if b"%PDF-" in content[size:] else _added(len(content) - size)
    return None


def _added(count: int) -> str:
    return ngettext(
        "Something was added to it after it was sealed: %(num)s byte.",
        "Something was added to it after it was sealed: %(num)s bytes.",
        count,
    )


def _joined() -> str:
    return _("Two files were joined into one. Check each of them by itself, as it was sent to you.")


def _twin(content: bytes) -> str | None:
    """Whether it differs in some places from a file of ours of the same length."""
    if len(content) > COMPARED:
        return None
    for seal in db.session.scalars(select(Seal).where(Seal.size == len(content)).limit(10)):
        kept = seal.path.read_bytes() if seal.path.is_file() else b""
        differing = _differing(content, kept) if len(kept) == len(content) else None
        if differing is not None and differing < A_TWIN * len(content):
            return _changed(differing)
    return None


def _differing(one: bytes, other: bytes) -> int:
    """In how many places two files of one length differ."""
    apart = int.from_bytes(one) ^ int.from_bytes(other)
    return len(one) - apart.to_bytes(len(one)).count(0)


def _changed(count: int) -> str:
    return ngettext(
        "It was changed after it was sealed: %(num)s byte is not as we keep it.",
        "It was changed after it was sealed: %(num)s bytes are not as we keep them.",
        count,
    )


def _stranger(content: bytes) -> str:
    """Why a file is none of ours, from what can be seen in it alone."""
    seen = _look(content, clock.now(), None)
    if isinstance(seen, str):
        return seen
    if content.count(b"%PDF-") > 1 and not (seen.found is Found.SIGNED and seen.whole):
        return _joined()
    if seen.found is not Found.SIGNED:
        return str(_UNSIGNED[seen.found])
    if seen.fingerprint not in keys.certificates(_settings()):
        return _foreign(seen)
    if not seen.whole:
        return _("Something was added to it after it was sealed.")
    if not (seen.intact and seen.valid):
        return _("It was changed after it was sealed.")
    return _("It carries our seal, but it is not the file that we keep of this plan.")


_UNSIGNED = {
    Found.NOT_PDF: _l("The file is not a PDF."),
    Found.CUT: _l("The end of the file is missing. Download it once more, and check that."),
    Found.UNREADABLE: _l("The file is damaged: it can't be read as a PDF."),
    Found.ENCRYPTED: _l("The file is locked with a password. A plan that is sealed here never is."),
    Found.UNSIGNED: _l("The file carries no seal."),
    Found.SEVERAL: _l("The file carries several signatures. A plan that is sealed here has one, the seal."),
}


def _foreign(seen: Seen) -> str:
    """Signed by somebody else, who may have given their certificate our name."""
    name, ours = one_line(seen.name), provider().name
    start = seen.fingerprint[:16]
    if name.casefold() == one_line(ours).casefold():
        return _(
            "It was signed with another certificate that only carries the name %(name)s: its fingerprint begins with "
            "%(start)s, and we never had such a one.",
            name=ours,
            start=start,
        )
    return _(
        "It was signed by “%(name)s”, with a certificate that is not one of %(provider)s (its fingerprint begins with "
        "%(start)s). Ask them whether it is theirs.",
        name=name or _("somebody without a name"),
        provider=ours,
        start=start,
    )


def _doubtful(seen: Seen) -> str:
    """The very bytes that we keep, and yet: a certificate that was lost, or a row that somebody changed."""
    if seen.fingerprint not in keys.certificates(_settings()):
        return _(
            "It is the file that we keep, but the certificate of its seal is not among ours here any more."
        )
    return _("It is the file that we keep, but its seal doesn't hold.")


# --- Reading it -----------------------------------------------------------------------------------


def _look(content: bytes, moment: datetime, time_certificate: str | None) -> Seen | str:
    """What is in the file, read by a child of bounded time and memory; a sentence when that is too much for it."""
    ours = [keys.der(one) for one in keys.certificates(_settings()).values()]
    given = {
        "content": content,
        "certificates": ours,
        "moment": moment.isoformat(),
        "time_certificate": time_certificate,
    }
    try:
        seen = _child.run("portal.plans.inspection:look", given)
    except TooMuch:
        return _("The file takes too much time or memory to read. No plan that is sealed here does.")
    except Failed:
        return str(_UNSIGNED[Found.UNREADABLE])
    return Seen(**{**seen, "found": Found(seen["found"])})


def _settings() -> Config:
    settings: Config = current_app.config["PORTAL"]
    return settings
