"""Every verb is about something: a history that is filtered loses none."""

from collections import Counter

from portal.activity.kinds import KIND_OF, Kind, verbs_of
from portal.activity.models import Verb


def test_every_verb_is_of_one_kind_and_every_kind_has_some():
    assert set(KIND_OF) == set(Verb)
    assert max(Counter(verb for kind in Kind for verb in verbs_of(kind)).values()) == 1
    assert all(verbs_of(kind) for kind in Kind)
