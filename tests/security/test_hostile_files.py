"""Files made to hurt: each is refused with a clear sentence, within 512 MB and 10 seconds of the processor, and nothing of it is taken."""

import io
import random
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from app.errors import Refusal
from app.exchange.reading import open_table
from app.exchange.results import sentence
from app.exchange.sheets import Flaw
from app.exchange.words import FILE
from app.exchange.writing import TEXT, Field, write_xlsx

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def links(**targets: str) -> str:
    """Relationships: the last word of each type and the part that it leads to."""
    each = "".join(f'<Relationship Id="{kind}" Type="{OFFICE}/{kind}" Target="{target}"/>' for kind, target in targets.items())
    return f'<Relationships xmlns="{PACKAGE}">{each}</Relationships>'


PARTS = {
    "_rels/.rels": links(officeDocument="xl/workbook.xml"),
    "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
    '<sheet name="A" sheetId="1" r:id="worksheet"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": links(worksheet="worksheets/sheet1.xml", sharedStrings="sharedStrings.xml"),
}
WALK = """
import sys, time
from pathlib import Path
from app.errors import Refusal
from app.exchange.reading import open_table
start, answer = time.process_time(), "taken"
try:
    with open_table(Path(sys.argv[1])) as table:
        for _ in table.records:
            pass
except Refusal as refusal:
    answer = refusal.code
# what this process itself held at most: the figure of getrusage begins with that of the process that started it
held = Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]
print(answer, int(held) // 1024, round(time.process_time() - start, 1))
"""


def sheet(rows: str, before: str = "") -> str:
    return f'{before}<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'


def cell(place: str, words: str = "x") -> str:
    return f'<row><c r="{place}" t="inlineStr"><is><t>{words}</t></is></c></row>'


