"""I04: nothing a person types becomes a mail header of its own."""

import email
import email.policy

import pytest

from portal import worker

BREAKS = ["\r\nBcc: eve@evil.example", "\nBcc: eve@evil.example", "\r", "\x00", "\x0b", "\x7f"]


@pytest.mark.parametrize("end", BREAKS)
@pytest.mark.parametrize("header", ["subject", "from_name", "address", "reply_to"])
def test_i04_line_breaks_are_refused(outbox, write, header, end):
    with pytest.raises(ValueError, match="one line"):
        write(**{header: "ana@northwind.example" + end})


@pytest.mark.parametrize(
    "address", ["ana", "ana@", "ana@a, eve@evil.example", "<ana@a>", "ana @a.example", ""]
)
def test_i04_an_address_is_one_address(outbox, write, address):
    with pytest.raises(ValueError, match="one e-mail address"):
        write(address=address)


@pytest.mark.parametrize(
    "name",
    [
        'Ana" <eve@evil.example>',
        "Ana, eve@evil.example",
        "=?utf-8?q?Bcc=3A?=",
        "Łucja “Ó” \u202e {{link}}",
        "A" * 190,
    ],
)
def test_i04_hostile_names_stay_names(outbox, write, name):
    write(from_name=name, subject=name)
    worker.work(once=True)
    (file,) = outbox.glob("*.eml")
    letter = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    (sender,) = letter["From"].addresses
    assert sender.addr_spec == "road@partnerly.example"
    assert (letter["Bcc"], letter["Cc"]) == (None, None)
    assert [address.addr_spec for address in letter["To"].addresses] == ["ana@northwind.example"]
