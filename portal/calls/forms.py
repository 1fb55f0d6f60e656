"""Forms of a call: ask for a time, book, move, cancel; and what staff note afterwards."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    TimeField,
    ValidationError,
)
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length

from portal import web
from portal.access import Can, viewer
from portal.accounts.models import Person, User
from portal.calendars import at
from portal.calls.agenda import MOST, lines_of
from portal.calls.follow_up import labels, taker_of, takers
from portal.calls.models import Call
from portal.calls.rules import Side, why_not_logged_on
from portal.forms import FURTHEST, Form, Named, SeveralField, clean, short_text
from portal.onboardings.models import Onboarding

NEXT_STEPS = 4
POINT = 300  # Letters.


def choices_of(people: Iterable[Person]) -> list[SelectChoice]:
    """The customer's people as those who can be invited to a call; who has not come in yet is named so."""
    return [
        SelectChoice(p.ref, p.name if p.joined_at else _("%(name)s (not here yet)", name=p.name))
        for p in people
    ]


def web_address(_form: Any, field: Any) -> None:
    """Refuses what is no http address; nothing at all is fine."""
    if field.data and not _is_web_address(field.data):
        raise ValidationError(_("Enter an address that begins with https://"))


def _is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not any(c.isspace() for c in text)


class TimeForm(Form):
    """A chosen time: an ISO moment with its zone."""

    start = StringField(_l("Time"), [DataRequired(_l("Choose a time"))])

    def validate_start(self, field: Any) -> None:
        if self.moment is None:
            raise ValidationError(_("Choose one of the times shown"))

    @property
    def moment(self) -> datetime | None:
        """The time in UTC; None for what is none."""
        try:
            moment = datetime.fromisoformat(self.start.data or "")
            # Further off than this, adding the length of a call or a zone leaves the calendar.
            return moment.astimezone(UTC) if moment.tzinfo and 1970 < moment.year < 9000 else None
        except (ValueError, OverflowError):
            return None

    @property
    def chosen(self) -> datetime:
        """The time in UTC, once the form is valid."""
        assert self.moment is not None
        return self.moment


class BookForm(TimeForm):
    """`step` and `host` are refs, `people` refs of the account's people; the view looks them up."""

    step = HiddenField()
    host = HiddenField()
    people = SeveralField(_l("Who joins from your side"), validate_choice=False, choices=[])


class BookForThemForm(BookForm):
    """Staff book in a customer's place; `guest` is the ref of whose day the time is fitted to."""

    guest = HiddenField()
    people = SeveralField(_l("Who else joins from their side"), validate_choice=False, choices=[])
    join_link = short_text(_l("Link to join"), 300, web_address)


class MoveForm(TimeForm):
    """Another time for a call."""


class AskForm(Form):
    """One button: the customer is asked for a time."""


class CancelForm(Form):
    """Why a call does not take place."""

    reason = short_text(_l("Why, in a sentence"), 400, DataRequired(_l("Say why, so that the others know")))


class AgendaForm(Form):
    """What a call is to be about; `seen` is the seal of the agenda that its writer saw."""

    points = TextAreaField(
        _l("One point on each line"),
        [Length(max=4000, message=_l("Keep the agenda under 4,000 characters"))],
        filters=[clean],
    )
    seen = HiddenField()

    def validate_points(self, field: Any) -> None:
        lines = lines_of(field.data)
        if len(lines) > MOST or any(len(line) > POINT for line in lines):
            raise ValidationError(
                _("Keep it to %(most)s points of at most %(letters)s letters", most=MOST, letters=POINT)
            )

    @property
    def lines(self) -> list[str]:
        return lines_of(self.points.data)


class NoShowForm(Form):
    """Who did not come."""

    side = RadioField(
        _l("Who didn't come?"),
        [DataRequired(_l("Choose who didn't come"))],
        choices=[
            SelectChoice(Side.CUSTOMER.value, _l("The customer")),
            SelectChoice(Side.US.value, _l("Us")),
        ],
    )


class TakeBackForm(Form):
    """Why what was logged is taken back."""

    reason = short_text(
        _l("Why? The customer reads it."), 400, DataRequired(_l("Write why, in words the customer reads"))
    )


