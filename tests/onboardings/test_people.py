"""Who comes and goes: in the history of every road, and never the last admin, however many act at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier

import pytest
from flask import Flask

from portal import clock, db
from portal.accounts.kinds import PortalRole, TeamRole
from portal.accounts.models import Person, User
from portal.activity.models import Verb
from portal.activity.queries import timeline
from portal.auth.models import Purpose, SignInLink
from portal.errors import Refused
from portal.mail import Letter
from portal.onboardings.models import Onboarding
from portal.onboardings.people import (
    add_person,
    remove_person,
    send_invitation,
    set_roles,
    suggest_person,
)
from tests import make

JOINED = datetime(2026, 3, 2, tzinfo=UTC)
MARTA = {"job_title": None, "role": PortalRole.TEAMMATE, "stakeholder_roles": []}


def second_road(cast: make.Cast) -> Onboarding:
    """Another road of Northwind's, on which Priya is the consultant too."""
    cast.account.slug = "northwind-2"  # `make.onboarding` names a product after it.
    return make.onboarding(
        cast.account, {TeamRole.CONSULTANT: cast.priya}, by=cast.sam, book=make.playbook("second")
    )


def test_both_roads_of_a_company_tell_who_came_who_went_and_who_may_do_what(cast) -> None:
    roads = [cast.onboarding, second_road(cast)]
    new = {
        "name": "Marta Reis",
        "email": "marta@northwind.example",
        "job_title": None,
        "stakeholder_roles": [],
    }
    add_person(roads[0], **new, role=PortalRole.TEAMMATE, by=cast.ana)
    suggest_person(roads[1], "Duarte Alves", "duarte@northwind.example", by=cast.ben)
    set_roles(cast.ben, PortalRole.ADMIN, [], by=cast.ana)
    remove_person(roads[1], cast.rui, by=cast.ana)
    db.session.flush()
    for road in roads:
        told = [row.verb for row in timeline(road.id, cast.account.id, limit=4)]
        assert told == [Verb.PERSON_REMOVED, Verb.ROLE_CHANGED, Verb.PERSON_SUGGESTED, Verb.PERSON_INVITED]


def test_an_admin_goes_when_another_stays(cast) -> None:
    cast.ana.joined_at = cast.ben.joined_at = JOINED
    for act in (
        lambda: remove_person(cast.onboarding, cast.ana, by=cast.ana),
        lambda: set_roles(cast.ana, PortalRole.SPONSOR, [], by=cast.ana),
    ):
        with pytest.raises(Refused, match="Ana Moreira is the only admin"):
            act()
    set_roles(cast.ana, PortalRole.ADMIN, ["champion"], by=cast.ana)
    set_roles(cast.ben, PortalRole.ADMIN, [], by=cast.ana)
    set_roles(cast.ana, PortalRole.TEAMMATE, [], by=cast.ben)
    assert (cast.ana.portal_role, cast.ben.portal_role) == (PortalRole.TEAMMATE, PortalRole.ADMIN)


def test_two_roads_of_one_company_do_not_remove_both_admins_at_once(
    real_database: str, shared_app: Flask
) -> None:
    """Each holds the lock of its own road, and looks at the other admin at the same moment."""
    db.connect(real_database)
    with clock.frozen(datetime(2026, 3, 3, 9, tzinfo=UTC)):
        with shared_app.app_context(), db.transaction():
            cast = make.northwind(prepared=False)
            cast.ben.portal_role = PortalRole.ADMIN
            cast.ana.joined_at = cast.ben.joined_at = JOINED
            pairs = [(cast.onboarding.id, cast.ana.id), (second_road(cast).id, cast.ben.id)]
        both = Barrier(2)

        def remove(road: int, person: int) -> str:
            with shared_app.app_context():
                try:
                    with db.transaction():
                        locked = db.session.get_one(Onboarding, road, with_for_update={"of": Onboarding})
                        admin = db.session.get_one(Person, person)
                        if not db.is_sqlite():  # There, the second one has not even begun.
                            both.wait(timeout=20)
                        remove_person(locked, admin, by=admin)
                except Refused as refusal:
                    return str(refusal)
            return "gone"

        with ThreadPoolExecutor(2) as pool:
            said = [done.result() for done in [pool.submit(remove, *pair) for pair in pairs]]
    assert sorted(text.endswith("Make someone else an admin first.") for text in said) == [False, True], said
    with db.transaction():
        left = [person for person in db.session.query(Person) if person.is_active and person.is_admin]
        assert len(left) == 1


