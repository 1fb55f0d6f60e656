"""The certificate of completion claims what was done and nothing more."""

import pytest

from portal.plans.certificate import certificate
from portal.plans.rules import Identified
from tests.plans import papers
from tests.plans.samples import a_document


@pytest.mark.parametrize("way", list(Identified))
def test_only_who_looked_at_the_plan_has_viewed_it(app, way):
    version = papers.version(a_document(), papers.ANA, papers.PRIYA, signed=2)
    version.signatures[1].identified_by = way
    with app.test_request_context():
        theirs, ours = certificate(version, papers.ABOUT, "example/verify").signed
    assert "Viewed" in dict(theirs.rows)
    assert ("Viewed" in dict(ours.rows)) is (way is not Identified.STANDING)
    assert {"Consented", "Identified", "Signed"} <= set(dict(ours.rows))
