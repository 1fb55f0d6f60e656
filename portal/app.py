"""Builds the web application; the only module that knows every feature."""

from importlib import import_module
from typing import Any

from babel import Locale
from flask import Flask, g
from flask_babel import get_locale
from flask_login import current_user
from jinja2 import StrictUndefined

from portal import access, auth, config, db, logs, mail, web
from portal.accounts.models import nameless, provider
from portal.accounts.words import who_may
from portal.activity.sentences import sentence
from portal.config import Config
from portal.desk.nav import desk_nav, settings_nav
from portal.onboardings import visits, words
from portal.plans.days import plan_day, plan_days
from portal.plans.drawing import road
from portal.plans.words import ended, plan_title
from portal.road.nav import nav_of

PAGES = (
    "auth.views",
    "road.views",
    "road.step_views",
    "road.detour_views",
    "road.people_views",
    "road.preference_views",
    "road.brand",
    "calls.views",
    "calls.desk_views",
    "calls.arrange_views",
    "calls.week_views",
    "messages.views",
    "scope.views",
    "scope.desk_views",
    "plans.desk_views",
    "criteria.views",
    "handoffs.views",
    "plans.views",
    "plans.paper_views",
    "plans.verify_views",
    "plans.countersign_views",
    "readiness.prerequisite_views",
    "readiness.prerequisite_staff_views",
    "readiness.views",
    "readiness.ask_views",
    "readiness.result_views",
    "escalations.views",
    "desk.views",
    "desk.list_views",
    "desk.bulk_views",
    "desk.step_views",
    "desk.wave_views",
    "desk.onboarding_views",
    "desk.create_views",
    "desk.people_views",
    "desk.note_views",
    "desk.notice_views",
    "desk.goal_views",
    "desk.seeing_views",
    "desk.team_views",
    "desk.edit_views",
    "desk.date_views",
    "desk.day_views",
    "desk.readiness_views",
    "desk.usage_views",
    "usage.views",
    "desk.health_views",
    "health.views",
    "usage.desk_views",
    "escalations.trigger_views",
    "usage.product_views",
    "nudges.views",
    "nudges.customer_views",
    "usage.import_views",
    "probes",
)


def create_app(settings: Config | None = None) -> Flask:
    """The application for `settings` (the environment's when left out). Raises SettingError."""
    settings = settings or config.read()
    logs.configure(settings.log)
    app = Flask("portal", root_path=str(web.ROOT), static_folder=None, template_folder="templates")
    app.config.update(
        PORTAL=settings,
        SECRET_KEY=settings.secret_key,
        MAX_CONTENT_LENGTH=64 * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=1024 * 1024,
        MAX_FORM_PARTS=500,
        SESSION_COOKIE_NAME="__Host-form" if settings.secure else "form",
        SESSION_COOKIE_SECURE=settings.secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,
        PREFERRED_URL_SCHEME="https" if settings.secure else "http",
    )
    # Two slashes in a row lead nowhere: the redirect to one would name whatever host the request claims.
    app.url_map.merge_slashes = False
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    db.connect(settings.database_url)
    mail.configure(settings)
    web.init_app(app, settings)
    access.public(app.view_functions["asset"])
    auth.init_app(app)
    visits.init_app(app)
    app.before_request(access.guard)
    app.add_template_filter(sentence, "happened")
    app.add_template_filter(who_may)
    for spoken in (words.minutes, words.listed, words.facts, plan_day, plan_days, plan_title, ended):
        app.add_template_filter(spoken)
    app.add_template_filter(road, "plan_road")
    import_module("portal.tables")  # All of them, before a page builds a statement while it is loaded.
    for blueprint in dict.fromkeys(import_module(f"portal.{page}").bp for page in PAGES):
        app.register_blueprint(blueprint)
    app.context_processor(_everywhere)
    return app


def _everywhere() -> dict[str, Any]:
    """What every template may use; the page that says the database is gone asks it for nothing."""
    if g.get("database_gone"):
        return {"provider": nameless(), "viewer": None, "nav_of": lambda _onboarding: [], "seeing": None}
    reader = access.viewer() if current_user else None
    locale = get_locale() or Locale("en")
    return {
        "provider": provider(),
        "viewer": reader if reader and reader.is_authenticated else None,
        "nav_of": nav_of,
        "seeing": g.get("seeing"),
        "desk_nav": desk_nav,
        "settings_nav": settings_nav,
        "lang": str(locale).replace("_", "-"),
        "dir": locale.text_direction,
    }
