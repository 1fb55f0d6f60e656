"""Letters into the outbox, and out of it as files."""

import email
import email.policy
from datetime import timedelta

from portal import db, jobs, mail, worker
from portal.mail import Attachment, Letter


def parsed(folder):
    return [
        email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        for path in sorted(folder.glob("*.eml"))
    ]


def test_a_rolled_back_request_never_mails(session, outbox):
    mail.put(address="ana@northwind.example", subject="No", text="no", kind="welcome")
    session.rollback()
    worker.work(once=True)
    assert parsed(outbox) == []
    assert session.query(Letter).count() == session.query(jobs.Job).count() == 0


def test_a_letter_has_text_html_and_files_and_says_who_it_is_from(outbox, write, row, clock):
    ics = Attachment(
        "kickoff.ics", "text/calendar; method=REQUEST; charset=utf-8", "BEGIN:VCALENDAR é".encode()
    )
    pdf = Attachment("Häfen & Zöll.pdf", "application/pdf", b"%PDF-1.7 \x00\xff")
    write(from_name="Tomás, from Partnerly", reply_to="thread@partnerly.example", attachments=[ics, pdf])
    worker.work(once=True)
    (letter,) = parsed(outbox)
    assert letter["From"] == '"Tomás, from Partnerly" <road@partnerly.example>'
    assert (letter["To"], letter["Reply-To"]) == ("ana@northwind.example", "thread@partnerly.example")
    assert letter["Date"].datetime == clock.now
    assert letter.get_body(("plain",)).get_content().strip() == "Hello Ana"
    assert letter.get_body(("html",)).get_content().strip() == "<p>Hello Ana</p>"
    calendar, document = letter.iter_attachments()
    assert (calendar.get_content_type(), calendar.get_param("method")) == ("text/calendar", "REQUEST")
    assert calendar.get_payload(decode=True) == ics.content
    assert (document.get_filename(), document.get_content()) == (pdf.name, pdf.content)
    assert row().sent_at == clock.now


def test_files_are_whole_and_for_their_owner_only(outbox, write):
    write()
    worker.work(once=True)
    (path,) = outbox.iterdir()
    assert path.stat().st_mode & 0o777 == 0o600
    assert outbox.stat().st_mode & 0o777 == 0o700


def test_a_repeat_carries_the_same_message_id_and_replaces_the_file(outbox, write, row, clock):
    write()
    worker.work(once=True)
    (first,) = parsed(outbox)
    row().sent_at = None
    db.session.query(jobs.Job).update({"done_at": None})
    db.session.commit()
    clock.forward(hours=1)
    worker.work(once=True)
    (second,) = parsed(outbox)
    assert first["Message-ID"] == second["Message-ID"] == f"<{row().message_id}@partnerly.example>"
    assert first["Date"] != second["Date"]


def test_a_letter_waits_for_its_time(outbox, write, clock):
    write(not_before=clock.now + timedelta(minutes=10))
    worker.work(once=True)
    assert parsed(outbox) == []
    clock.forward(minutes=10)
    worker.work(once=True)
    assert len(parsed(outbox)) == 1


def test_withdrawn_letters_do_not_leave_and_sent_ones_stay_sent(outbox, write, clock, session):
    write(about="stage:1", subject="Early")
    worker.work(once=True)
    later = write(about="stage:1", subject="Late", not_before=clock.now + timedelta(minutes=10))
    write(about="stage:2", subject="Other", not_before=clock.now + timedelta(minutes=10))
    assert mail.withdraw("stage:1") == [later.id]
    session.commit()
    clock.forward(minutes=11)
    worker.work(once=True)
    assert sorted(letter["Subject"] for letter in parsed(outbox)) == ["Early", "Other"]
    assert session.get(Letter, later.id, populate_existing=True).dropped_because == "withdrawn"


def test_a_gate_puts_a_letter_off(outbox, write, clock, row):
    tomorrow = clock.now + timedelta(days=1)
    mail.gate(lambda letter: tomorrow if clock.now < tomorrow else None)
    write()
    worker.work(once=True)
    assert parsed(outbox) == []
    clock.at(tomorrow)
    worker.work(once=True)
    assert len(parsed(outbox)) == 1
    assert db.session.query(jobs.Job).one().attempts == 1


def test_the_sweeper_finds_letters_whose_job_is_gone(outbox, write, clock):
    write()
    db.session.query(jobs.Job).delete()
    db.session.commit()
    assert mail.sweep() == 0, "a young letter may still be on its way"
    clock.forward(minutes=11)
    assert mail.sweep() == 1
    assert mail.sweep() == 0
    worker.work(once=True)
    assert len(parsed(outbox)) == 1


def test_a_domain_with_umlauts_is_written_as_mail_servers_know_it(outbox, write):
    write(address="eva@bücher.example")
    worker.work(once=True)
    assert parsed(outbox)[0]["To"] == "eva@xn--bcher-kva.example"


def test_two_letters_never_share_a_message_id(outbox, write):
    assert write().message_id != write().message_id


def test_a_letter_given_up_says_so(outbox, write, row, clock, monkeypatch):
    monkeypatch.setattr(mail, "_write", lambda message, folder: (_ for _ in ()).throw(OSError("disk full")))
    write()
    for _ in range(jobs.MAX_ATTEMPTS):
        worker.work(once=True)
        clock.forward(hours=1)
    assert row().sent_at is None
    assert row().dropped_because.startswith("Given up: OSError")
