"""What an effect is called and why it is, in the words of whoever reads it."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.onboardings import words
from portal.readiness.effects import EffectState, ReadinessEffect

ROLES = {
    "admin": _l("your admin"),
    "it_contact": _l("your IT contact"),
    "end_users": _l("the people who use it"),
    "sponsor": _l("your sponsor"),
}
SHAPES = {
    "depth": {
        "short": _l("%(title)s, the short way"),
        "standard": _l("%(title)s, the usual way"),
        "deep": _l("%(title)s, in depth"),
    },
    "put_first": {"": _l("%(title)s comes first")},
    "assign": {role: _l("%(title)s goes to %(role)s") for role in ROLES},
}
STATES = {
    EffectState.APPLIED: _l("on the road"),
    EffectState.OFFERED: _l("offered"),
    EffectState.TAKEN: _l("chosen by them"),
    EffectState.CONTESTED: _l("they say it isn't right"),
    EffectState.PROPOSED: _l("waits for you"),
    EffectState.ACCEPTED: _l("accepted"),
    EffectState.DECLINED: _l("declined"),
    EffectState.OVERRULED: _l("overruled"),
    EffectState.WITHDRAWN: _l("no longer asked for"),
}
APPLIED = {
    "exclude": _l("left out"),
    "prerequisite": _l("asked for"),
    "agenda": _l("on the agenda"),
}
KINDS = {
    "include": _l("Added"),
    "exclude": _l("Left out"),
    "offer": _l("Offered"),
    "depth": _l("How deep"),
    "put_first": _l("Put first"),
    "assign": _l("Given to"),
    "prerequisite": _l("To have ready"),
    "agenda": _l("On an agenda"),
    "wave": _l("A wave of its own"),
    "signal": _l("A signal"),
}


def called(effect: ReadinessEffect) -> str:
    """“Single sign-on”, “Importing, in depth”."""
    shape = SHAPES.get(effect.kind, {}).get(effect.beside)
    return (
        str(shape) % {"title": effect.title, "role": ROLES.get(effect.beside, "")} if shape else effect.title
    )


def standing(effect: ReadinessEffect) -> str:
    """How it stands, to staff: “on the road”, “left out”, “declined”."""
    told = APPLIED.get(effect.kind) if effect.state is EffectState.APPLIED else None
    said = str(told or STATES[effect.state])
    return _("%(state)s, needs an amendment", state=said) if effect.needs_amendment else said


def because(effect: ReadinessEffect) -> str:
    """“Because you said your data is in spreadsheets.”"""
    if not effect.because:
        return _("Because you weren't sure yet.")
    return _("Because %(why)s.", why=effect.reasons)


def signed(minutes: int) -> str:
    """“+45 min”, “−1 h 30 min”, “±0 min”."""
    length = words.minutes(abs(minutes))
    if not minutes:
        return _("±%(time)s", time=length)
    return _("+%(time)s", time=length) if minutes > 0 else _("−%(time)s", time=length)
