"""How texts are made fit for a page."""

import pytest

from app.web import escaped


@pytest.mark.parametrize("name", ["<b>Hof</b>", "van 't Hof & Zn", "Hof\0Visser", "\0", ""])
def test_texts_escaped_at_once_stay_in_their_columns(name):
    rows = [("A-1", name, "3"), (name, "A-2", "4")]
    shown = name.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("'", "&#39;")
    assert escaped(rows) == [("A-1", shown, "3"), (shown, "A-2", "4")]


def test_no_rows_are_no_rows():
    assert escaped([]) == []
