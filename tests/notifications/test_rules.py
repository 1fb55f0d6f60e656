"""When a letter leaves: cadence, quiet hours, one a day."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.calendars import Calendar, WorkingHours
from portal.notifications.rules import (
    ALWAYS,
    DUE,
    IN_HOURS,
    REMINDERS,
    SWITCHABLE,
    Cadence,
    Channel,
    Digest,
    Drop,
    Kind,
    SendAt,
    Wishes,
    digest_moment,
    wants_morning,
    when,
)

LISBON = ZoneInfo("Europe/Lisbon")
PT_HOURS = WorkingHours(calendar=Calendar(country="PT"))
COUNTED = [kind for kind in SWITCHABLE if kind not in IN_HOURS]  # By days.
TUESDAY = datetime(2026, 3, 3, 9, 30, tzinfo=UTC)

moments = st.datetimes(datetime(2025, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))
zones = st.sampled_from(
    ["Europe/Lisbon", "America/St_Johns", "Asia/Kolkata", "Pacific/Auckland", "Pacific/Kiritimati"]
)
wishes = st.builds(
    Wishes,
    cadence=st.sampled_from(Cadence),
    channel=st.sampled_from(Channel),
    letters_off=st.sets(st.sampled_from([kind.value for kind in SWITCHABLE])),
    paused_until=st.none() | st.dates(date(2025, 1, 1), date(2028, 1, 1)),
)


def decide(chosen=None, kind=Kind.WELCOME, moment=TUESDAY, **more):
    return when(chosen or Wishes(), kind, moment, zone=LISBON, hours=PT_HOURS, **more)


def test_in_hours_it_leaves_at_once():
    assert decide() == SendAt(TUESDAY, date(2026, 3, 3))


@pytest.mark.parametrize(
    ("moment", "leaves"),
    [
        (datetime(2026, 3, 3, 6, 0), datetime(2026, 3, 3, 9, 0)),
        (datetime(2026, 3, 3, 17, 0), datetime(2026, 3, 4, 9, 0)),
        (datetime(2026, 3, 6, 20, 0), datetime(2026, 3, 9, 9, 0)),
        (datetime(2026, 4, 2, 18, 0), datetime(2026, 4, 6, 9, 0)),  # Good Friday, then the weekend.
    ],
)
def test_out_of_hours_it_waits_for_the_next_working_morning(moment, leaves):
    verdict = decide(moment=moment.replace(tzinfo=LISBON))
    assert verdict == SendAt(leaves.replace(tzinfo=LISBON).astimezone(UTC), leaves.date())


def test_a_second_letter_of_a_day_waits_for_the_digest():
    assert decide(taken={date(2026, 3, 3)}) == Digest()
    assert decide(taken={date(2026, 3, 2)}) == SendAt(TUESDAY, date(2026, 3, 3))


def test_what_waits_takes_the_next_letters_along():
    assert decide(digest_waits=True) == Digest()


@pytest.mark.parametrize("kind", sorted(ALWAYS))
def test_sign_in_and_security_always_leave_at_once_and_use_up_no_day(kind):
    night = datetime(2026, 3, 8, 2, 0, tzinfo=UTC)
    off = Wishes(Cadence.WEEKLY, Channel.NONE, {kind.value}, date(2027, 1, 1))
    assert decide(off, kind, night, taken={date(2026, 3, 8)}, digest_waits=True) == SendAt(night)


def test_what_they_just_asked_for_leaves_at_once():
    night = datetime(2026, 3, 8, 2, 0, tzinfo=UTC)
    paused = Wishes(Cadence.WEEKLY, paused_until=date(2027, 1, 1))
    assert decide(paused, Kind.CALL, night, just_asked=True) == SendAt(night)
    for off in (Wishes(channel=Channel.NONE), Wishes(letters_off={Kind.CALL})):
        assert decide(off, Kind.CALL, night, just_asked=True) == Drop()


@pytest.mark.parametrize("cadence", [Cadence.DAILY, Cadence.WEEKLY])
def test_who_chose_a_digest_gets_it_all_there(cadence):
    assert {decide(Wishes(cadence), kind) for kind in COUNTED if kind is not Kind.DIGEST} == {Digest()}


def test_only_what_is_due_brings_only_that():
    brought = {kind for kind in SWITCHABLE if decide(Wishes(Cadence.ONLY_DUE), kind) != Drop()}
    assert brought == DUE


def test_a_pause_drops_reminders_and_keeps_the_news():
    paused = Wishes(paused_until=date(2026, 3, 4))
    assert {decide(paused, kind) for kind in REMINDERS} == {Drop()}
    assert decide(paused) == Digest()
    assert decide(paused, moment=TUESDAY + timedelta(days=1)) == SendAt(
        TUESDAY + timedelta(days=1), date(2026, 3, 4)
    )


@settings(deadline=None)  # The first look at a year computes its holidays.
@given(wishes, st.sampled_from(SWITCHABLE), moments, zones)
def test_switched_off_or_no_channel_means_no_letter(chosen, kind, moment, zone):
    for off in (Wishes(chosen.cadence, Channel.NONE), Wishes(chosen.cadence, letters_off={kind.value})):
        assert when(off, kind, moment, zone=ZoneInfo(zone), hours=WorkingHours()) == Drop()


@settings(deadline=None)  # The first look at a year computes its holidays.
@given(
    wishes,
    st.lists(st.tuples(st.sampled_from(COUNTED), st.integers(0, 4000)), max_size=25),
    moments,
    zones,
)
def test_never_two_a_day_and_never_out_of_hours(chosen, letters, moment, zone):
    zone, days = ZoneInfo(zone), set()
    for kind, minutes in letters:
        moment += timedelta(minutes=minutes)
        verdict = when(chosen, kind, moment, zone=zone, hours=WorkingHours(), taken=days)
        if isinstance(verdict, SendAt):
            local = verdict.moment.astimezone(zone)
            assert local.date() == verdict.day
            assert verdict.day not in days
            assert verdict.moment >= moment
            assert local.weekday() < 5
            assert time(9) <= local.time() < time(17)
            days.add(verdict.day)


@pytest.mark.parametrize(
    ("cadence", "written", "leaves"),
    [
        (Cadence.DAILY, (2026, 3, 3, 11), (2026, 3, 4, 9)),
        (Cadence.DAILY, (2026, 3, 3, 8), (2026, 3, 3, 9)),
        (Cadence.DAILY, (2026, 3, 3, 18), (2026, 3, 4, 9)),
        (Cadence.DAILY, (2026, 3, 6, 11), (2026, 3, 9, 9)),
        (Cadence.DAILY, (2026, 3, 7, 11), (2026, 3, 9, 9)),
        (Cadence.AS_IT_HAPPENS, (2026, 3, 3, 11), (2026, 3, 4, 9)),
        (Cadence.WEEKLY, (2026, 3, 3, 11), (2026, 3, 9, 9)),
        (Cadence.WEEKLY, (2026, 3, 9, 8), (2026, 3, 16, 9)),
        (Cadence.WEEKLY, (2026, 3, 8, 23), (2026, 3, 9, 9)),
    ],
)
def test_the_digest_leaves_on_the_next_morning_of_its_cadence(cadence, written, leaves):
    got = digest_moment(Wishes(cadence), datetime(*written, tzinfo=LISBON), LISBON, PT_HOURS)
    assert got == datetime(*leaves, tzinfo=LISBON)


def test_a_digest_waits_for_the_end_of_a_pause():
    paused = Wishes(Cadence.DAILY, paused_until=date(2026, 3, 14))
    assert digest_moment(paused, TUESDAY, LISBON, PT_HOURS) == datetime(2026, 3, 16, 9, tzinfo=LISBON)


@settings(deadline=None)  # The first look at a year computes its holidays.
@given(wishes, moments, zones)
def test_a_digest_is_never_before_its_lines_and_always_in_hours(chosen, moment, zone):
    local = digest_moment(chosen, moment, ZoneInfo(zone), WorkingHours()).astimezone(ZoneInfo(zone))
    assert local >= moment
    assert local.weekday() < 5
    assert time(9) <= local.time() < time(17)


@pytest.mark.parametrize("kind", sorted(IN_HOURS))
@pytest.mark.parametrize("cadence", Cadence)
def test_what_calls_one_of_ours_waits_for_their_hours_and_for_no_day(kind, cadence):
    """At 22:30 in Lisbon, for whoever begins at eight."""
    early, night = WorkingHours(time(8), time(16)), datetime(2026, 3, 3, 22, 30, tzinfo=UTC)
    days = {date(2026, 3, 3), date(2026, 3, 4)}
    verdict = when(Wishes(cadence), kind, night, zone=LISBON, hours=early, taken=days, digest_waits=True)
    assert verdict == SendAt(datetime(2026, 3, 4, 8, tzinfo=UTC))


@pytest.mark.parametrize(
    ("chosen", "mornings"),
    [
        (Wishes(), [2, 3, 4]),
        (Wishes(Cadence.DAILY), [2, 3, 4]),
        (Wishes(Cadence.ONLY_DUE), [2, 3, 4]),
        (Wishes(Cadence.WEEKLY), [2]),
        (Wishes(paused_until=date(2026, 3, 4)), [4]),
        (Wishes(letters_off={"staff_digest"}), []),
        (Wishes(channel=Channel.NONE), []),
    ],
)
def test_who_wants_the_letter_of_the_morning(chosen, mornings):
    """Monday the 2nd to Wednesday the 4th of March."""
    week = [day for day in (2, 3, 4) if wants_morning(chosen, date(2026, 3, day), Calendar(country="PT"))]
    assert week == mornings


def test_a_week_begins_after_its_holiday():
    """Easter Monday 2026 is the 6th of April."""
    weekly, german = Wishes(Cadence.WEEKLY), Calendar(country="DE")
    assert [day for day in (7, 8) if wants_morning(weekly, date(2026, 4, day), german)] == [7]
