"""Is the process up, and can it serve? For load balancers and supervisors."""

from typing import Any

from flask import Blueprint, Response, current_app

from portal import doctor
from portal.access import public

bp = Blueprint("probes", __name__)


@bp.get("/healthz")
@public
def healthz() -> Response:
    return Response("ok\n", mimetype="text/plain")


@bp.get("/readyz")
@public
def readyz() -> Any:
    """200 when database, worker and disk are there; else 503 with what is missing."""
    missing = [finding for finding in doctor.ready(current_app.config["PORTAL"]) if not finding.ok]
    lines = "".join(f"{finding.what}: {finding.text}\n" for finding in missing)
    return Response(lines or "ready\n", status=503 if missing else 200, mimetype="text/plain")
