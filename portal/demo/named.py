"""The customers of the demo whose people a visitor may sign in as, beside Northwind."""

from portal.demo.companies import (
    AMERICAS,
    BILLING,
    CHAMPION,
    DECIDES,
    EMEA,
    ENT,
    IT,
    SMB,
    USER,
    Company,
    Someone,
)

FABRIKAM = Company(
    name="Fabrikam",
    segment=SMB,
    programme=30,
    region=EMEA,
    country="NL",
    zone="Europe/Amsterdam",
    people=(
        Someone("Fay Jansen", "Owner", (DECIDES, CHAMPION)),
        Someone("Pieter Vos", "Bookkeeper", (BILLING, USER)),
    ),
    quote="Our twelve resellers should see what they have earned without calling us.",
    starts=26,
    quiet=8,
    team=("Priya", "Tomás", "June"),
    currency="EUR",
    acv=14000,
    seats=5,
)
CONTOSO = Company(
    name="Contoso",
    segment=ENT,
    programme=120,
    region=AMERICAS,
    country="US",
    zone="America/New_York",
    people=(
        Someone("Carl Weber", "Director of channel sales", (CHAMPION,)),
        Someone("Grace Obi", "Chief operating officer", (DECIDES,), "sponsor"),
        Someone("Dev Patel", "Identity and access lead", (IT,)),
        Someone("Maria Costa", "Finance manager", (BILLING, USER)),
    ),
    quote="Nine departments keep nine partner lists. We want one, and one way to pay.",
    starts=46,
    turn="we_are_late",
    team=("Priya", "Tomás", "June"),
    acv=210000,
    seats=240,
    leave=("crm_connected",),
)
TAILSPIN = Company(
    name="Tailspin",
    segment=SMB,
    programme=30,
    region=AMERICAS,
    country="US",
    zone="America/Denver",
    people=(Someone("Lee Chang", "Founder", (DECIDES, CHAMPION)),),
    quote="Friends of our shop bring us customers. We would like to thank them properly.",
    starts=3,
    team=("Priya", "Tomás", "June"),
    acv=4800,
    seats=3,
    leave=("book_kickoff", "invite_people"),
)
LITWARE = Company(
    name="Litware",
    segment=SMB,
    programme=30,
    region=AMERICAS,
    country="US",
    zone="America/Chicago",
    people=(
        Someone("Lou Carter", "Head of sales", (DECIDES, CHAMPION)),
        Someone("Ivy Brooks", "Partner manager", (USER,)),
    ),
    quote="Partners send us leads by mail, and half of them are forgotten by Friday.",
    starts=44,
    pace=8,
    acv=9600,
    seats=8,
)
EVERYBODY = (FABRIKAM, CONTOSO, TAILSPIN, LITWARE)
