"""What was sent is what is read, signed and sealed, whoever comes at the database."""

import pytest
from flask import current_app
from sqlalchemy import update

from portal import db
from portal.plans import jobs as seal_jobs
from portal.plans import keys
from portal.plans.document import digest
from portal.plans.models import PlanVersion
from tests.plans import making
from tests.plans.seals import config, run_jobs
from tests.plans.signed import sign


def tamper(version: PlanVersion, **values: str) -> PlanVersion:
    """The version after somebody with the database's password has been at it."""
    db.session.execute(update(PlanVersion).where(PlanVersion.id == version.id).values(**values))
    db.session.commit()
    db.session.expunge_all()
    return db.session.get_one(PlanVersion, version.id)


def other(version: PlanVersion) -> str:
    return version.snapshot.replace("Partners paid on time", "Partners paid in time")


def test_a_text_that_was_sent_takes_no_second_value(made):
    version = making.sent(made)
    for name in ("snapshot", "sha256"):
        with pytest.raises(ValueError, match="for good"):
            setattr(version, name, "{}")


def test_a_text_that_was_changed_is_not_read(made):
    version = making.sent(made)
    version = tamper(version, snapshot=other(version))
    with pytest.raises(ValueError, match="changed after it was sent"):
        _ = version.document


@pytest.mark.parametrize("hides", [False, True], ids=["text", "text and digest"])
def test_what_nobody_signed_is_not_sealed(made, monkeypatch, settings, hides):
    monkeypatch.setitem(current_app.config, "PORTAL", settings())
    keys.ensure(config(), "Partnerly")
    monkeypatch.setattr(seal_jobs.printing, "final", lambda *_: pytest.fail("drawn"))
    version = sign(making.sent(made), made.ana, made.priya)
    text = other(version)
    version = tamper(version, snapshot=text, **({"sha256": digest(text)} if hides else {}))
    run_jobs("plans.seal")
    version = db.session.get_one(PlanVersion, version.id, populate_existing=True)
    assert version.seal is None
    assert "is not the one that was signed" in version.seal_failure
