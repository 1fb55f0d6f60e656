"""The provider's colours and the files its pages hand out."""

from typing import Any

from flask import Response, abort, current_app, send_from_directory
from sqlalchemy import select

from portal import db, uploads, web
from portal.access import Can, allow, find_or_404, public
from portal.accounts.colours import brand_css
from portal.accounts.models import Staff, provider
from portal.onboardings.models import Onboarding
from portal.road import bp
from portal.road.step_answers import step_or_404
from portal.uploads import Audience, Document


@bp.get("/brand.css")
@public
def brand() -> Response:
    """The accent as custom properties; nothing when the provider has set none."""
    response = Response(brand_css(provider().accent), mimetype="text/css")
    response.headers["Cache-Control"] = "public, max-age=300"
    return response


@bp.get("/logo/<name>")
@public
def logo(name: str) -> Any:
    """The provider's logo; its name changes with its content, so browsers may keep it."""
    if name != provider().logo:
        abort(404)
    return send_from_directory(current_app.config["PORTAL"].data_dir / "provider", name, max_age=web.A_YEAR)


@bp.get("/faces/<name>")
@allow(Can.SET_PREFERENCES)
def face(name: str) -> Any:
    """The picture of somebody of ours, for whoever is signed in; its name changes with its content."""
    if db.session.scalar(select(Staff.id).where(Staff.photo == name).limit(1)) is None:
        abort(404)
    return send_from_directory(current_app.config["PORTAL"].data_dir / "faces", name, max_age=web.A_YEAR)


@bp.get("/o/<oid>/steps/<sid>/files/<name>")
@allow(Can.SEE_ROAD)
def step_file(oid: str, sid: str, name: str) -> Any:
    """A template or example that the playbook hands out with this step."""
    step = step_or_404(oid, sid)
    if name not in {file.name for file in step.spec.files}:
        abort(404)
    return send_from_directory(web.PLAYBOOK_FILES, name, as_attachment=True)


@bp.get("/o/<oid>/documents/<ref>")
@allow(Can.SEE_ROAD)
def document(oid: str, ref: str) -> Any:
    onboarding = find_or_404(Onboarding, oid)
    found = find_or_404(Document, ref, onboarding_id=onboarding.id, audience=Audience.SHARED, removed_at=None)
    return uploads.send(found)
