"""Numbers as people type them."""

from decimal import Decimal

import pytest
from flask_babel import force_locale

from portal.criteria.numbers import in_box, read, written
from portal.errors import Refused


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("98", "98", ""),
        ("98 %", "98", "%"),
        ("98%", "98", "%"),
        ("1,5", "1.5", ""),
        ("1.5 h", "1.5", "h"),
        ("1 234,5", "1234.5", ""),
        ("1\u202f234.5", "1234.5", ""),
        ("1,234", "1234", ""),
        ("1,234.5", "1234.5", ""),
        ("1.234,5", "1234.5", ""),
        ("0,125", "0.125", ""),
        ("1.234.567", "1234567", ""),
        ("−3", "-3", ""),
        ("007", "7", ""),
        ("14 hours a month", "14", "hours a month"),
        ("٩٨", "98", ""),
        ("0", "0", ""),
    ],
)
def test_numbers_as_they_are_typed(shared_app, text: str, value: str, unit: str) -> None:
    with shared_app.test_request_context():
        assert read(text) == (Decimal(value), unit)


def test_in_a_language_with_a_comma(shared_app) -> None:
    with shared_app.test_request_context(), force_locale("de"):
        assert read("1.234")[0] == 1234
        assert read("1,234")[0] == Decimal("1.234")
        assert written(Decimal("1234.50"), "h") == "1.234,5\u00a0h"
        assert in_box(Decimal("1234.50")) == "1234,5"
        assert read(in_box(Decimal("1234.5678")))[0] == Decimal("1234.5678")


@pytest.mark.parametrize(
    "text", ["", "NaN", "inf", "1e5", "many", "%", "1,2,3.4.5", "9" * 13, "0.00001", "--1", "1-2", "9" * 400]
)
def test_what_is_no_number(shared_app, text: str) -> None:
    with shared_app.test_request_context(), pytest.raises(Refused):
        read(text)


def test_how_they_are_written(shared_app) -> None:
    with shared_app.test_request_context():
        assert written(Decimal(98), "%") == "98\u00a0%"
        assert written(Decimal("100"), None) == "100"
        assert written(Decimal("-1.50"), "h") == "\u22121.5\u00a0h"
        assert written(Decimal("123456789012.1234")) == "123,456,789,012.1234"
