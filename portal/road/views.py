"""Home and stage pages, and the way from the front door to them."""

from typing import Any

from flask import redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user

from portal import web
from portal.access import Can, allow, viewer
from portal.activity.queries import timeline
from portal.activity.sentences import sentence
from portal.calls.cards import next_call
from portal.onboardings import queries
from portal.onboardings.meter import item_of, next_for, road_of
from portal.onboardings.models import Onboarding
from portal.onboardings.words import STAGE_LINES, STAGE_TITLES
from portal.road import bp
from portal.road.change_words import changed
from portal.road.home import home_of


@bp.get("/")
@allow(Can.SET_PREFERENCES)
def front() -> Any:
    """Staff go to their desk, a customer to the onboarding, or to the list when there are several."""
    if current_user.is_staff:
        # Whoever only looks after the install has no desk; their page says what they can do.
        desk = current_user.may(Can.SEE_DESK)
        return redirect(url_for("desk.accounts" if desk else "road.preferences"), 303)
    found = queries.onboardings_of_viewer()
    if len(found) == 1:
        return redirect(_landing(found[0]), 303)
    return render_template("road/several.html", onboardings=found, landing=_landing)


def _landing(onboarding: Onboarding) -> str:
    """Admins and sponsors land on the road, teammates on their own part of it."""
    teammate = current_user.portal_role == "teammate"
    return url_for("road.mine" if teammate else "road.home", oid=onboarding.ref)


@bp.get("/o/<oid>")
@allow(Can.SEE_ROAD)
def home(oid: str) -> Any:
    onboarding = queries.onboarding_and_people_or_404(oid)
    return render_template(
        "road/home.html",
        onboarding=onboarding,
        home=home_of(onboarding, viewer()),
        stage_lines=STAGE_LINES,
        call=next_call(onboarding),
        lately=_lately(onboarding),
    )


def _lately(onboarding: Onboarding) -> list[dict[str, str]]:
    past = timeline(onboarding.id, onboarding.account_id, limit=3)
    return [{"date": web.short_day(one.at), "text": sentence(one), "iso": one.at.isoformat()} for one in past]


@bp.get("/o/<oid>/mine")
@allow(Can.SEE_ROAD)
def mine(oid: str) -> Any:
    onboarding = queries.onboarding_or_404(oid)
    step = next_for(onboarding, viewer())
    own = [s for s in onboarding.steps if s.assignee_id == current_user.id and s.visible]
    return render_template(
        "road/mine.html",
        onboarding=onboarding,
        home=home_of(onboarding, viewer()),
        own=[item_of(s, viewer(), step) for s in own if not s.is_closed],
        done=[item_of(s, viewer(), step) for s in own if s.is_done],
        minutes=sum(s.minutes for s in own if not s.is_closed),
    )


@bp.get("/o/<oid>/stages/<any(welcome, expectations, training, graduation):key>")
@allow(Can.SEE_ROAD)
def stage(oid: str, key: str) -> Any:
    onboarding = queries.onboarding_or_404(oid)
    step = next_for(onboarding, viewer())
    chosen = onboarding.stage_called(key)
    modules = [(m, [item_of(s, viewer(), step) for s in m.steps if s.visible]) for m in chosen.modules]
    return render_template(
        "road/stage.html",
        onboarding=onboarding,
        stage=chosen,
        title=STAGE_TITLES[key],
        text=onboarding.playbook_version.document.stage_text(key),  # type: ignore[arg-type]
        road=road_of(onboarding, step, tag=_("Next") if step and step.stage is chosen else ""),
        changed=changed(onboarding, stage=key),
        modules=[(module, items) for module, items in modules if items],
    )
