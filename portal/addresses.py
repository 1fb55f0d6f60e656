"""E-mail addresses: one spelling for each, whoever typed it and on which keyboard; and those that are nobody's."""

from email_validator import validate_email

from portal.db import new_ref

NOBODY = "nobody.invalid"  # No mail server can ever have this name (RFC 6761).


def canonical(text: str) -> str:
    """The address as it is kept, looked up and counted: small letters, the domain as mail servers write it.

    `ben@ＮＯＲＴＨＷＩＮＤ。example` is `ben@northwind.example`. Raises ValueError for what no mail server would take.
    """
    found = validate_email(text.strip(), check_deliverability=False, allow_smtputf8=False)
    return (found.ascii_email or "").lower()


def nobodys_address() -> str:
    """An address that is nobody's, and like no other."""
    return f"{new_ref().lower()}@{NOBODY}"


def is_plain(text: str) -> bool:
    """Whether the part before the @ keeps to the letters that every mail server takes."""
    return text.rpartition("@")[0].isascii()
