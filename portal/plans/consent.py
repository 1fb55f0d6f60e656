"""What a signer agrees to about signing electronically, in the plan's language; and the standing consent of whoever
countersigns without looking at each plan. Kept once for each wording and language, by its hash."""

from flask_babel import force_locale
from flask_babel import gettext as _

from portal.jobs import insert_if_new
from portal.plans.document import digest
from portal.plans.signers import ConsentText


def text(locale: str) -> list[str]:
    """What signing electronically means, as paragraphs."""
    with force_locale(locale):
        return [
            _(
                "You agree to sign this plan electronically: with your name as you type it, after you have said again "
                "who you are, by a code from your mail or by your password. It is a simple electronic signature."
            ),
            _(
                "With your signature are kept: your name, your e-mail address, for whom you sign, the moments at which "
                "you opened the plan, agreed and signed, your network address and your browser. They stand in the "
                "certificate at the end of the file, which both sides get."
            ),
            _(
                "When everybody has signed, the file gets our organisation's seal. It shows whether anything was "
                "changed afterwards."
            ),
            _(
                "You don't have to. You can decline, ask for a change, let somebody else sign, or print the plan and "
                "agree with us to sign on paper. Until you sign, nothing here binds your company."
            ),
        ]


def standing(locale: str) -> list[str]:
    """What countersigning by rule means: nobody of ours looked at this plan once more before it was countersigned."""
    with force_locale(locale):
        return [
            _(
                "Plans of this programme are countersigned for us as soon as the customer has signed what we sent. The "
                "person named stands for it; they sent the plan or answer for it."
            ),
        ]


def kept(paragraphs: list[str], locale: str) -> str:
    """The SHA-256 by which this wording is kept; it is kept from now on."""
    body = "\n\n".join(paragraphs)
    sha256 = digest(body)
    insert_if_new(ConsentText, sha256=sha256, locale=locale, body=body)
    return sha256