def book(rows: str = "", parts: dict[str, str | bytes] | None = None, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in {**PARTS, "xl/worksheets/sheet1.xml": sheet(rows), **(parts or {})}.items():
            archive.writestr(name, content)
    return out.getvalue()


def outcome(content: bytes) -> str:
    """Say what becomes of a file; anything but its rows or a sentence would be raised."""
    try:
        with open_table(content) as table:
            return f"{len(list(table.records))} rows"
    except Refusal as refusal:
        return sentence(Flaw(None, refusal.code, refusal.facts), {})


def lying() -> bytes:
    """Say that a sheet of 200 MB is 1 kB, in the directory and in the local header."""
    true = 200 << 20
    content = book(parts={"xl/worksheets/sheet1.xml": b"<a>" + b" " * (true - 3)})
    return content.replace(true.to_bytes(4, "little"), (1024).to_bytes(4, "little"))


def many_entries() -> bytes:
    return book(parts={f"xl/media/{number}": "" for number in range(70_000)}, method=zipfile.ZIP_STORED)


def nested() -> bytes:
    inner = book(cell("A1"))
    for _ in range(5):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("inner.zip", inner)
        inner = out.getvalue()
    return inner


def one_text_many_times() -> bytes:
    texts = f'<sst xmlns="{MAIN}"><si><t>{"x" * 1_000_000}</t></si></sst>'
    return book('<row><c t="s"><v>0</v></c></row>' * 50_000, {"xl/sharedStrings.xml": texts})


def doctype(entity: str, extra: str = "") -> bytes:
    before = f"<!DOCTYPE worksheet [<!ENTITY a {entity}>{extra}]>"
    return book(parts={"xl/worksheets/sheet1.xml": sheet(cell("A1", "&a;"), before)})


def twice_the_same_part() -> bytes:
    out = io.BytesIO(book(cell("A1")))
    with zipfile.ZipFile(out, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("xl/worksheets/sheet1.xml", sheet(cell("A1", "other")))
    return out.getvalue()


def encrypted() -> bytes:
    content = bytearray(book(cell("A1"), method=zipfile.ZIP_STORED))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = content.find(mark)
        while start >= 0:
            content[start + at] |= 1
            start = content.find(mark, start + 4)
    return bytes(content)


LAUGH = "".join(f'<!ENTITY {b} "{("&" + a + ";") * 50}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True))
HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "bomb": (lambda: book(parts={"xl/worksheets/sheet1.xml": b" " * (400 << 20)}), "exchange.unpacks_too_large"),
    "bomb beside the sheet": (lambda: book(cell("A1"), {"xl/media/a.bin": bytes(200 << 20)}), "exchange.unpacks_too_large"),
    "lying sizes": (lying, "exchange.damaged_workbook"),
    "70,000 entries": (many_entries, "exchange.too_many_parts"),
    "nested": (nested, "exchange.unknown_kind"),
    "far cell": (lambda: book(cell("A1") + cell("XFD1000")), "exchange.too_many_columns"),
    "far row": (lambda: book(cell("A1") + cell("A1048576")), "exchange.too_many_rows"),
    "far row without a place": (lambda: book('<row r="1048576"><c><v>1</v></c></row>'), "exchange.too_many_rows"),
    "no such column": (lambda: book(cell("ZZZZZZ1")), "exchange.damaged_workbook"),
    "no such place": (lambda: book(cell("A")), "exchange.damaged_workbook"),
    "many rows": (lambda: book("<row><c><v>1</v></c></row>" * 200_000), "exchange.too_many_rows"),
    "many elements": (lambda: book(parts={"xl/styles.xml": f"<a>{'<xf/>' * 7_000_000}</a>"}), "exchange.unpacks_too_large"),
    "one text many times": (one_text_many_times, "exchange.unpacks_too_large"),
    "xxe": (lambda: doctype('SYSTEM "file:///etc/passwd"'), "exchange.damaged_workbook"),
    "billion laughs": (lambda: doctype('"lol"', LAUGH), "exchange.damaged_workbook"),
    "two parts of one name": (twice_the_same_part, "exchange.damaged_workbook"),
    "password inside": (encrypted, "exchange.damaged_workbook"),
    "old excel or password": (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "exchange.save_as_xlsx"),
    "comment after the directory": (lambda: book(cell("A1")) + b"PK\x05\x06", "exchange.damaged_workbook"),
    "no workbook": (lambda: book(parts={"xl/workbook.xml": "<a/>"}), "exchange.damaged_workbook"),
    "not well-formed": (lambda: book(parts={"xl/worksheets/sheet1.xml": "<a><b>"}), "exchange.damaged_workbook"),
    "empty sheet": (book, "exchange.empty_file"),
    "cut off": (lambda: book(cell("A1"))[:-40], "exchange.damaged_workbook"),
    "only a mark": (lambda: b"PK\x03\x04", "exchange.damaged_workbook"),
    "picture": (lambda: b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40, "exchange.unknown_kind"),
    "pdf": (lambda: b"%PDF-1.7\n" + b"x" * 100, "exchange.unknown_kind"),
    "nothing but NUL": (lambda: bytes(1000), "exchange.unknown_kind"),
    "too large": (lambda: b"a;b\n" * (9 << 20), "exchange.too_large"),
    "rows without end": (lambda: b"a;b\n" * 200_000, "exchange.too_many_rows"),
    "one endless line": (lambda: b"a;b\n" + b"x" * (30 << 20), "exchange.line_too_long"),
    "endless cells": (lambda: b"a;b\n" + b";" * (30 << 20), "exchange.line_too_long"),
    "endless heads": (lambda: b";" * (30 << 20), "exchange.line_too_long"),
    "open quote": (lambda: b'a;b\n"' + b"x\n" * 60_000, "exchange.quote_open"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_in_little_memory_and_time(name, tmp_path):
    make, code = HOSTILE[name]
    path = tmp_path / "upload.xlsx"  # the name says nothing: the content does
    path.write_bytes(make())
    walked = subprocess.run([sys.executable, "-c", WALK, path], capture_output=True, text=True, timeout=60, check=False)
    assert not walked.stderr
    answer, megabytes, seconds = walked.stdout.split()
    assert answer == code
    assert int(megabytes) < 512
    assert float(seconds) < 10
    assert len(str(FILE[code])) > 20


def test_the_largest_workbook_that_is_taken_stays_in_bounds_too(tmp_path):
    row = "<row>" + '<c t="inlineStr"><is><t>zestien tekens..</t></is></c>' * 16 + "</row>"
    (tmp_path / "a").write_bytes(book(row * 99_000))
    walked = subprocess.run([sys.executable, "-c", WALK, tmp_path / "a"], capture_output=True, text=True, timeout=60, check=True)
    answer, megabytes, seconds = walked.stdout.split()
    assert answer == "taken"
    assert int(megabytes) < 512
    assert float(seconds) < 10


def test_styled_cells_without_a_value_do_not_count():
    with open_table(book(cell("A1") + '<row r="1048576"><c r="XFD1048576" s="0"/></row>')) as table:
        assert table.head == ("x",)


def test_a_damaged_workbook_is_refused_wherever_the_damage_is():
    out = io.BytesIO()
    write_xlsx([Field("Naam", TEXT)], [["een"], ["twee"]], out, "Blad")
    whole, chance = out.getvalue(), random.Random(7)  # noqa: S311 - the same damage each time
    for _ in range(400):
        content = bytearray(whole)
        for _ in range(chance.randrange(1, 6)):
            content[chance.randrange(len(content))] = chance.randrange(256)
        assert outcome(bytes(content[: chance.randrange(100, len(content) * 2)]))


def test_damage_inside_the_xml_never_stops_the_program():
    whole, chance = sheet(cell("A1") + cell("B2") + '<row><c t="s"><v>0</v></c><c t="d"><v>2026-01-01</v></c></row>'), random.Random(8)  # noqa: S311
    for _ in range(400):
        at = chance.randrange(len(whole))
        rows = whole[:at] + chance.choice(["", "<", "9", "A", "-1", '"', "&#0;", "<c/>", "1e999"]) + whole[at + chance.randrange(3) :]
        assert outcome(book(parts={"xl/worksheets/sheet1.xml": rows}))


def test_the_workbook_of_these_tests_is_sound():
    with open_table(book(cell("A1", "Naam") + cell("A2", "een"))) as table:
        assert table.head == ("Naam",)
        assert [(record.line, record.cells) for record in table.records] == [(2, ["een"])]


def test_a_file_is_known_by_its_content_not_its_name(tmp_path):
    path = Path(tmp_path / "claims.xlsx")
    path.write_bytes(b"Naam;Plaats\na;b\n")
    with open_table(path) as table:
        assert table.head == ("Naam", "Plaats")
