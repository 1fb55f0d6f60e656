"""The company that runs this install."""

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from portal import db
from portal.db import Base


class Provider(Base):
    """The company that runs this install. One row."""

    __tablename__ = "provider"
    __table_args__ = (CheckConstraint("id = 1", name="single"),)

    name: Mapped[str]
    logo: Mapped[str | None]
    accent: Mapped[str | None] = mapped_column(String(7))
    locale: Mapped[str] = mapped_column(String(16), default="en")
    time_zone: Mapped[str] = mapped_column(String(64), default="UTC")
    country: Mapped[str | None] = mapped_column(String(2))
    product_base_url: Mapped[str | None] = mapped_column(String(300))
    reply_hours: Mapped[int] = mapped_column(default=4)

    @property
    def logo_url(self) -> str | None:
        """The address of the logo, which changes with it; none without one."""
        return f"/logo/{self.logo}" if self.logo else None


def provider() -> Provider:
    """The provider of this install; a nameless one before anybody has set it up."""
    kept: Provider | None = db.session.info.get(Provider)
    if kept is None or kept not in db.session:
        # A session forgets a row that nobody holds, and would ask for this one again and again.
        kept = db.session.info[Provider] = db.session.get(Provider, 1)
    return kept or nameless()


def keep(found: Provider | None) -> None:
    """It was read beside something else: nobody has to ask for it on this request."""
    if found is not None:
        db.session.info[Provider] = found


def nameless() -> Provider:
    """What stands in for a provider that is not set up, or can't be asked for."""
    return Provider(id=1, name="Firstmile", locale="en", time_zone="UTC", reply_hours=4)
