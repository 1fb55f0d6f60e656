"""What the use of a product means: which of its events show first value, who is activated, what its core loop is."""

from dataclasses import dataclass
from typing import Final

from portal.accounts.models import Product


@dataclass(frozen=True)
class Meaning:
    """Names of usage events, as the product sends them; the loop in its order."""

    value_events: tuple[str, ...]
    activation_actions: tuple[str, ...]
    value_loop: tuple[str, ...]
    key_features: tuple[str, ...]


# Those that the shipped playbooks are about, as they begin; the page of products changes them.
SHIPPED: Final = {
    "partner_programme": Meaning(
        value_events=("Reward Paid",),
        activation_actions=("Signed In", "Profile Completed", "Partner Viewed"),
        value_loop=("Partner Joined", "Referral Submitted", "Reward Paid"),
        key_features=("Partner Viewed", "Referral Approved", "Payout Run Approved", "Report Exported"),
    ),
    "payout_automation": Meaning(
        value_events=("Payout Run Completed",),
        activation_actions=("Signed In", "Payout Run Viewed"),
        value_loop=("Payout Run Prepared", "Payout Run Approved", "Payout Run Completed"),
        key_features=("Payout Run Approved", "Payout Line Held", "Bank File Exported"),
    ),
}


def new_product(key: str, name: str, *, core: bool) -> Product:
    """A product that nobody has described yet, with what its use means where that is known."""
    made = Product(key=key, name=name, core=core)
    if known := SHIPPED.get(key):
        made.value_events, made.activation_actions = list(known.value_events), list(known.activation_actions)
        made.value_loop, made.key_features = list(known.value_loop), list(known.key_features)
    return made
