"""Which files may stand where. Every exception is a decision with its reason."""

from collections.abc import Iterable, Iterator
from pathlib import PurePath

TOP = {
    "portal", "templates", "static", "migrations", "tests", "docs", ".ci",
    "wsgi.py", "alembic.ini", "pyproject.toml", "Makefile", "requirements.lock", "requirements-dev.lock",
    "README.md", "CHANGELOG.md", "SECURITY.md", "LICENSE",
    ".importlinter", ".gitignore", ".gitattributes", ".editorconfig",
}  # fmt: skip

# Beside those of the first day: filekinds (what an upload truly is), migrating, tables (all of them, for
# whoever needs the whole schema), serving (the web server), sqlite (its one lock for writing), doctor, mime (a
# letter as bytes), worker (the loop that does the jobs), catalogues (how a sentence finds its translation), characters
# (what a reader sees of a text), columns (their types), addresses (one spelling for each),
# seals (what somebody saw, in short)
# and sheets (lists as files).
CONCERNS = {
    "__init__", "__main__", "app", "cli", "schedule",
    "access", "addresses", "calendars", "catalogues", "characters", "clock", "columns", "compress", "config", "db",
    "errors", "doctor", "filekinds", "forms",
    "jobs", "logs", "mail", "mime",
    "migrating",
    "probes", "seals", "serving", "sheets", "sqlite", "tables", "uploads", "web", "worker",
}  # fmt: skip

FEATURES = {
    "accounts", "activity", "auth", "calls", "criteria", "demo", "desk", "handoffs", "messages",
    "notifications", "onboardings", "playbooks", "readiness", "road", "scope",
}  # fmt: skip

FILES = {"__init__", "models", "forms", "views", "rules", "queries", "jobs", "letters"}

