"""Northwind on the day after day 0: Welcome is behind them, five of nine items of Expectations are done."""

from datetime import date
from decimal import Decimal

from portal.calls.models import booked_for
from portal.criteria.models import SuccessCriterion
from portal.demo import acts, agreeing, papers, signing, sold
from portal.demo.companies import CHAMPION, DECIDES, EMEA, IT, MID, Company, Someone
from portal.demo.days import clock_at
from portal.demo.story import Story
from portal.messages.models import Message
from portal.onboardings.files import share
from portal.onboardings.notes import Note
from portal.plans.models import Plan
from portal.readiness.models import ReadinessSubmission

NORTHWIND = Company(
    name="Northwind",
    segment=MID,
    programme=45,
    region=EMEA,
    country="PT",
    zone="Europe/Lisbon",
    people=(
        Someone("Ana Nuñez", "Head of partnerships", (CHAMPION,)),
        Someone("Ben Ortiz", "IT manager", (IT,)),
        Someone("Rui Tavares", "Managing director", (DECIDES,), "sponsor"),
    ),
    quote="They lose partners because payouts are late, and Finance spends two days a month on them.",
    currency="EUR",
    acv=38000,
    seats=20,
    team=("Priya", "Tomás", "June"),
)
REASON = "Stop losing partners because we pay them late."
ANA = {
    "problem": "Partners are paid three weeks late, ring me about their money, and two of our best have left.",
    "if_nothing_changes": "We lose more of our best partners, and Finance keeps losing two days a month.",
    "how_you_would_know": "Payout runs take 2 hours instead of 14, and nobody rings me about money.",
    "users": 20,
    "user_roles": ["Administrator", "Partner manager", "Finance"],
    "decider": "Rui Tavares",
    "champion": "Ana Nuñez",
    "it_contact": "Ben Ortiz, ben@northwind.example",
    "styles": ["Reading", "Live with others"],
    "languages": "English and Portuguese",
    "hours_a_week": "1 to 2 hours",
    "experience": "Well established",
    "fixed_date": "no",
    "busy_weeks": "The last two working days of each month.",
    "regions": ["European Union"],
    "limits": "No payouts to countries outside the single euro payments area.",
}
BEN = {
    "crm": "HubSpot",
    "crm_owner": "Ben Ortiz",
    "other_systems": None,
    "partner_data": "In spreadsheets",
    "partner_count": 210,
    "data_quality": "Several lists that disagree",
    "single_sign_on": None,  # He isn't sure yet.
}
KICKOFF_NOTES = (
    "Ana leads, Ben looks after everything technical, Rui decides. A payout run takes 14 hours today; the aim is 2. "
    "210 partners are kept in two spreadsheets. Month end is busy, so nothing is planned for its last two days. "
    "Hours: Ana 2 a week, Ben 4 a week until the CRM is connected, Finance 2 in all, Rui half an hour for the plan."
)
SCOPE_NOTES = (
    "HubSpot is the only CRM. A referral begins on the sign-up page, a deal is won in the stage Signed. "
    "Ben asks for the integration user; Tomás opens the sandbox and sends the list of fields."
)
COUNTER = (
    "98 % is what similar teams reach by week 8. We can start at 95 % if that is safer, and look again later."
)
HEADLINE = "Partners paid on time, without the two days a month"
SUMMARY = (
    "In six weeks Northwind pays its partners on time and without spreadsheets: your list comes in clean, HubSpot is "
    "connected, and Finance runs a payout in two hours instead of fourteen. Nothing falls on the last two working days "
    "of a month."
)
BENS_TIME = "4 hours a week until the CRM is connected"
RUIS_TIME = "half an hour for the plan, half an hour for the value review"
REVIEW = ["What we agreed, line by line", "The two weeks around month end", "Who signs, and by when"]


def tell(story: Story) -> None:
    """Northwind's whole story up to last night."""
    calendar, priya = story.company.calendar, story.cast["Priya"]
    day_0 = story.days.shared_before(calendar, priya.calendar, story.cast["Tomás"].calendar)
    before = [calendar.add_working_days(day_0, -days) for days in range(10)]
    story.sell(day_0, clock_at(before[9], "11:20", story.cast["Sam"]))
    sold.northwind(story)
    story.open(story.on(before[5], "15:30"))
    _welcome(story, before, day_0)
    _readiness(story, before)
    _day_0(story, day_0)
    _last_evening(story, day_0)


def _welcome(story: Story, before: list[date], day_0: date) -> None:
    ana = story.admin
    with story.at(story.on(before[5], "16:10")):
        acts.join(ana)
        acts.finish(story.step("road_preview"), ana, story.chance)
    with story.at(story.on(before[4], "09:20")):
        why = story.step("purchase_reason")
        acts.finish(why, ana, story.chance, {**sold.told_before(why), "reason": REASON})
    with story.at(story.on(before[4], "09:45")):
        story.bring_colleagues()
        acts.finish(story.step("invite_people"), ana, story.chance)
        story.step("prerequisites").hand_to(story["Ben"], by=ana)
    with story.at(story.on(before[4], "14:30")):
        others = (story["Ben"], story["Rui"])
        acts.book(story.step("book_kickoff"), ana, after=story.on(day_0, "09:00"), others=others)


