"""Addresses with letters beyond ASCII in their domain in the one spelling in which they are looked up now."""

import sqlalchemy as sa
from alembic import op
from email_validator import EmailNotValidError, validate_email

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

USER = sa.table("app_user", *(sa.column(name) for name in ("id", "ref", "kind", "email", "asked_email")))
LINK = sa.table("sign_in_link", sa.column("user_id"), sa.column("address"))


def upgrade() -> None:
    """Whoever has the address in its one spelling keeps it; who shares it with them asks for it from now on."""
    bind = op.get_bind()
    rows = bind.execute(sa.select(USER)).all()
    taken = {row.email for row in rows}
    for row in rows:
        asked = _canonical(row.asked_email)
        changes = {"asked_email": asked} if asked != row.asked_email else {}
        address = _canonical(row.email)
        if address != row.email:
            if address not in taken:
                changes["email"] = address
                links = sa.update(LINK).where(LINK.c.user_id == row.id, LINK.c.address == row.email)
                bind.execute(links.values(address=address))
            elif row.kind == "person":
                changes |= {"email": f"{row.ref.lower()}.{row.id}@nobody.invalid", "asked_email": address}
            taken.add(address)
        if changes:
            bind.execute(sa.update(USER).where(USER.c.id == row.id).values(changes))


def downgrade() -> None:
    """Nothing: the spellings of before name the same mailboxes."""


def _canonical(address: str | None) -> str | None:
    if address is None or address.isascii():
        return address
    try:
        found = validate_email(address, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        return address
    return (found.ascii_email or "").lower()
