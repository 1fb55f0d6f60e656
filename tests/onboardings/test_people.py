"""Who comes and goes: in the history of every road, and never the last admin, however many act at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier

import pytest
from flask import Flask

from portal import clock, db
from portal.accounts.kinds import PortalRole, TeamRole
from portal.accounts.models import Person
from portal.activity.models import Verb
from portal.activity.queries import timeline
from portal.errors import Refused
from portal.onboardings.models import Onboarding
from portal.onboardings.people import add_person, remove_person, set_roles, suggest_person
from tests import make


def second_road(cast: make.Cast) -> Onboarding:
    """Another road of Northwind's, on which Priya is the consultant too."""
    cast.account.slug = "northwind-2"  # `make.onboarding` names a product after it.
    return make.onboarding(cast.account, {TeamRole.CONSULTANT: cast.priya}, by=cast.sam)


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
