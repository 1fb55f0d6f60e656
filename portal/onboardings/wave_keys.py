"""The keys of what a wave has its own copy of: the second wave's `give_accounts` is `give_accounts@2`.

The first wave's items are those that the road had already, so they keep the playbook's own keys.
"""

from typing import Final

MARK: Final = "@"


def in_wave(key: str, n: int) -> str:
    """The key of wave `n`'s copy."""
    return key if n == 1 else f"{key}{MARK}{n}"


def of_playbook(key: str) -> str:
    """What the playbook calls this, whichever wave's it is."""
    return key.partition(MARK)[0]
