"""What signing in allows: lifetimes, limits, good passwords, addresses to go back to. Facts in, verdicts out."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum, auto
from ipaddress import IPv6Address, IPv6Network, ip_address
from itertools import pairwise
from urllib.parse import urlsplit

from portal.accounts.kinds import INVITATION_LIFE as INVITATION_LIFE

LINK_LIFE = timedelta(minutes=10)
CODE_TRIES = 5
LINKS_AT_ONCE = 3  # How many sign-in links of one person live, so that a stranger who asks too ends nobody's.

# Staff see every customer, so a browser they left alone is forgotten sooner.
CUSTOMER_IDLE, CUSTOMER_LIMIT = timedelta(days=14), timedelta(days=30)
STAFF_IDLE, STAFF_LIMIT = timedelta(hours=12), timedelta(days=7)
SEEN_EVERY = timedelta(minutes=5)
FRESH = timedelta(minutes=10)

PASSWORD_LEAST, PASSWORD_MOST = 12, 200


def idle_limit(is_staff: bool) -> timedelta:
    """How long a session lives without being used."""
    return STAFF_IDLE if is_staff else CUSTOMER_IDLE


def absolute_limit(is_staff: bool) -> timedelta:
    """How long a session lives, however much it is used."""
    return STAFF_LIMIT if is_staff else CUSTOMER_LIMIT


# --- Throttling ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Limit:
    """How often something may be tried in `window`: by one network for one address, for the address, by the network.

    The first is the smallest: a stranger elsewhere uses up their own tries before those of the person.
    """

    name: str
    window: timedelta
    by_pair: int
    by_address: int
    by_network: int

    def ends_at(self, moment: datetime) -> datetime:
        """When the window that `moment` lies in is over."""
        seconds = int(self.window.total_seconds())
        return moment.fromtimestamp((int(moment.timestamp()) // seconds + 1) * seconds, moment.tzinfo)


LINKS = Limit("link", timedelta(minutes=15), by_pair=5, by_address=30, by_network=100)
CODES = Limit("code", timedelta(minutes=15), by_pair=5, by_address=30, by_network=100)
PASSWORDS = Limit("password", timedelta(minutes=15), by_pair=8, by_address=30, by_network=100)


def network(address: str | None) -> str:
    """The network that counts as one visitor: an IPv4 address, or the /64 around an IPv6 one."""
    try:
        ip = ip_address(address or "")
    except ValueError:
        return "unknown"
    if isinstance(ip, IPv6Address):
        if ip.ipv4_mapped:
            return str(ip.ipv4_mapped)
        return str(IPv6Network((int(ip) >> 64 << 64, 64)))
    return str(ip)


# --- Where to go next ---------------------------------------------------------------------------

DOORS = ("/login", "/logout")


def local_path(text: str | None) -> str:
    """`text` when it is a path on this server that one may be sent to after signing in, else `/`."""
    path = text or ""
    if not path.startswith("/") or path.startswith(("//", *DOORS)) or len(path) > 500:
        return "/"
    if "\\" in path or any(not 0x20 < ord(letter) < 0x7F for letter in path):
        return "/"
    try:
        parts = urlsplit(path)
    except ValueError:
        return "/"
    return path if not parts.scheme and not parts.netloc and "//" not in parts.path else "/"


# --- Passwords ----------------------------------------------------------------------------------


class Weakness(StrEnum):
    """Why a password is refused."""

    SHORT = auto()
    LONG = auto()
    COMMON = auto()
    OWN_NAME = auto()


# What is left of the most used passwords once digits, signs and repetitions are taken away.
_WORDS = """
password passwort passord wachtwoord contrasena motdepasse senha parola welcome willkommen bienvenue letmein
qwerty qwertz azerty qwertyuiop qwertzuiop azertyuiop asdfghjkl asdfgh asdf zxcvbnm yxcvbnm zxcvb qaz wsx edc
abcdef abcdefgh abcdefghijkl abc admin administrator root user guest login access default changeme change me
secret master superman batman spiderman starwars pokemon naruto dragon monkey tiger football baseball
basketball soccer liverpool chelsea arsenal barcelona juventus iloveyou love you lovely princess
sunshine flower butterfly summer winter spring autumn monday friday january december charlie michael jordan
daniel jessica ashley jennifer thomas robert andrew matthew joshua nicole hannah computer internet google
facebook linkedin samsung microsoft windows android test testing demo temp onboarding company office team
work trustno freedom whatever hello killer shadow ninja mustang ferrari mercedes porsche corvette harley
cheese cookie pepper ginger chocolate banana orange my your this that new old first last pass word safe secure
"""
COMMON_WORDS = _WORDS.split()
NO_LETTER, TAIL = re.compile(r"[\W\d_]"), re.compile(r"[\W\d_]+$")
LOOKALIKES = str.maketrans("013457@$!", "oieastasi")
ROWS = ("0123456789" * 2, "9876543210" * 2, "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm")


def weakness(text: str, own: list[str]) -> Weakness | None:
    """Why `text` is no good password; `own` are the person's name, address and company."""
    if len(text) < PASSWORD_LEAST:
        return Weakness.SHORT
    if len(text) > PASSWORD_MOST:
        return Weakness.LONG
    plain = text.casefold()
    parts = {part for name in own for part in re.split(r"[\W_]+", name.casefold()) if len(part) > 3}
    rest = plain
    for part in sorted(parts, key=len, reverse=True):
        rest = rest.replace(part, "")
    if rest != plain and sum(letter.isalpha() for letter in rest) < PASSWORD_LEAST - 4:
        return Weakness.OWN_NAME
    return Weakness.COMMON if _is_common(plain) else None


def _is_common(plain: str) -> bool:
    if len(set(plain)) < 5 or _is_row(plain):
        return True
    forms = (plain, plain.translate(LOOKALIKES), TAIL.sub("", plain).translate(LOOKALIKES))
    return any(_only_common_words(NO_LETTER.sub("", form)) for form in forms)


def _is_row(plain: str) -> bool:
    """Whether nearly every letter follows the one before on the keyboard or in the alphabet."""
    pairs = [a + b for a, b in pairwise(plain)]
    steps = sum(any(pair in row for row in ROWS) or pair[0] == pair[1] for pair in pairs)
    return steps >= 0.8 * len(pairs)


def _only_common_words(letters: str) -> bool:
    """Whether `letters` is at most three common words in a row (or nothing at all); four make a good phrase."""
    fewest = {0: 0}
    for end in range(1, len(letters) + 1):
        starts = [end - len(word) for word in COMMON_WORDS if letters.endswith(word, 0, end)]
        counts = [fewest[start] + 1 for start in starts if start in fewest]
        if counts:
            fewest[end] = min(counts)
    return fewest.get(len(letters), 99) <= 3


# --- Sessions in words --------------------------------------------------------------------------

BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def device(user_agent: str) -> tuple[str | None, str | None]:
    """The browser and the system that `user_agent` names, as far as it does."""
    browser = next((name for mark, name in BROWSERS if mark in user_agent), None)
    system = next((name for mark, name in SYSTEMS if mark in user_agent), None)
    return browser, system