def fabrikam(joined: bool) -> Person:
    """Fay, whom Fabrikam invited, and who came or didn't."""
    at = make.account("Fabrikam")
    fay = make.person(at, "Fay Lind", joined_at=JOINED if joined else None, invited_at=JOINED)
    SignInLink.issue(fay, Purpose.INVITATION).mint()
    db.session.flush()
    return fay


def invite(cast: make.Cast, email: str) -> Person:
    add_person(cast.onboarding, name="Marta Reis", email=email, by=cast.ana, **MARTA)
    return db.session.query(Person).filter_by(name="Marta Reis").one()


def sent(email: str, kind: str) -> int:
    return db.session.query(Letter).filter_by(address=email, kind=kind).count()


def test_an_invited_admin_who_never_came_replaces_nobody(cast) -> None:
    cast.ana.joined_at = JOINED
    invited = make.person(cast.account, "Gus Alves", invited_at=JOINED)
    for act in (cast.ana.leave, lambda: set_roles(cast.ana, PortalRole.TEAMMATE, [], by=cast.ana)):
        with pytest.raises(Refused, match="Ana Moreira is the only admin"):
            act()
    remove_person(cast.onboarding, invited, by=cast.ana)
    cast.ana.joined_at = None
    remove_person(cast.onboarding, cast.ana, by=cast.priya)  # Nobody came, so no work is without an admin.
    assert not cast.ana.is_active


def test_a_withdrawn_invitation_frees_the_address(cast) -> None:
    marta = invite(cast, "marta@fabrikam.example")
    remove_person(cast.onboarding, marta, by=cast.ana)
    assert User.by_email("marta@fabrikam.example") is None
    assert marta.shown_email == "marta@fabrikam.example"
    here = second_company(cast)
    add_person(here, name="Marta Lund", email="marta@fabrikam.example", by=cast.priya, **MARTA)
    assert User.by_email("marta@fabrikam.example").account_id == here.account_id
    assert sent("marta@fabrikam.example", "invitation") == 2


def second_company(cast: make.Cast) -> Onboarding:
    team = {TeamRole.CONSULTANT: cast.priya}
    return make.onboarding(make.account("Fabrikam"), team, book=make.playbook("fabrikam"))


def test_who_came_keeps_the_address_when_they_leave(cast) -> None:
    cast.ben.joined_at = JOINED
    remove_person(cast.onboarding, cast.ben, by=cast.ana)
    assert User.by_email(cast.ben.email) is cast.ben


def test_another_company_s_invitation_holds_for_its_seven_days(cast, clock) -> None:
    fay = fabrikam(joined=False)
    marta = invite(cast, "fay@fabrikam.example")
    assert (User.by_email("fay@fabrikam.example"), marta.shown_email) == (fay, "fay@fabrikam.example")
    assert [link.revoked_at for link in db.session.query(SignInLink).filter_by(user_id=fay.id)] == [None]
    assert (sent(fay.email, "invitation"), sent(fay.email, "security")) == (0, 1)
    told = db.session.query(Letter).filter_by(address=fay.email).one().text
    assert "The invitation to the onboarding of Fabrikam still holds." in " ".join(told.split())
    assert "Northwind" not in told
    fay.joined_at = JOINED
    clock.forward(days=7)
    send_invitation(cast.onboarding, marta, by=cast.ana)
    assert User.by_email("fay@fabrikam.example") is fay
    assert sent("fay@fabrikam.example", "invitation") == 0


