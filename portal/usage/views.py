"""The tracking API: events in, by the SDKs that customers have already. No session, no form: a key says who sends."""

from http import HTTPStatus

from flask import Blueprint, Response, current_app, json, request
from flask_babel import gettext as _
from werkzeug.exceptions import RequestEntityTooLarge

from portal import clock, db
from portal.access import public
from portal.auth import keys
from portal.auth.keys import USAGE_WRITE, ApiKey
from portal.usage.envelope import MOST_BYTES, Envelope, Unreadable, opened, too_large, user_name
from portal.usage.reading import Reader, oldest_kept
from portal.usage.storing import source_called, store
from portal.web import csrf

bp = csrf.exempt(Blueprint("usage", __name__))

STORED = b'{"success": true}'


@bp.post("/v1/<any(track, identify, group, page, screen, alias, batch):call>/", strict_slashes=False)
@public
def take(call: str) -> Response:
    """200 once everything that can be used is stored; single events that can't be are on the list of rejects."""
    try:
        # By a connection that only reads: who has no key never gets in the way of those who write.
        db.start(reading=True)
        key = _key(user_name(request.headers.get("Authorization")))
        envelope = _envelope(call)
        key = key or _key(envelope.write_key)
    except Unreadable as why:
        return _answer(why.status, str(why))
    if key is None:
        return _answer(HTTPStatus.UNAUTHORIZED, _("This key is not known here, or it was revoked."))
    now = clock.now()
    reader = Reader(call, now, oldest_kept(now, current_app.config["PORTAL"].event_days), envelope.sent_at)
    read = [reader.read(event) for event in envelope.events]
    db.start()
    key.used()
    store(source_called(key.name), read, now, bound_to=key.bound_to_id)
    return Response(STORED, mimetype="application/json")


def _key(secret: str) -> ApiKey | None:
    """The living key of this secret; a wrong one is refused before anything else is looked at."""
    if not secret:
        return None
    key = keys.find(secret, USAGE_WRITE)
    if key is None:
        raise Unreadable(HTTPStatus.UNAUTHORIZED, _("This key is not known here, or it was revoked."))
    return key


def _envelope(call: str) -> Envelope:
    request.max_content_length = MOST_BYTES
    try:
        body = request.get_data(cache=False)
    except RequestEntityTooLarge:
        raise too_large() from None
    return opened(body, request.headers.get("Content-Encoding", ""), call)


def _answer(status: HTTPStatus, sentence: str) -> Response:
    body = json.dumps({"success": False, "message": sentence})
    return Response(body, status=status, mimetype="application/json")