class HeldForm(Named):
    """What a call came to. Each next step is four fields: text, who, due and road, numbered."""

    notes = TextAreaField(
        _l("Notes, shared with the customer"),
        [Length(max=8000, message=_l("Keep the notes under 8,000 characters"))],
        filters=[clean],
    )
    recording_link = short_text(_l("Link to the recording"), 300, web_address)
    seen = HiddenField()  # The seal of the log that is changed.

    held_on: date | None = None
    today: date | None = None
    takers: Mapping[str, User] = MappingProxyType({})
    kept: Sequence[dict[str, Any]] = ()
    leads_to_road = True

    @classmethod
    def of(cls, call: Call) -> "HeldForm":
        """The form as it was filled in for this call, without what is on the road by now."""
        notes = [step for step in call.next_steps if not step.get("step")]
        steps: dict[str, Any] = {}
        for n, step in enumerate(notes, 1):
            taker = taker_of(call, step)
            steps |= {f"text_{n}": step["text"], f"due_{n}": step["due"] or ""}
            steps[f"who_{n}"] = taker.ref if taker else ""
        ticks = {f"road_{n}": False for n in range(1, len(notes) + 1)}
        return cls(formdata=None, notes=call.notes, recording_link=call.recording_link, **steps, **ticks)

    def offer(self, onboarding: Onboarding, call: Call | None = None) -> None:
        """Fill the lists of who may take a next step after `call`."""
        self.takers = takers(onboarding, *([call.owner] if call else []))
        self.today, self.leads_to_road = onboarding.account.today, onboarding.is_running
        if call is not None:
            self.held_on = call.start.astimezone(viewer().zone).date()
            self.kept = [one for one in call.agreed if one.get("step")]
        people = [SelectChoice(*one) for one in labels(self.takers).items()]
        for n in range(1, NEXT_STEPS + 1):
            self[f"who_{n}"].choices = [SelectChoice("", "–"), *people]

    @property
    def next_steps(self) -> list[dict[str, Any]]:
        """Those that have a text: text, who (a name), user (their ref), due (ISO date or none), and on_road where they
        are to become steps."""
        rows = [
            {
                "text": self[f"text_{n}"].data,
                "who": self._name(n),
                "user": self[f"who_{n}"].data,
                "due": self[f"due_{n}"].data or None,
            }
            | ({"on_road": True} if self._goes_on_road(n) else {})
            for n in range(1, NEXT_STEPS + 1)
        ]
        return [row for row in rows if row["text"]]

    @property
    def written(self) -> dict[str, Any]:
        """What `Call.hold` and `Call.rewrite` are told."""
        link = self.recording_link.data or None
        return {"notes": self.notes.data, "next_steps": self.next_steps, "recording_link": link}

    def _name(self, n: int) -> str:
        taker = self.takers.get(self[f"who_{n}"].data)
        return taker.name if taker else ""

    def _goes_on_road(self, n: int) -> bool:
        """Only what somebody does by a day; the tick stands there from the start."""
        return self.leads_to_road and all(self[f"{name}_{n}"].data for name in ("road", "text", "who", "due"))

    @property
    def took_place_on(self) -> date | None:
        """The day of the call on the wall of whoever logs it; none where it isn't known yet."""
        return self.held_on

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """As every form; everything that is missing is said at once, each at its field."""
        valid = super().validate(*args, **kwargs)
        if not (self.notes.data or self.recording_link.data):
            self.notes.errors = [*self.notes.errors, _("Write notes, or add the link to a recording")]
        if not (self.next_steps or self.kept):
            missing = _("Add at least one next step: what happens now, and who does it")
            self["text_1"].errors = [*self["text_1"].errors, missing]
        for n in range(1, NEXT_STEPS + 1):
            text, who, due = self[f"text_{n}"], self[f"who_{n}"], self[f"due_{n}"]
            if text.data and not who.data:
                who.errors = [*who.errors, _("Choose who does it")]
            if who.data and who.data not in [value for value, *_rest in who.iter_choices()]:
                who.errors = [*who.errors, _("Choose someone who works on this onboarding")]
            if due.data and (wrong := _why_not_due(due.data, self.took_place_on)):
                due.errors = [*due.errors, wrong]
            elif self._goes_on_road(n):
                self._check_for_road(n)
        return valid and not self.problems

    def _check_for_road(self, n: int) -> None:
        who, due = self[f"who_{n}"], self[f"due_{n}"]
        if self.today and date.fromisoformat(due.data) < self.today:
            due.errors = [
                *due.errors,
                _("That day has passed. Choose today or later, or leave it off the road"),
            ]
        taker = self.takers.get(who.data)
        if taker is not None and not (taker.is_staff or taker.may(Can.COMPLETE_STEP)):
            sentence = _(
                "%(name)s can't finish items. Choose somebody else, or leave it off the road",
                name=taker.called,
            )
            who.errors = [*who.errors, sentence]


class LoggedForm(HeldForm):
    """A call that took place without having been booked here; day and time are on the wall of whoever logs it."""

    day = DateField(_l("Day"), [InputRequired(_l("Choose the day on which it took place"))])
    time = TimeField(_l("Began at"), [InputRequired(_l("Enter when it began, like 09:00"))])
    held_by = SelectField(_l("Who held it"), choices=[])
    people = SeveralField(
        _l("Who was there from their side"),
        [DataRequired(_l("Choose at least one person who was there"))],
        validate_choice=False,
        choices=[],
    )

    def validate_day(self, field: Any) -> None:
        if field.data and (refusal := why_not_logged_on(field.data, web.local_today())):
            raise ValidationError(refusal)

    @property
    def took_place_on(self) -> date | None:
        return self.day.data

    def began(self, zone: ZoneInfo) -> datetime:
        """When it began, in UTC."""
        assert self.day.data is not None
        assert self.time.data is not None
        return at(self.day.data, self.time.data, zone)


for _n in range(1, NEXT_STEPS + 1):
    setattr(HeldForm, f"text_{_n}", short_text(_l("What happens"), 200))
    setattr(HeldForm, f"who_{_n}", SelectField(_l("Who"), validate_choice=False, choices=[]))
    setattr(HeldForm, f"due_{_n}", short_text(_l("By"), 10))
    setattr(HeldForm, f"road_{_n}", BooleanField(_l("Put it on the road, when it has a day"), default=True))


def _why_not_due(text: str, held_on: date | None) -> str | None:
    """The sentence that refuses a day for a next step: it may be past by now, but not before the call."""
    try:
        due = date.fromisoformat(text)
    except ValueError:
        return _("Enter a date like 2026-03-27")
    if held_on and due < held_on:
        return _("The call was on %(date)s. Choose that day or a later one", date=web.day(held_on))
    if due > web.local_today() + FURTHEST:
        return _("Choose a date within the next two years")
    return None
