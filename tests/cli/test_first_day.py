"""“Run it for real” in the README leads from an empty database to a customer's onboarding."""

from datetime import timedelta

from portal import clock, config
from portal.app import create_app
from tests.infra.visit import Visitor

YOU, MIA = "you@company.example", "mia@company.example"
FORM = "/staff/onboardings/new"


def test_the_readmes_steps_end_at_an_onboarding(portal, install, sql, tmp_path, monkeypatch):
    portal("staff", "add", YOU, "--name", "Your Name", "--role", "site_admin", "--role", "cs_leader").worked()
    link = portal("signin-link", YOU).worked().strip().removeprefix("http://127.0.0.1:8000")
    portal("provider", "--name", "Your Company", "--time-zone", "Europe/Lisbon", "--country", "PT").worked()
    portal("playbook", "import", "portal/playbooks/shipped/partner-programme.yaml").worked()
    portal("staff", "add", MIA, "--name", "Mia Weber", "--role", "consultant").worked()
    portal("staff", "set", MIA, "--city", "Porto", "--phone", "+351 22 555 0100", "--language", "pt").worked()

    settings = {
        "PORTAL_DATABASE_URL": install,
        "PORTAL_SECRET_KEY": "only-for-tests-" * 3,
        "PORTAL_SEAL_PASSPHRASE": "only-for-tests",
        "PORTAL_DATA_DIR": str(tmp_path),
    }
    you = Visitor(create_app(config.read(settings)).test_client())
    you.get(link)
    you.submit(link)
    you.get("/", status=303)
    assert you.follow().all("a", href=FORM), "the way to it stands on the first page"
    page = you.get(FORM)
    mia = next(one for one in page.one("select", id="consultant").all("option") if "Mia" in one.text())
    you.submit(
        FORM,
        {
            "name": "Northwind",
            "segment": "mid_market",
            "country": "PT",
            "time_zone": "Europe/Lisbon",
            "admin_name": "Ana Moreira",
            "admin_email": "ana@northwind.example",
            "consultant": mia["value"],
            "start_date": (clock.now().date() + timedelta(days=7)).isoformat(),
        },
    )
    you.follow()
    assert sql("SELECT state FROM onboarding") == [("preparing",)]
    assert sql("SELECT count(*) FROM person") == [(1,)]