def test_an_admin_who_was_put_in_but_not_invited_yet_keeps_the_address(cast, clock) -> None:
    """Their onboarding is a draft; nobody can invite them away before it starts."""
    gus = make.person(make.account("Fabrikam"), "Gus Lind")
    clock.forward(days=30)
    invite(cast, gus.email)
    assert User.by_email("gus@fabrikam.example") is gus


def test_who_never_came_gives_way_once_the_invitation_has_run_out(cast, clock) -> None:
    fay = fabrikam(joined=False)
    clock.forward(days=7)
    marta = invite(cast, "fay@fabrikam.example")
    assert User.by_email("fay@fabrikam.example") is marta
    assert (marta.asked_email, fay.shown_email) == (None, "fay@fabrikam.example")
    assert not fay.is_reachable
    db.session.expire_all()
    assert not any(link.is_open for link in db.session.query(SignInLink).filter_by(user_id=fay.id))
    assert (sent("fay@fabrikam.example", "invitation"), sent("fay@fabrikam.example", "security")) == (1, 0)


def test_a_suggestion_takes_no_address_until_an_admin_invites(cast, clock) -> None:
    fay = fabrikam(joined=False)
    clock.forward(days=7)
    suggest_person(cast.onboarding, "Marta Reis", fay.email, by=cast.ben)
    marta = db.session.query(Person).filter_by(name="Marta Reis").one()
    assert User.by_email("fay@fabrikam.example") is fay
    send_invitation(cast.onboarding, marta, by=cast.ana)
    assert User.by_email("fay@fabrikam.example") is marta


def test_a_person_gets_the_address_once_its_owner_is_gone(cast, clock) -> None:
    fay = fabrikam(joined=True)
    marta = invite(cast, fay.email)
    assert (User.by_email("fay@fabrikam.example"), marta.asked_email) == (fay, "fay@fabrikam.example")
    fay.email = "fay@elsewhere.example"
    clock.forward(hours=1)
    send_invitation(cast.onboarding, marta, by=cast.ana)
    assert (marta.email, marta.asked_email) == ("fay@fabrikam.example", None)
    assert sent("fay@fabrikam.example", "invitation") == 1


def test_somebody_added_again_gets_the_address_once_its_owner_is_gone(cast, clock) -> None:
    fay = fabrikam(joined=True)
    remove_person(cast.onboarding, invite(cast, fay.email), by=cast.ana)
    fay.email = "fay@elsewhere.example"
    clock.forward(hours=1)
    marta = invite(cast, "fay@fabrikam.example")
    assert (marta.email, marta.asked_email, marta.may_enter) == ("fay@fabrikam.example", None, True)


def test_an_owner_hears_once_a_day_and_an_invitation_leaves_once_an_hour(cast, clock) -> None:
    fay = fabrikam(joined=True)
    marta = invite(cast, fay.email)
    for _hour in range(23):
        clock.forward(minutes=59)
        with pytest.raises(Refused, match=r"The last invitation to Marta Reis left on .+, \d\d:00\."):
            send_invitation(cast.onboarding, marta, by=cast.ana)
        clock.forward(minutes=1)
        send_invitation(cast.onboarding, marta, by=cast.ana)
    assert sent(fay.email, "security") == 1
    clock.forward(hours=1)
    send_invitation(cast.onboarding, marta, by=cast.ana)
    assert sent(fay.email, "security") == 2


def test_putting_somebody_on_the_list_anew_is_a_way_around_the_hour_only_once(cast) -> None:
    """What was withdrawn by mistake is sent again at once; doing it over and over would fill a letterbox."""
    remove_person(cast.onboarding, invite(cast, "marta@northwind.example"), by=cast.ana)
    remove_person(cast.onboarding, invite(cast, "Marta@Northwind.example"), by=cast.ana)
    with pytest.raises(Refused, match="The last invitation to Marta Reis left on Tue 3 March, 09:00"):
        invite(cast, "Marta@Northwind.example")


def test_who_is_called_by_nothing_visible_is_called_by_the_next_word(cast) -> None:
    add_person(cast.onboarding, name="\u200b Nuno Reis", email="nuno@northwind.example", by=cast.ana, **MARTA)
    assert User.by_email("nuno@northwind.example").called == "Nuno"
