"""What staff do with both lists: write, change, order, leave out, ask for an answer; and how much this onboarding
matters."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _

from portal import clock, db, seals
from portal.accounts.models import Staff
from portal.activity.models import Audience, Verb, record
from portal.db import new_ref
from portal.errors import Conflict, Refused
from portal.onboardings.models import Onboarding
from portal.onboardings.planning import STAGES
from portal.onboardings.record import check_running
from portal.scope import letters
from portal.scope.models import ResourceNeed, Scope, ScopeItem
from portal.scope.rows import ItemTerms, NeedTerms
from portal.scope.rules import LEVELS, MOST_ITEMS, MOST_NEEDS, Side

Row = ScopeItem | ResourceNeed
OWN = "own_"  # In front of a key that no playbook gave.


def add(scope: Scope, terms: ItemTerms | NeedTerms, *, by: Staff) -> Row:
    """A row of its own, at the end of its list. Sent twice in a row, it is there once."""
    check_running(scope.onboarding, or_draft=True)
    rows, most = _rows(scope, terms)
    if again := next((row for row in rows if row.terms == terms and not row.left_out), None):
        if again.key.startswith(OWN):
            return again
        raise Refused(_("“%(what)s” stands there already.", what=again.title))
    if len(rows) >= most:
        raise Refused(_("A list has room for %(most)s lines. Change one of them instead.", most=most))
    place = max((row.position for row in rows), default=-1) + 1
    kind = ScopeItem if isinstance(terms, ItemTerms) else ResourceNeed
    new = kind(account_id=scope.account_id, key=OWN + new_ref(), position=place, left_out=False)
    _check(terms)
    new.terms = terms
    rows.append(new)
    _say(scope, new, by)
    return new


def change(scope: Scope, row: Row, terms: ItemTerms | NeedTerms, *, seen: str, by: Staff) -> bool:
    """Make it say this; whether anything is different. What was agreed or confirmed of it is asked again. Raises
    Conflict when somebody changed it since `seen`."""
    check_running(scope.onboarding, or_draft=True)
    if terms == row.terms:
        return False
    _check_seal(row, seen)
    _check(terms)
    row.terms = terms
    _say(scope, row, by)
    return True


def leave_out(scope: Scope, row: Row, *, seen: str, by: Staff) -> None:
    """Take it off the list; it stays with us and can come back."""
    check_running(scope.onboarding, or_draft=True)
    if row.left_out:
        raise Refused(_("“%(what)s” is left out already.", what=row.title))
    _check_seal(row, seen)
    row.left_out = True
    _say(scope, row, by)
    if isinstance(row, ResourceNeed) and scope.onboarding.is_running:
        scope.settle_needs(by=by)


def bring_back(scope: Scope, row: Row, *, seen: str, by: Staff) -> None:
    check_running(scope.onboarding, or_draft=True)
    if not row.left_out:
        raise Refused(_("“%(what)s” is on the list already.", what=row.title))
    _check_seal(row, seen)
    row.left_out = False
    _say(scope, row, by)


def move(scope: Scope, row: Row, way: int, *, seen: str, by: Staff) -> None:
    """One place up (-1) or down (1) among those it is shown with. The first stays first, the last stays last."""
    check_running(scope.onboarding, or_draft=True)
    _check_seal(row, seen)
    shown = beside(scope, row)
    there = shown.index(row) + way
    if 0 <= there < len(shown):
        shown.insert(there, shown.pop(shown.index(row)))
        places = sorted(one.position for one in shown)
        for one, position in zip(shown, places, strict=True):
            one.position = position
        _say(scope, row, by)


def beside(scope: Scope, row: Row) -> list[Row]:
    """The rows among which it stands, in order: of a statement, those of its side."""
    if isinstance(row, ResourceNeed):
        return sorted((n for n in scope.needs if not n.left_out), key=_place)
    return sorted((i for i in scope.items if not i.left_out and i.side is row.side), key=_place)


def ask(scope: Scope, *, by: Staff) -> bool:
    """Tell those who can agree that the lists wait for them; whether a letter is due, once for what stands there."""
    check_running(scope.onboarding)
    if not scope.waits:
        raise Refused(
            _("Nothing waits for an answer: all of it is agreed and confirmed, or they have said why not.")
        )
    if scope.asked_seal == scope.seal:
        return False
    scope.asked_seal, scope.asked_at = scope.seal, clock.now()
    record(scope, Verb.SCOPE_ASKED, by=by, onboarding=scope.onboarding)
    letters.waits(scope, by)
    return True


def prioritise(onboarding: Onboarding, size: int, resources: int, *, seen: str, by: Staff) -> bool:
    """How big it is and how much they can put into the change, 1 to 3 each; whether anything is different. Raises
    Conflict when a colleague said otherwise since `seen`."""
    if size not in LEVELS or resources not in LEVELS:
        raise Refused(_("Choose one of the three."))
    before = (onboarding.size, onboarding.change_resources)
    if before == (size, resources):
        return False
    if seen != seals.of(*before):
        raise Conflict(
            _(
                "A colleague chose otherwise while you were looking. It is shown now; choose again to change it."
            )
        )
    onboarding.size, onboarding.change_resources = size, resources
    after = {"size": size, "change_resources": resources}
    record(onboarding, Verb.PRIORITY_SET, by=by, onboarding=onboarding, after=after, audience=Audience.STAFF)
    return True


def _place(row: Row) -> tuple[int, int]:
    return row.position, row.id or 0


def _rows(scope: Scope, terms: ItemTerms | NeedTerms) -> tuple[list[Any], int]:
    if isinstance(terms, ItemTerms):
        return scope.items, MOST_ITEMS
    return scope.needs, MOST_NEEDS


def _check(terms: ItemTerms | NeedTerms) -> None:
    if isinstance(terms, ItemTerms):
        if terms.side is Side.NOT_IN and not terms.why:
            raise Refused(_("A no needs its reason. Write why it is not in."), field="why")
    elif STAGES.index(terms.first_stage) > STAGES.index(terms.last_stage):
        raise Refused(_("It ends before it begins. Choose a later stage for the end."), field="last_stage")


def _check_seal(row: Row, seen: str) -> None:
    if seen != row.seal:
        raise Conflict(_("Somebody changed “%(what)s” meanwhile. Look at it again.", what=row.title))


def _say(scope: Scope, row: Row, by: Staff) -> None:
    db.session.flush()
    verb = Verb.SCOPE_CHANGED if isinstance(row, ScopeItem) else Verb.NEED_CHANGED
    record(row, verb, by=by, onboarding=scope.onboarding)
