"""Settings of what comes in from the product: keys, and which events could be used."""

from typing import Any

from flask import Blueprint, abort, current_app, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy import select

from portal import db
from portal.access import Can, allow, viewer
from portal.accounts.queries import account_called
from portal.auth import keys as api_keys
from portal.auth.keys import USAGE_WRITE, ApiKey
from portal.errors import Refused
from portal.forms import EmptyForm
from portal.usage import sources
from portal.usage.forms import KeyForm

bp = Blueprint("usage_desk", __name__)


@bp.get("/staff/settings/events")
@allow(Can.MANAGE_SETTINGS)
def events() -> Any:
    settings = current_app.config["PORTAL"]
    return render_template(
        "usage/events.html",
        sources=sources.all_sources(viewer()),
        address=settings.base_url,
        days=settings.event_days,
    )


@bp.get("/staff/settings/keys")
@allow(Can.MANAGE_SETTINGS)
def keys() -> Any:
    return _keys_page(KeyForm(formdata=None))


@bp.post("/staff/settings/keys")
@allow(Can.MANAGE_SETTINGS)
def make_key() -> Any:
    """The only answer that shows the secret, so it leads nowhere else."""
    form = KeyForm()
    if not form.validate():
        return _keys_page(form), 422
    try:
        bound_to = account_called(form.account.data) if form.account.data else None
        key, secret = api_keys.make(
            form.name.data, [USAGE_WRITE], by=viewer(), bound_to=bound_to, asked=form.asked.data
        )
    except Refused as refusal:
        status = form.refuse(refusal)
        return _keys_page(form), status
    db.session.flush()
    return render_template("usage/key_made.html", key=key, secret=secret)


@bp.post("/staff/settings/keys/<ref>/revoke")
@allow(Can.MANAGE_SETTINGS)
def revoke_key(ref: str) -> Any:
    key = db.session.scalar(select(ApiKey).where(ApiKey.ref == ref).with_for_update())
    if key is None:
        abort(404)
    EmptyForm().demand()
    key.revoke(by=viewer())
    flash(_("The key of %(name)s opens nothing any more.", name=key.name), "done")
    return redirect(url_for("usage_desk.keys"), 303)


def _keys_page(form: KeyForm) -> str:
    return render_template(
        "usage/keys.html",
        form=form,
        keys=api_keys.all_keys(),
        today=sources.today_of(viewer()),
        problems=form.problems,
    )
