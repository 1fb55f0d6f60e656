"""The days of a plan in words."""

import re
from datetime import date

from babel import Locale, dates
from flask_babel import get_locale

from portal.plans.document import PlanDocument, StagePlan


def plan_day(value: date, plan: PlanDocument | None = None) -> str:
    """“9 March”, and with its year where the plan goes on past the end of one or where no plan is given."""
    whole = plan is None or plan.starts_on.year != plan.graduates_on.year or value.year != plan.starts_on.year
    return str(dates.format_skeleton("yMMMMd" if whole else "MMMMd", value, locale=reader_locale()))


def plan_days(stage: StagePlan, plan: PlanDocument, short: bool = False) -> str:
    """“2–11 March”, “16 March – 8 April”; with years where the plan goes on past the end of one."""
    years = "y" if plan.starts_on.year != plan.graduates_on.year else ""
    months = "MMM" if short and not _same_month(stage) else "MMMM"
    says = str(dates.format_interval(stage.starts, stage.ends, f"{years}{months}d", locale=reader_locale()))
    return re.sub(r"\s–\s", "–" if _same_month(stage) else " – ", says)


def _same_month(stage: StagePlan) -> bool:
    return (stage.starts.year, stage.starts.month) == (stage.ends.year, stage.ends.month)


def reader_locale() -> Locale:
    """The language that holds now; day before month in English, as everywhere here."""
    locale = get_locale() or Locale("en")
    return Locale("en", "GB") if locale.language == "en" else locale