# A file that a feature has beyond those, named after the thing that it holds.
EXCEPTIONS = {
    "portal/accounts/absence.py": "who is away until when, and who stands in",
    "portal/accounts/account.py": "the customer company, apart from its people and ours",
    "portal/accounts/colours.py": "the provider's brand colours, checked for contrast",
    "portal/accounts/kinds.py": "segments, roles and their like, which models, forms and rules share",
    "portal/accounts/opening.py": "how a customer comes into being, and not twice",
    "portal/accounts/pictures.py": "a logo or a face that a command takes in",
    "portal/accounts/places.py": "countries by name and the time zone most of each lives by",
    "portal/accounts/provider.py": "the company that runs this install, its one row",
    "portal/accounts/setting_up.py": "the provider's own settings, changed by a command",
    "portal/accounts/staffing.py": "the provider's people, as commands add and change them",
    "portal/accounts/words.py": "sizes and roles in words",
    "portal/activity/heads.py": "how far each chain had come, kept outside the database, beside the uploads",
    "portal/activity/kinds.py": "what each verb is about, for the history's filters",
    "portal/activity/sentences.py": "every verb as a sentence: one long list, apart from how it is recorded",
    "portal/activity/verbs.py": "everything that is remembered, one word each: a long list",
    "portal/auth/links.py": "making links, which pages, letters and a command all do",
    "portal/auth/passwords.py": "the only import of argon2",
    "portal/auth/seeing.py": "staff see a customer's pages through one of its people's eyes",
    "portal/auth/sessions.py": "who is looking: the glue to Flask-Login",
    "portal/auth/throttle.py": "the brake on guessing, counted apart from what it guards",
    "portal/auth/tokens.py": "secrets and what is stored of them",
    "portal/calls/agenda.py": "what a call is about, which writes itself",
    "portal/calls/arrange_views.py": "routes of how staff come by a call that a step waits for",
    "portal/calls/asking.py": "the customer is asked to choose a time, once a day",
    "portal/calls/cards.py": "how a call is shown, apart from which there are",
    "portal/calls/desk_views.py": "routes of what staff do with a call",
    "portal/calls/diaries.py": "whose part a call is, who stands in, and when each can be met",
    "portal/calls/follow_up.py": "next steps of a call that become steps of the road",
    "portal/calls/handing.py": "what becomes of booked calls when their onboarding changes hands or ends",
    "portal/calls/ics.py": "a call as a calendar file, a format of its own",
    "portal/calls/minimum.py": "the calls that every road has at least",
    "portal/calls/openings.py": "why a time doesn't suit, and the nearest that do",
    "portal/calls/outcome.py": "what came of a call, apart from how it is fixed",
    "portal/calls/partners.py": "the steps that are about one call",
    "portal/calls/refusals.py": "when no call can be arranged, whatever its time",
    "portal/calls/week.py": "the calls of a week, apart from those of one onboarding",
    "portal/calls/week_views.py": "the route of that week",
    "portal/criteria/choosing.py": "which results to start from, and which are worded loosely",
    "portal/criteria/measuring.py": "the second axis of a result: what was measured and who confirmed it",
    "portal/criteria/numbers.py": "numbers as people write and read them",
    "portal/criteria/record.py": "a result as a row",
    "portal/criteria/road_step.py": "what agreeing does to the road's step",
    "portal/criteria/talking.py": "the first axis of a result: proposed, answered, agreed, taken back",
    "portal/criteria/wanted.py": "the wording that somebody would like, checked before it is one",
    "portal/criteria/wordings.py": "what was proposed, a row for each wording",
    "portal/criteria/words.py": "results in words",
    "portal/desk/account.py": "the staff's page of an account, whichever tab is open",
    "portal/desk/account_forms.py": "forms of the account's tabs",
    "portal/desk/bulk.py": "the same done with many onboardings, each for itself",
    "portal/desk/bulk_views.py": "routes of what is done with many onboardings at once",
    "portal/desk/create_choices.py": "what the form for a new onboarding offers and proposes",
    "portal/desk/create_draft.py": "from the filled-in form to an onboarding",
    "portal/desk/create_preview.py": "what a new onboarding would be",
    "portal/desk/create_views.py": "routes of creating an onboarding",
    "portal/desk/date_page.py": "the dates of a road now and after",
    "portal/desk/date_views.py": "routes of moving them",
    "portal/desk/day.py": "what My day shows",
    "portal/desk/day_entries.py": "one thing to do as a line of My day",
    "portal/desk/day_handoffs.py": "the hand-offs on My day",
    "portal/desk/day_page.py": "My day with what was refused on it",
    "portal/desk/day_queries.py": "what My day reads, apart from what the list reads",
    "portal/desk/day_views.py": "routes of what is done on My day alone",
    "portal/desk/edit_forms.py": "forms of editing one road, apart from the desk's others",
    "portal/desk/edit_modules.py": "what the pages of adding and leaving out a module show",
    "portal/desk/edit_page.py": "what the pages of editing one road show",
    "portal/desk/edit_views.py": "routes of editing one road",
    "portal/desk/handing.py": "one of ours takes over from another, in many onboardings at once",
    "portal/desk/head.py": "whose turn an onboarding is and why, the head of its page",
    "portal/desk/history.py": "what happened, as staff read it",
    "portal/desk/history_filters.py": "what the address asks a history for",
    "portal/desk/history_sheet.py": "what happened, as a file",
    "portal/desk/lines.py": "one step as a line of the staff's tables",
    "portal/desk/list_filters.py": "what the address asks the staff's list for",
    "portal/desk/list_forms.py": "forms of the staff's list",
    "portal/desk/list_page.py": "what the staff's list says around its rows",
    "portal/desk/list_queries.py": "which onboardings the staff's list holds, and in which order",
    "portal/desk/list_rows.py": "one onboarding as a row of the staff's list",
    "portal/desk/list_sheet.py": "the staff's list as a file",
    "portal/desk/list_views.py": "routes of the staff's list",
    "portal/desk/loads.py": "how many onboardings each of us carries",
    "portal/desk/meetings.py": "the calls beside the steps they are about",
    "portal/desk/nav.py": "the desk's navigation",
    "portal/desk/note_views.py": "routes of what our team keeps for itself",
    "portal/desk/onboarding_views.py": "routes of what staff do with a whole onboarding",
    "portal/desk/overview.py": "the first tab of an account: what is next, open and new",
    "portal/desk/peek.py": "one onboarding beside the list",
    "portal/desk/people_views.py": "routes of what staff do with a customer's people",
    "portal/desk/remarks.py": "notes and signals as far as the reader may read them",
    "portal/desk/seeing_views.py": "routes of seeing as a customer",
    "portal/desk/stakeholders.py": "a customer's people as staff look at them",
    "portal/desk/step_page.py": "what the staff's page of a step shows",
    "portal/desk/step_views.py": "routes of what staff do with a step",
    "portal/desk/tabs.py": "what each tab of an account shows",
    "portal/desk/team_forms.py": "forms of absence and hand-over",
    "portal/desk/team_page.py": "what each of us carries, and one person's onboardings",
    "portal/desk/team_views.py": "routes of the team: load, absence, hand-over",
    "portal/desk/waits.py": "what waits on us, a step or a question, for the list and the page alike",
    "portal/desk/wave_forms.py": "the forms of a road's waves",
    "portal/desk/wave_page.py": "a wave and what it would do, which adding and changing both show",
    "portal/desk/wave_rows.py": "the waves of a road, which two pages list",
    "portal/desk/wave_views.py": "routes of rolling a road out in waves",
    "portal/demo/sold.py": "what sales wrote down of two customers",
    "portal/handoffs/preview.py": "the road as whoever considers buying sees it, and the links to it",
    "portal/handoffs/why.py": "what a customer says of what sales wrote about them",
    "portal/handoffs/words.py": "what a hand-off's fields and states are called",
    "portal/onboardings/answers.py": "what was answered on a step, as text",
    "portal/onboardings/beside.py": "what features above hang on a road beside its steps",
    "portal/onboardings/changes.py": "what changed on a road lately, as facts",
    "portal/onboardings/creation.py": "how an onboarding comes into being from a playbook",
    "portal/onboardings/detours.py": "a step blocked, left out, handed over or put off",
    "portal/onboardings/drawing.py": "where the ticks of the meter stand",
    "portal/onboardings/editing.py": "a step changed on one road: its day, weight, owner and place",
    "portal/onboardings/files.py": "files that come with a step",
    "portal/onboardings/finishing.py": "a step finished and taken up again",
    "portal/onboardings/holds.py": "the agreed pauses, and the time that one took",
    "portal/onboardings/leaving.py": "somebody of ours leaves, and nothing that runs may count on them",
    "portal/onboardings/links.py": "how the steps of a playbook refer to one another, worked out once",
    "portal/onboardings/meter.py": "the road as pages draw it",
    "portal/onboardings/milestones.py": "the checkpoints of a road, from its playbook",
    "portal/onboardings/modules.py": "modules that join one road, leave it and come back",
    "portal/onboardings/next_steps.py": "which step comes next, and for whom",
    "portal/onboardings/notes.py": "notes of our team, and who reads them",
    "portal/onboardings/once.py": "a second click writes nothing twice",
    "portal/onboardings/order.py": "the order of the steps on a road",
    "portal/onboardings/outline.py": "a road in short, for settling it without reading it whole",
    "portal/onboardings/own.py": "what a step says that no playbook has",
    "portal/onboardings/paper.py": "the sheet that letters about an onboarding are written on",
    "portal/onboardings/people.py": "a customer's people come and go",
    "portal/onboardings/people_letters.py": "letters about who joins",
    "portal/onboardings/planning.py": "pure: dates, windows and which step is next",
    "portal/onboardings/progress.py": "pure: the meter",
    "portal/onboardings/record.py": "a step as a row, with its guards",
    "portal/onboardings/restarting.py": "a draft starts on another day",
    "portal/onboardings/road_wording.py": "what the letters about the whole road say",
    "portal/onboardings/rollout.py": "a road is rolled out in waves: what staff decide about one",
    "portal/onboardings/ruled.py": "what a rule does to a road",
    "portal/onboardings/scope.py": "what a road gets beyond its playbook",
    "portal/onboardings/settling.py": "what follows by itself once a step has changed",
    "portal/onboardings/shifting.py": "the dates ahead, moved together",
    "portal/onboardings/signals.py": "what somebody of ours noticed, until it is settled",
    "portal/onboardings/snapshot.py": "the meter as it is stored",
    "portal/onboardings/stages.py": "the four stages, their modules and the milestones",
    "portal/onboardings/staggered.py": "a second product that waits for the first",
    "portal/onboardings/standing.py": "where a step stands, the same for a row and a line",
    "portal/onboardings/states.py": "pure: the three state tables",
    "portal/onboardings/steps.py": "the step, put together from its row and what can be done with it",
    "portal/onboardings/step_wording.py": "what the letters about one step say",
    "portal/onboardings/team.py": "who of us plays which part",
    "portal/onboardings/timetable.py": "the lines of a timetable",
    "portal/onboardings/turns.py": "pure: whose turn it is",
    "portal/onboardings/waves.py": "a wave and its people, rows apart from the road's",
    "portal/onboardings/wave_choice.py": "whose part of the road a page shows",
    "portal/onboardings/wave_copies.py": "what a wave has of the road: modules, items, people, milestones",
    "portal/onboardings/wave_dates.py": "when waves are, and what the road's dates follow from them",
    "portal/onboardings/wave_keys.py": "the keys of what each wave has its own copy of",
    "portal/onboardings/whose.py": "who has a step and by when, in words",
    "portal/onboardings/words.py": "states and their like in words",
    "portal/playbooks/agreeing.py": "what the steps hold on which both sides agree",
    "portal/playbooks/check.py": "whether a well-formed playbook can be walked",
    "portal/playbooks/contents.py": "whether what its steps hold can be shown",
    "portal/playbooks/document.py": "the playbook file as pydantic models",
    "portal/playbooks/due.py": "due rules of that file",
    "portal/playbooks/kit.py": "the readiness kit of that file",
    "portal/playbooks/kit_check.py": "whether that kit can be asked and decides something",
    "portal/playbooks/kinds.py": "what each kind of step holds in that file",
    "portal/playbooks/reader.py": "from a file to a document or to errors with their lines",
    "portal/playbooks/shape.py": "the base of all its models",
    "portal/playbooks/source.py": "YAML with line numbers",
    "portal/readiness/acting.py": "one effect done to a road, and undone",
    "portal/readiness/branching.py": "pure: which questions are asked",
    "portal/readiness/reacting.py": "the answers act on the road",
    "portal/readiness/states.py": "pure: where a kit is",
    "portal/readiness/effects.py": "what the answers did to a road, and what people say about it",
    "portal/readiness/facts.py": "a road as the rules see it",
    "portal/readiness/kits.py": "the kit of one road, which rows and links read alike",
    "portal/readiness/prerequisite_asking.py": "what a road asks for: laid, added, withdrawn",
    "portal/readiness/prerequisite_desk.py": "the prerequisites as staff look at them",
    "portal/readiness/prerequisite_forms.py": "forms about prerequisites, apart from the kit's",
    "portal/readiness/prerequisite_jobs.py": "the sponsors are asked for what is late",
    "portal/readiness/prerequisite_letters.py": "letters about prerequisites",
    "portal/readiness/prerequisite_page.py": "the prerequisites as the customer sees them",
    "portal/readiness/prerequisite_record.py": "a prerequisite as a row, and what can be read from it",
    "portal/readiness/prerequisite_rules.py": "pure: when a prerequisite is late and what follows",
    "portal/readiness/prerequisite_staff_views.py": "routes of what staff do with prerequisites",
    "portal/readiness/prerequisite_views.py": "routes of the customer's page of prerequisites",
    "portal/readiness/prerequisites.py": "what may happen to a prerequisite, and all of one road",
    "portal/scope/desk_page.py": "both lists as staff write them",
    "portal/scope/desk_views.py": "routes of how staff write both lists",
    "portal/scope/editing.py": "what staff change about both lists, apart from what the customer answers",
    "portal/scope/page.py": "both lists as each side reads them",
    "portal/scope/rows.py": "the rows of both lists",
    "portal/scope/words.py": "kinds, roles and levels in words",
    "portal/road/brand.py": "the served style sheet with the provider's colours",
    "portal/road/change_words.py": "what changed lately, in words",
    "portal/road/date_answers.py": "what the quiet home's answers about the date mean, and giving one",
    "portal/road/detour_views.py": "routes of what can be done with a step besides finishing it",
    "portal/road/digest.py": "the day's letter, composed from the same rows as the pages",
    "portal/road/home.py": "what the home shows, in each of its states",
    "portal/road/home_lists.py": "what the home lists",
    "portal/road/home_words.py": "the sentences of the home",
    "portal/road/nav.py": "the customer's navigation",
    "portal/road/people_forms.py": "forms of people, files and preferences, apart from the step's",
    "portal/road/people_views.py": "routes of people, team and documents",
    "portal/road/preference_views.py": "routes of the preferences page",
    "portal/road/preference_words.py": "the choices of the preferences page in words",
    "portal/road/step_answers.py": "what a sent step form does",
    "portal/road/step_offers.py": "what a reader may do on the step page, and with which forms",
    "portal/road/step_page.py": "what the step page shows",
    "portal/road/step_state.py": "where a step stands, in words",
    "portal/road/step_views.py": "the step page's routes, apart from the other pages'",
    "portal/road/team.py": "what the team page shows: who to ask for what",
}