def _readiness(story: Story, before: list[date]) -> None:
    ben, priya = story["Ben"], story.cast["Priya"]
    ana, prerequisites = story.admin, story.step("prerequisites")
    with story.at(story.on(before[4], "14:45")):
        kit = ReadinessSubmission.begin(story.road)
        for key in ANA:
            agreeing.answer(kit, key, ana, story.chance, ANA)
        story.step("readiness_kit").hand_to(ben, by=ana)
    with story.at(story.on(before[3], "09:35")):
        acts.join(ben)
    with story.at(story.on(before[3], "11:10")):
        acts.finish(story.step("readiness_kit"), ben, story.chance, BEN)
    with story.at(story.on(before[3], "15:40")):
        agreeing.confirm_kit(story.road, priya)
    with story.at(story.on(before[2], "10:15")):
        acts.attach(prerequisites, papers.partner_list("partner-sample.csv", 20, story.chance), ben)
        asked = "@Priya here are twenty rows. Is that enough, or do you need every column filled?"
        Message.write(story.road, asked, by=ben, step=prerequisites)
    with story.at(story.on(before[2], "15:20")):
        said = "Twenty are plenty, @Ben. Name, email and country are all we need; the rest can stay empty."
        Message.write(story.road, said, by=priya, step=prerequisites)
    with story.at(story.on(before[2], "16:05")):
        acts.finish(prerequisites, ben, story.chance)


def _day_0(story: Story, day_0: date) -> None:
    ana, ben, rui = story.admin, story["Ben"], story["Rui"]
    story.begin()
    kickoff = booked_for(story.step("kickoff"))
    assert kickoff is not None
    with story.at(story.on(day_0, "09:10")):
        scope = acts.book(story.step("integration_scope"), ana, after=kickoff.end, others=(ben,))
    assert scope is not None
    with story.at(kickoff.end):
        acts.hold(kickoff, story.chance, KICKOFF_NOTES)
    with story.at(scope.end):
        acts.hold(scope, story.chance, SCOPE_NOTES)
    with story.at(story.on(day_0, "17:25")):
        acts.finish(story.step("resources"), ana, story.chance)
    with story.at(story.on(day_0, "17:35")):
        walk = story.step("plan_walk_through")
        assert walk.due_on is not None
        review = acts.book(walk, ana, after=story.on(walk.due_on, "14:00"), others=(rui,))
    assert review is not None
    with story.at(story.on(day_0, "17:50")):
        review.plan(REVIEW, seen="", by=story.cast["Priya"])


def _last_evening(story: Story, day_0: date) -> None:
    """Priya writes everything up; what is said now is still on its way when the demo starts."""
    ana, ben, priya, tomas = story.admin, story["Ben"], story.cast["Priya"], story.cast["Tomás"]
    with story.at(story.on(day_0, "17:50")):
        kept = "Rui signed the contract and then went quiet. Sam offers to call him."
        Note.write(story.road, kept, by=priya)
        Note.write(
            story.road,
            "Ben can create keys himself. No ticket needed.",
            by=tomas,
            step=story.step("api_keys"),
        )
    with story.at(story.on(day_0, "18:05")):
        notes = papers.page("kickoff-notes.pdf", "Kickoff with Northwind", KICKOFF_NOTES.split(". "))
        share(story.road, notes, by=priya)
    with story.at(story.on(day_0, "18:40")):
        agreeing.propose(story.road, priya)
    with story.at(story.on(day_0, "19:05")):
        on_time, *others = SuccessCriterion.of(story.road)
        for one in others:
            one.agree(seen=agreeing.open_of(one), by=ana)
        safer = agreeing.with_target(on_time, Decimal(95))
        on_time.suggest(safer, "95 is what Rui would sign today.", seen=agreeing.open_of(on_time), by=ana)
    with story.at(story.on(day_0, "19:15")):
        bolder = agreeing.with_target(on_time, Decimal(98))
        on_time.suggest(bolder, COUNTER, seen=agreeing.open_of(on_time), by=priya)
    with story.at(story.on(day_0, "19:20")):
        _draft(story)
    keys = story.step("api_keys")
    with story.aloud(story.on(day_0, "19:30")):
        asked = "@Tomás does the integration user need write access, or is reading enough?"
        Message.write(story.road, asked, by=ben, step=keys)
    with story.aloud(story.on(day_0, "21:10")):
        said = "Reading deals and contacts is enough, @Ben. The list of fields comes with the sandbox."
        Message.write(story.road, said, by=tomas, step=keys)
    with story.aloud(story.on(day_0, "21:30")):
        acts.welcome_in(story["Rui"], story.road, by=ana)


def _draft(story: Story) -> None:
    """Priya writes what only people know into the plan, and asks Ana to look through it."""
    ana, ben, rui, priya = story.admin, story["Ben"], story["Rui"], story.cast["Priya"]
    people = {
        ana.ref: {"does": "Leads this on your side, agrees goals and plan, runs the first payout"},
        ben.ref: {"does": "Connects HubSpot, creates the keys, checks the import", "time": BENS_TIME},
        rui.ref: {"does": "Decides, and stands behind the dates", "time": RUIS_TIME},
    }
    signing.write(story.road, {"headline": HEADLINE, "summary": SUMMARY, "people": people}, priya)
    Plan.of(story.road).ask_review(by=priya)
