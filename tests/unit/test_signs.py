"""Which signs a text loses, and which it keeps."""

import pytest

from app.errors import Refusal
from app.exchange.cells import text
from app.signs import legible


@pytest.mark.parametrize("kept", ["", "Els", "van ’t Hof", "👩\u200d👧", "می\u200cخواهم", "Łę ễ", "a\u200bb", "\u00a0"])
def test_what_people_write_stays(kept):
    assert legible(kept) == text(40)(kept) == kept


@pytest.mark.parametrize("code", [0, 7, 0x1B, 0x7F, 0x85, 0x202A, 0x202E, 0x2066, 0x2069, 0xD800, 0xDFFF, 0xFFFE, 0xFFFF])
def test_what_nobody_sees_goes_from_a_form_and_is_refused_in_a_file(code):
    sign = chr(code)
    assert legible(f"a{sign}b") == legible(f"a{sign}b", lines=True) == "ab"
    with pytest.raises(Refusal, match="control_character"):
        text(40)(f"a{sign}b")


def test_lines_stay_where_there_are_lines():
    assert legible("een\r\n\ttwee\n", lines=True) == "een\r\n\ttwee\n"
    assert legible("een\r\n\ttwee\n") == "een twee "
