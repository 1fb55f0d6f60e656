"""Files that come with a step, whoever sends them: judged, kept, and remembered."""

from collections.abc import Iterable

from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage

from portal import uploads
from portal.accounts.models import User
from portal.activity.models import Audience, Verb, record
from portal.errors import Refused
from portal.filekinds import OtherKind
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
