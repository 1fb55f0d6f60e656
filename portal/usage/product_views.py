"""Settings of what the use of a product means, by the names of the events that come in."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy import select

from portal import db
from portal.access import Can, allow, viewer
from portal.accounts.models import Product
from portal.activity.models import Audience, Verb, record
from portal.usage.forms import ProductForm
from portal.usage.queries import names_seen

bp = Blueprint("products", __name__)


@bp.get("/staff/settings/products")
@allow(Can.MANAGE_SETTINGS)
def index() -> Any:
    return _page()


@bp.post("/staff/settings/products/<key>")
@allow(Can.MANAGE_SETTINGS)
def change(key: str) -> Any:
    product = db.session.scalar(select(Product).where(Product.key == key).with_for_update())
    if product is None:
        abort(404)
    form = ProductForm().called(key)
    if not form.validate():
        return _page(form, key), 422
    before = form.of(product)
    form.populate(product)
    if (after := form.of(product)) != before:
        record(
            product, Verb.PROVIDER_CHANGED, by=viewer(), audience=Audience.STAFF, before=before, after=after
        )
    flash(_("Kept: what the use of %(name)s means.", name=product.name), "done")
    return redirect(url_for("products.index"), 303)


def _page(refused: ProductForm | None = None, key: str = "") -> str:
    products = db.session.scalars(select(Product).order_by(Product.core.desc(), Product.name, Product.id))
    shown = [(one, refused if refused and one.key == key else ProductForm.filled(one)) for one in products]
    return render_template(
        "usage/products.html",
        products=shown,
        seen=names_seen(),
        problems=refused.problems if refused else [],
        refused=key,
    )
