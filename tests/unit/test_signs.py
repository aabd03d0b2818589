"""Which signs a text loses, and which it keeps."""

import pytest

from app.errors import Refusal
from app.exchange.cells import text
from app.signs import legible


@pytest.mark.parametrize("kept", ["", "Els", "van ’t Hof", "👩\u200d👧", "می\u200cخواهم", "Łę ễ", "a\u200bb", "\u00a0"])
def test_what_people_write_stays(kept):
    assert legible(kept) == text(40)(kept) == kept


@pytest.mark.parametrize(
    "sign", ["\x00", "\x07", "\x1b", "\x7f", "\x85", "\u202a", "\u202e", "\u2066", "\u2069", "�", "�", "\ufffe", "\uffff"]
)
def test_what_nobody_sees_goes_from_a_form_and_is_refused_in_a_file(sign):
    assert legible(f"a{sign}b") == legible(f"a{sign}b", lines=True) == "ab"
    with pytest.raises(Refusal, match="control_character"):
        text(40)(f"a{sign}b")


def test_lines_stay_where_there_are_lines():
    assert legible("een\r\n\ttwee\n", lines=True) == "een\r\n\ttwee\n"
    assert legible("een\r\n\ttwee\n") == "een twee "