# The demo is not a feature but a story: its files are its chapters.
FREE = {"demo"}

NAMELESS = {"utils", "util", "helpers", "helper", "common", "misc", "services", "service", "managers"}


def misplaced(names: Iterable[str]) -> Iterator[str]:
    """A sentence for each file that stands where none of its name may."""
    for name in names:
        parts = PurePath(name).parts
        stem = PurePath(name).stem
        if parts[0] not in TOP:
            yield f"{name}: the top level is fixed"
        if stem in NAMELESS or any(part in NAMELESS for part in parts):
            yield f"{name}: name it after what it holds"
        if parts[0] == "portal" and name.endswith(".py"):
            yield from _in_package(name, parts, stem)


def _in_package(name: str, parts: tuple[str, ...], stem: str) -> Iterator[str]:
    if len(parts) == 2 and stem not in CONCERNS:
        yield f"{name}: no such concern in the layout"
    if len(parts) == 3 and parts[1] in FREE:
        return
    if len(parts) == 3 and parts[1] not in FEATURES:
        yield f"{name}: no such feature in the layout"
    elif len(parts) == 3 and stem not in FILES and name not in EXCEPTIONS:
        yield f"{name}: a feature has only {', '.join(sorted(FILES))}; name the exception and its reason"
    elif len(parts) > 3:
        yield f"{name}: features have no folders in them"
