"""A person's own preferences, the same page for customers and staff, and where they are signed in."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import Locale, get_locale
from flask_babel import gettext as _
from flask_login import current_user

from portal.access import Can, allow
from portal.accounts.models import Person, User
from portal.activity import models as activity
from portal.activity.models import Verb, record
from portal.auth import queries as sessions
from portal.notifications import models as notifications
from portal.notifications.rules import SWITCHABLE, Cadence, Channel
from portal.onboardings import queries
from portal.onboardings.models import Onboarding
from portal.onboardings.steps import Step
from portal.road import bp
from portal.road.people_forms import PreferencesForm
from portal.road.preference_words import CADENCE_HINTS, CHANNEL_HINTS


@bp.get("/preferences")
@allow(Can.SET_PREFERENCES)
def preferences() -> Any:
    wishes = notifications.wishes_of(current_user)
    kept = {
        "called": current_user.called,
        "locale": current_user.locale or "en",
        "time_zone": str(current_user.zone),
        "work_start": current_user.work_start,
        "work_end": current_user.work_end,
        "cadence": wishes.cadence.value,
        "channel": wishes.channel.value,
        "letters": [kind.value for kind in SWITCHABLE if kind.value not in wishes.letters_off],
        "learning_style": getattr(current_user, "learning_style", []),
        "paused_until": wishes.paused_until,
    }
    return _preferences(PreferencesForm(formdata=None, data=kept))


@bp.post("/preferences")
@allow(Can.SET_PREFERENCES)
def save_preferences() -> Any:
    form = PreferencesForm()
    form.offer_letters(is_staff=current_user.is_staff)
    if not form.validate():
        return _preferences(form, 422)
    user = current_user
    before = _profile(user)
    user.called, user.locale = form.called.data, form.locale.data
    user.time_zone = form.time_zone.data or None
    user.work_start, user.work_end = form.work_start.data, form.work_end.data
    if isinstance(user, Person):
        user.learning_style = form.learning_style.data or []
    if differing := [name for name, value in _profile(user).items() if value != before.get(name)]:
        record(
            user, Verb.PROFILE_CHANGED, by=user, after={"fields": differing}, audience=activity.Audience.STAFF
        )
    notifications.choose(
        user,
        cadence=Cadence(form.cadence.data),
        channel=Channel(form.channel.data),
        letters_off=form.letters_off,
        paused_until=form.paused_until.data,
    )
    flash(_("Saved. From now on we write to you like this."), "done")
    step = _came_from(_roads())
    if step is not None:  # The item is finished on its own page.
        return redirect(url_for("road.step", oid=step.onboarding.ref, sid=step.ref), 303)
    return redirect(url_for("road.preferences"), 303)


def _roads() -> list[Onboarding]:
    return [] if current_user.is_staff else list(queries.onboardings_of_viewer())


def _came_from(roads: list[Onboarding]) -> Step | None:
    """The item of the viewer's own road whose page led here (`?from=`)."""
    ref = request.args.get("from")
    found = (step for road in roads for step in road.steps if step.ref == ref and step.visible)
    return next(found, None) if ref else None


def _profile(user: User) -> dict[str, Any]:
    """What the preferences page changes of the user themselves."""
    names = ("called", "locale", "time_zone", "work_start", "work_end", "learning_style")
    return {name: getattr(user, name, None) for name in names}


def _preferences(form: PreferencesForm, status: int = 200) -> Any:
    found = _roads()
    came_from = _came_from(found)
    form.offer_letters(is_staff=current_user.is_staff)
    form.offer(str(current_user.zone), get_locale() or Locale("en"))
    return render_template(
        "road/preferences.html",
        onboarding=came_from.onboarding if came_from else found[0] if found else None,
        came_from=came_from,
        form=form,
        cadence_hints=CADENCE_HINTS,
        channel_hints=CHANNEL_HINTS,
        problems=form.problems,
        sessions=sessions.sessions_of(current_user),
    ), status
