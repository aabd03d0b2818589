"""Files made to hurt: each is refused with a clear sentence, within 512 MB and 10 seconds of the processor, and nothing of it is taken."""

import io
import random
import subprocess
import sys
from pathlib import Path

import pytest

from app.errors import Refusal
from app.exchange.reading import open_table
from app.exchange.results import sentence
from app.exchange.sheets import Flaw
from app.exchange.words import FILE
from app.exchange.writing import TEXT, Field, write_xlsx
from tests.security.counting import count
from tests.security.hostile_files import HARMLESS, HOSTILE, book, cell, sheet

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


def outcome(content: bytes) -> str:
    """Say what becomes of a file; anything but its rows or a sentence would be raised."""
    try:
        with open_table(content) as table:
            return f"{len(list(table.records))} rows"
    except Refusal as refusal:
        return sentence(Flaw(None, refusal.code, refusal.facts), {})


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
    count("9 hostile files", "files refused within 512 MB and 10 s")


@pytest.mark.parametrize("name", HARMLESS)
def test_what_only_looks_hostile_is_text(name):
    with open_table(HARMLESS[name]()) as table:
        assert table.head == ("5",)
        assert [record.cells for record in table.records if record.cells == ["6"]] == []


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
