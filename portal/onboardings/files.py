"""Files that come with a step or are shared on the road, whoever sends them: judged, kept, and remembered; and who may
remove a document."""

from collections.abc import Iterable

from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage

from portal import uploads
from portal.accounts.models import Person, User
from portal.activity.models import Audience, Verb, record
from portal.errors import Refused
from portal.filekinds import OtherKind
from portal.onboardings.models import Onboarding
from portal.onboardings.states import StepState
from portal.onboardings.steps import Step
from portal.onboardings.words import listed

FIELD = "a_files"  # What `forms.work_form` calls it.


def receive(step: Step, sent: Iterable[FileStorage], *, by: User) -> None:
    """Keep the files that were chosen. Raises Refused, with field `a_files`, for one that this step doesn't take."""
    accept = step.spec.upload.accept if step.spec.upload else ()
    for file in sent:
        if not file.filename:
            continue
        document = _kept(step, file, by)
        if accept and document.kind not in accept:
            words = {"name": document.name, "kinds": listed(accept, "or")}
            raise Refused(
                _("“%(name)s” is of another kind. This item takes %(kinds)s.", **words), field=FIELD
            )
        if document.is_repeat:
            continue
        audience = Audience.CUSTOMER if step.visible else Audience.STAFF
        what = {"what": document.name}
        record(
            document,
            Verb.DOCUMENT_SHARED,
            by=by,
            on_behalf_of=step.done_for(by),
            onboarding=step.onboarding,
            personal=what,
            audience=audience,
        )


def _kept(step: Step, file: FileStorage, by: User) -> uploads.Document:
    try:
        return uploads.receive(
            file, account_id=step.account_id, onboarding_id=step.onboarding_id, step_id=step.id, by=by
        )
    except Refused as refusal:
        only = step.spec.upload.accept if step.spec.upload else ()
        said = refusal.where_only(only) if isinstance(refusal, OtherKind) and only else refusal
        raise Refused(said, field=FIELD) from None


def share(
    onboarding: Onboarding,
    sent: FileStorage | None,
    *,
    by: User,
    seen_by: uploads.Audience = uploads.Audience.SHARED,
) -> uploads.Document:
    """A file for everybody on the road, or for our side of it alone."""
    document = uploads.receive(
        sent, account_id=onboarding.account_id, onboarding_id=onboarding.id, by=by, audience=seen_by
    )
    if document.is_repeat:
        return document
    audience = Audience.CUSTOMER if seen_by is uploads.Audience.SHARED else Audience.STAFF
    what = {"what": document.name}
    record(document, Verb.DOCUMENT_SHARED, by=by, onboarding=onboarding, personal=what, audience=audience)
    return document


class Shelf:
    """The documents of one road as one reader may clear them away: their own; an admin, their company's; staff, the
    team's. What was handed in with a step, or belongs to one that is done, stays."""

    def __init__(self, onboarding: Onboarding, by: User) -> None:
        self.onboarding, self.by = onboarding, by
        self.steps = {step.id: step for step in onboarding.steps}
        self.theirs = {person.id for person in onboarding.account.people}

    def why_stays(self, document: uploads.Document) -> str | None:
        """Why this reader can't remove it, as a sentence; None when they can."""
        if not self._is_theirs_to_remove(document):
            return (
                _(
                    "“%(name)s” was shared by the customer. They remove it on their Documents page.",
                    name=document.name,
                )
                if self.by.is_staff
                else _(
                    "Ask whoever shared “%(name)s”, or an admin of your company, to remove it.",
                    name=document.name,
                )
                if document.uploader_id in self.theirs
                else _("“%(name)s” was shared by your team. Ask them to remove it.", name=document.name)
            )
        step = self.steps.get(document.step_id or 0)
        if step is not None and step.state in (StepState.SUBMITTED, StepState.DONE):
            words = {"name": document.name, "title": step.title}
            return _("“%(name)s” was handed in with “%(title)s”, so it stays there.", **words)
        return None

    def remove(self, document: uploads.Document) -> None:
        """Take it off every page. Raises Refused for one that stays; a second time changes nothing."""
        if document.removed_at is not None:
            return
        if reason := self.why_stays(document):
            raise Refused(reason)
        document.remove()
        step = self.steps.get(document.step_id or 0)
        inside = document.audience is uploads.Audience.STAFF or (step is not None and not step.visible)
        record(
            document,
            Verb.DOCUMENT_REMOVED,
            by=self.by,
            onboarding=self.onboarding,
            personal={"what": document.name},
            audience=Audience.STAFF if inside else Audience.CUSTOMER,
        )

    def _is_theirs_to_remove(self, document: uploads.Document) -> bool:
        from_customer = document.uploader_id in self.theirs
        if self.by.is_staff:
            return not from_customer
        is_admin = isinstance(self.by, Person) and self.by.is_admin
        return document.uploader_id == self.by.id or (from_customer and is_admin)
