"""The plan's file for both sides: what is sealed, else what is printed so far, else a page that waits for it."""

import re
from typing import Any

from flask import Response, abort, make_response, render_template, request, send_file, url_for
from flask_babel import gettext as _
from sqlalchemy import select

from portal import db
from portal.access import Can, allow
from portal.onboardings.models import Onboarding
from portal.onboardings.queries import onboarding_and_people_or_404, onboarding_of
from portal.plans.models import PlanVersion
from portal.plans.papers import Paper
from portal.plans.queries import short
from portal.plans.views import bp

AGAIN = 2  # Seconds until the page looks again.
LATER = 60  # And once it has taken long.


@bp.get("/o/<oid>/plan/v<int(max=9999):n>.pdf")
@allow(Can.SEE_ROAD)
def paper(oid: str, n: int) -> Any:
    onboarding = onboarding_and_people_or_404(oid)
    return _file(onboarding, n, url_for("plans.show", oid=oid), ours=False)


@bp.get("/o/<oid>/plan/v<int(max=9999):n>/link")
@allow(Can.SEE_ROAD)
def paper_link(oid: str, n: int) -> Any:
    """The piece of the plan's page that says whether the file is there; it asks again by itself while it isn't."""
    onboarding = onboarding_and_people_or_404(oid)
    return render_template("plans/_link.html", version=_sent(onboarding, n, *short()), onboarding=onboarding)


@bp.get("/staff/accounts/<ref>/plan/v<int(max=9999):n>.pdf")
@allow(Can.SEE_DESK)
def our_paper(ref: str, n: int) -> Any:
    onboarding = onboarding_of(ref, request.args.get("o"))
    return _file(onboarding, n, url_for("plans.desk", ref=ref, o=onboarding.ref), ours=True)


def _sent(onboarding: Onboarding, n: int, *options: Any) -> PlanVersion:
    """The version of this number, if it ever left our hands; no other is read."""
    query = select(PlanVersion).where(PlanVersion.onboarding_id == onboarding.id, PlanVersion.n == n)
    query = query.where(PlanVersion.sent_at.is_not(None)).options(*options)
    return db.session.scalar(query) or abort(404)


def _file(onboarding: Onboarding, n: int, back: str, *, ours: bool) -> Response:
    version = _sent(onboarding, n)
    found = version.file
    if found is not None:
        return _send(found, version)
    slow = version.is_file_late
    page = render_template(
        "plans/making.html",
        version=version,
        onboarding=onboarding,
        back=back,
        ours=ours,
        slow=slow,
        again=AGAIN,
    )
    response = make_response(page, 202)
    response.headers["Retry-After"] = str(LATER if slow else AGAIN)
    return response


def _send(found: Paper, version: PlanVersion) -> Response:
    """As an attachment, which no browser shows as a page of ours. 404 when the bytes are lost."""
    if not found.path.is_file():
        abort(404)
    response = send_file(
        found.path,
        mimetype="application/pdf",
        as_attachment=True,
        download_name=_name(version),
        etag=found.sha256,
        max_age=0,
    )
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'; frame-ancestors 'none'"
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _name(version: PlanVersion) -> str:
    """“Northwind, onboarding plan, version 2.pdf”, without what file systems refuse."""
    company = re.sub(r"[^\w .&-]+", " ", version.document.customer).strip()[:60]
    return _("%(company)s, onboarding plan, version %(n)s", company=company, n=version.n) + ".pdf"
