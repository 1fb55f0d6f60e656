"""What every part of a playbook document is made of: the base model and the kinds of text and number."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
Markdown = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=12000)]
FileName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*\.[a-z]{3,4}$", max_length=80)]
PictureName = Annotated[
    str, StringConstraints(pattern=r"^playbooks/[a-z0-9-]+\.(svg|png|jpg)$", max_length=80)
]
SettingsPath = Annotated[str, StringConstraints(pattern=r"^/[a-z0-9][a-z0-9/_-]*$", max_length=200)]
Minutes = Annotated[int, Field(strict=True, ge=0, le=600)]
Days = Annotated[int, Field(strict=True, ge=1, le=365)]
Percent = Annotated[int, Field(strict=True, ge=0, le=100)]

StageKey = Literal["welcome", "expectations", "training", "graduation"]
Segment = Literal["smb", "mid_market", "enterprise"]
Role = Literal["admin", "it_contact", "end_users", "sponsor"]  # At the customer.


class Shape(BaseModel):
    """Frozen; an unknown field is an error. Dumps use the names of the file (`is`, not `equals`)."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_by_name=True, serialize_by_alias=True)
