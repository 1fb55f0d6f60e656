"""The plan as a PDF: as it was sent, with some of its signatures, and whole with the certificate of completion.

Only the worker prints, outside any transaction.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from flask import current_app, render_template
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import select, union_all
from sqlalchemy.orm import selectinload
from sqlalchemy.orm.interfaces import ORMOption

from portal import clock, db, jobs, pdf
from portal.accounts.colours import printed
from portal.accounts.models import provider
from portal.plans import certificate as certificates
from portal.plans.days import plan_day
from portal.plans.models import PlanPaper, PlanVersion, Seal
from portal.plans.papers import folder, keep
from portal.plans.record import PAPER
from portal.plans.signers import PlanSigner

if TYPE_CHECKING:
    from portal.plans.record import PlanRecord
    from portal.plans.sealing import About

STYLES: Final = ("css/paper.css", "css/plan.css")
KEEP_STRAYS: Final = timedelta(days=1)


def with_signers() -> tuple[ORMOption, ...]:
    """What loads a version together with who signs and has signed."""
    return (
        selectinload(PlanVersion.signers).joinedload(PlanSigner.user),
        selectinload(PlanVersion.signatures),
    )


@jobs.handles(PAPER)
def print_paper(claim: jobs.Claim) -> None:
    """Print the plan with the signatures it has; nothing is left to do when it has others by now, or all."""
    signed = claim.payload["signed"]
    with db.reading():
        version = db.session.get(PlanVersion, claim.payload["version"], options=with_signers())
        if version is None or version.is_complete or len(version.signatures) != signed:
            return
        page = html(version)
        logo = _logo()
        owner = version.account_id
    try:
        content = pdf.render(page, styles=STYLES, files=logo)
    except pdf.TooMuch as too_much:
        raise jobs.Hopeless(str(too_much)) from None
    except pdf.Failed as failed:
        raise jobs.Later(str(failed)) from None
    kept = keep(content)
    with claim.finish():
        jobs.insert_if_new(
            PlanPaper, account_id=owner, version_id=claim.payload["version"], signed=signed,
            made_at=clock.now(), **kept,
        )  # fmt: skip


@dataclass(frozen=True)
class LastPage:
    """All that the last file is drawn from, without the database: the page, the plan as data, and what it is called."""

    html: str
    data: bytes
    title: str
    logo: dict[str, bytes]


def last_page(version: PlanVersion, about: About) -> LastPage:
    """Of a version that everybody has signed: the plan and the certificate of completion."""
    return LastPage(html(version, about), (version.snapshot or "").encode(), version.title, _logo())


def final(page: LastPage) -> bytes:
    """The last file, before it is sealed. Raises pdf.TooMuch and pdf.Failed."""
    attachments = [("plan.json", page.data, page.title)]
    return pdf.render(page.html, styles=STYLES, attachments=attachments, files=page.logo)


def html(version: PlanRecord, about: About | None = None) -> str:
    """The page that is printed, in the language of the plan; with `about` it ends with the certificate."""
    plan = version.document
    with force_locale(plan.locale):
        check_at = current_app.config["PORTAL"].base_url.partition("://")[2] + "/verify"
        certificate = certificates.certificate(version, about, check_at) if about else None
        return render_template(
            "plans/paper.html",
            plan=plan,
            certificate=certificate,
            status=status(version),
            signers=[] if certificate else _signers(version),
            accent=printed(provider().accent),
        )


def status(version: PlanRecord) -> str:
    """How far its signing has come, as it stands on every page."""
    done, of = len(version.signatures), len(version.signers)
    if version.is_complete and version.signed_at:
        day = plan_day(version.signed_at.date())
        return (
            _("signed by both, %(day)s", day=day)
            if of == 2
            else _("signed by all %(n)s, %(day)s", n=of, day=day)
        )
    return _("signed by %(n)s of %(of)s", n=done, of=of) if done else _("sent for signing")


def _signers(version: PlanRecord) -> list[dict[str, Any]]:
    """Who is asked to sign, and who has: what stands at the end of a paper that is not the last one."""
    by = {one.user_id: one for one in version.signatures}
    found = []
    for signer in version.signers:
        done = by.get(signer.user_id)
        company = version.document.provider if signer.role.is_ours else version.document.customer
        found.append(
            {
                "name": done.typed_name if done else signer.user.name,
                "side": f"{company}, {certificates.FOR[signer.role]}",
                "says": _("signed %(when)s", when=certificates.utc(done.signed_at))
                if done
                else _("has not signed yet"),
                "done": done is not None,
            }
        )
    return found


def _logo() -> dict[str, bytes]:
    """The provider's logo, by the address that the page names."""
    ours = provider()
    path: Path = current_app.config["PORTAL"].data_dir / "provider" / (ours.logo or "none")
    return {ours.logo_url: path.read_bytes()} if ours.logo_url and path.is_file() else {}


def sweep() -> int:
    """Take away files that no row names, as of a transaction that was rolled back; how many. A day old at least, so
    that nobody is about to name one."""
    old = clock.now().timestamp() - KEEP_STRAYS.total_seconds()
    strays = (
        [path for path in folder().glob("*.pdf") if path.stat().st_mtime < old] if folder().is_dir() else []
    )
    named = (
        set(db.session.scalars(union_all(select(PlanPaper.stored_as), select(Seal.stored_as))))
        if strays
        else set()
    )
    gone = [path for path in strays if path.name not in named]
    for path in gone:
        path.unlink(missing_ok=True)
    return len(gone)
