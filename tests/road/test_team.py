"""Who to ask for what: the provider's people with their times, and who answers while somebody is away."""

from datetime import date

from portal import db
from portal.accounts import pictures
from portal.accounts.models import Staff
from tests.cli.test_provider import png


def test_the_team_page_says_who_to_ask_for_what_and_when_they_work(visitor, road) -> None:
    page = visitor(road.cast.ana).get(f"{road.home}/team")
    rows = {row.one("th").text(): row.one("td").text() for row in page.one("tbody").all("tr")}
    assert rows["Connections, data, single sign-on, anything technical"] == "Tomás Lin"
    assert rows["What happens after graduation"] == "June Park"
    assert len(rows) == 4
    assert "03:00 in Chicago, works 09:00 to 17:00" in page.text
    assert page.one("a", href="mailto:priya@partnerly.example")
    faces = [face for face in page.one("div", class_="cols-main").all("span") if "face" in face.classes]
    assert [face.text() for face in faces] == ["PR", "TL", "JP", "SH"]


def test_a_photo_stands_in_the_place_of_the_initials_for_whoever_is_signed_in(
    visitor, road, app, tmp_path
) -> None:
    (tmp_path / "me.png").write_bytes(png())
    name = pictures.kept(tmp_path / "me.png", app.config["PORTAL"].data_dir / "faces", "photo")
    with road.changing():
        road.user("priya").photo, road.user("priya").languages = name, ["en", "pt"]
    ana = visitor(road.cast.ana)
    for page in (f"{road.home}/team", road.home):
        (picture,) = [img for img in ana.get(page).all("img") if "face" in img.classes]
        assert (picture["src"], picture["alt"]) == (f"/faces/{name}", "")
    assert "Speaks English and Portuguese" in ana.get(f"{road.home}/team").text
    answer = ana.client.get(f"/faces/{name}")
    assert (answer.status_code, answer.mimetype, answer.data) == (200, "image/png", png())
    assert ana.client.get("/faces/000000000000.png").status_code == 404
    assert visitor().client.get(f"/faces/{name}").status_code == 303


def test_while_somebody_is_away_their_stand_in_is_named(visitor, road) -> None:
    with road.changing():
        priya, june = road.user("priya"), road.user("june")
        assert isinstance(priya, Staff)
        priya.away_until, priya.stand_in = date(2026, 3, 13), june
    page = visitor(road.cast.ben).get(f"{road.home}/team")
    assert "Away until Fri 13 March; June answers." in page.text
    assert page.one("tbody").all("tr")[0].one("td").text() == "June Park"


def test_who_has_left_or_is_only_suggested_is_not_on_the_page(visitor, road) -> None:
    with road.changing():
        road.user("rui").left_at = road.cast.onboarding.created_at
    assert "Rui Tavares" not in visitor(road.cast.ana).get(f"{road.home}/team").text


def test_only_teammates_are_asked_whom_to_suggest(visitor, road) -> None:
    assert "Someone missing?" in visitor(road.cast.ben).get(f"{road.home}/team").text
    assert "Someone missing?" not in visitor(road.cast.rui).get(f"{road.home}/team").text
    db.session.rollback()
