"""Forms of results: one for a wording, one for a value, and small ones for the answers."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DateField, HiddenField, RadioField, SelectField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from portal.accounts.models import Person, Staff
from portal.criteria.numbers import in_box, read
from portal.criteria.rules import MOST_CHECKPOINTS, Direction, Evidence
from portal.criteria.wanted import Wanted, Way
from portal.criteria.wordings import LONGEST_NOTE, LONGEST_STATEMENT, CriterionWording
from portal.criteria.words import DIRECTIONS, EVIDENCE
from portal.errors import Refused
from portal.forms import Form, Named, OneFileField, clean, near, short_text
from portal.playbooks.agreeing import CriterionSuggestion

NONE, THERE = Decimal(0), Decimal(1)
NUMBERS = {
    "baseline": _l("Enter what it is today as a number, like 12 or 1.5"),
    "target": _l("Enter the target as a number, like 12 or 1.5"),
}


def _note(label: Any, *checks: Any) -> TextAreaField:
    too_long = _l("Keep this under %(most)s characters", most=LONGEST_NOTE)
    return TextAreaField(label, [*checks, Length(max=LONGEST_NOTE, message=too_long)], filters=[clean])


class AnswerForm(Form):
    """A press that is about the wording that was read: agree, stand by it."""

    seen = HiddenField()


class WithdrawForm(AnswerForm, Named):
    """Take it back; what is agreed needs a reason."""

    why = _note(_l("Why isn't it a goal any more?"), Optional())


class WordingForm(AnswerForm):
    """All of one wording. Numbers are read as people type them, with a comma or a unit behind them."""

    statement = short_text(
        _l("What will be different"), LONGEST_STATEMENT, DataRequired(_l("Name the result in a few words"))
    )
    direction = RadioField(
        _l("How it moves"),
        [InputRequired(_l("Choose which way it should go"))],
        choices=[SelectChoice(one.value, words) for one, words in DIRECTIONS.items()],
    )
    baseline = short_text(_l("Today"), 40, Optional())
    target = short_text(_l("Target"), 40, Optional())
    unit = short_text(_l("Unit"), 20, Optional())
    target_on = DateField(_l("By when"), [InputRequired(_l("Choose the day it should be there")), near])
    seen_in = short_text(_l("Where both of us will see it"), 120, Optional())
    evidence = SelectField(
        _l("How it shows"),
        choices=[SelectChoice(one.value, words) for one, words in EVIDENCE.items()],
        default=Evidence.STATEMENT,
    )
    must_have = BooleanField(_l("Without this one the onboarding isn't a success"))
    checkpoint_1_value = short_text(_l("First checkpoint"), 40, Optional())
    checkpoint_1_what = short_text(_l("What happens then"), 60, Optional())
    checkpoint_1_on = DateField(_l("By when"), [Optional(), near])
    checkpoint_2_value = short_text(_l("Second checkpoint"), 40, Optional())
    checkpoint_2_what = short_text(_l("What happens then"), 60, Optional())
    checkpoint_2_on = DateField(_l("By when"), [Optional(), near])
    checkpoint_3_value = short_text(_l("Third checkpoint"), 40, Optional())
    checkpoint_3_what = short_text(_l("What happens then"), 60, Optional())
    checkpoint_3_on = DateField(_l("By when"), [Optional(), near])
    their_owner = SelectField(_l("Who looks after it at the customer"), [Optional()], validate_choice=True)
    our_owner = SelectField(_l("Who of us looks after it"), [Optional()], validate_choice=True)
    note = _note(_l("A line to the other side"), Optional())

    def __init__(self, people: Sequence[Person] = (), team: Sequence[Staff] = (), **more: Any) -> None:
        """`people` and `team` are those who can look after it; without any, the question isn't asked."""
        super().__init__(**more)
        self.people, self.team = people, team
        for name, asked in (("their_owner", people), ("our_owner", team)):
            if asked:
                self[name].choices = [
                    SelectChoice("", _("Nobody yet")),
                    *(SelectChoice(one.ref, one.name) for one in asked),
                ]
            else:
                del self[name]
        if people and not team:  # Asked of the customer, of whom these are.
            self.their_owner.label.text = _("Who of you looks after it")
            self.note.label.text = _("A line to your team")

    # --- Filled in ---

    def fill(self, words: CriterionWording) -> None:
        """With a wording, its note left out."""
        for name in ("statement", "unit", "target_on", "seen_in", "must_have"):
            self[name].data = getattr(words, name)
        self.direction.data, self.evidence.data = words.direction.value, words.evidence.value
        self.seen.data = words.ref
        if words.direction is not Direction.BY_DATE:
            self.baseline.data, self.target.data = in_box(words.baseline), in_box(words.target)
        for n, way in enumerate(words.checkpoints, 1):
            self[f"checkpoint_{n}_value"].data = in_box(way.value)
            self[f"checkpoint_{n}_what"].data = way.what
            self[f"checkpoint_{n}_on"].data = way.on

    def start_from(self, one: CriterionSuggestion) -> None:
        """With what the playbook suggests; its numbers are theirs to fill in where it has none."""
        self.statement.data, self.unit.data, self.seen_in.data = one.statement, one.unit, one.seen_in
        self.direction.data, self.evidence.data = one.direction, one.evidence
        for name in NUMBERS:
            value = getattr(one, name)
            self[name].data = "" if value is None else in_box(Decimal(str(value)))

    # --- Read ---

    def validate_seen_in(self, field: Any) -> None:
        field.data = field.data or None

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        fine = super().validate(*args, **kwargs)
        return self._read_numbers() and fine

    def _read_numbers(self) -> bool:
        """Whether every number can be read; a unit typed behind one is the unit, when none was named."""
        self.read: dict[str, Decimal | None] = {}
        by_date = self.direction.data == Direction.BY_DATE
        names = [] if by_date else [*NUMBERS, *(f"checkpoint_{n}_value" for n in _places())]
        for name in names:
            field = self[name]
            try:
                self.read[name] = self._number(field.data or "", NUMBERS.get(name))
            except Refused as refusal:
                field.errors = [*field.errors, _("%(field)s: %(what)s", field=field.label.text, what=refusal)]
        for n in _places():
            value, what = self[f"checkpoint_{n}_value"].data, self[f"checkpoint_{n}_what"].data
            day = self[f"checkpoint_{n}_on"]
            if (value or what) and not day.data and not day.errors:
                day.errors = [*day.errors, _("Choose the day of this checkpoint")]
            if day.data and not (value or what):
                self[f"checkpoint_{n}_value"].errors = [_("Enter what it is by then, or clear the day")]
        return not self.errors

    def _number(self, text: str, missing: Any) -> Decimal | None:
        """`missing` is what to say where nothing was typed; None where nothing has to be."""
        if not text:
            if missing:
                raise Refused(str(missing))
            return None
        value, unit = read(text)
        if unit and not self.unit.data:
            self.unit.data = unit[:20]
        elif unit and unit.casefold() != (self.unit.data or "").casefold():
            raise Refused(_("Enter the number alone, in “%(unit)s”.", unit=self.unit.data))
        return value

    @property
    def wanted(self) -> Wanted:
        """The wording that was typed."""
        by_date = self.direction.data == Direction.BY_DATE
        ways = [
            Way(on, self.read.get(f"checkpoint_{n}_value"), self[f"checkpoint_{n}_what"].data or None)
            for n in _places()
            if (on := self[f"checkpoint_{n}_on"].data)
        ]
        return Wanted(
            statement=self.statement.data or "",
            direction=Direction(self.direction.data),
            baseline=NONE if by_date else self.read["baseline"] or NONE,
            target=THERE if by_date else self.read["target"] or NONE,
            target_on=self.target_on.data,
            unit=None if by_date else self.unit.data or None,
            must_have=bool(self.must_have.data),
            evidence=Evidence(self.evidence.data),
            seen_in=self.seen_in.data or None,
            checkpoints=sorted(ways, key=lambda way: way.on),
        )

    def owner(self, name: str, now: Any) -> Any:
        """Who was chosen, or who it is now where that wasn't asked."""
        if name not in self:
            return now
        listed: Sequence[Any] = self.people if name == "their_owner" else self.team
        return next((one for one in listed if one.ref == self[name].data), None)


def _places() -> range:
    return range(1, MOST_CHECKPOINTS + 1)


class MeasureForm(Named):
    """A value of a day; of what is there or isn't, only whether it is."""

    value = short_text(_l("The value"), 40, Optional())
    is_there = BooleanField(_l("It is there"))
    on = DateField(_l("Measured on"), [InputRequired(_l("Choose the day it was measured"))])
    note = short_text(_l("Where you saw it"), 300, Optional())
    file = OneFileField(_l("A file that shows it"), [Optional()])

    def value_for(self, words: CriterionWording) -> Decimal:
        """The value in the unit of this result. Raises Refused."""
        if words.direction is Direction.BY_DATE:
            return THERE if self.is_there.data else NONE
        try:
            value, unit = read(self.value.data or "")
        except Refused as refusal:
            raise Refused(str(refusal), field="value") from None
        if unit and unit.casefold() != (words.unit or "").casefold():
            raise Refused(
                _("Enter the number alone, in “%(unit)s”.", unit=words.unit or ""),
                field="value",
            )
        return value


class MissedForm(Named):
    """Its day is over and it isn't met."""

    why = _note(_l("What kept it from happening?"), DataRequired(_l("Write what kept it from happening")))
