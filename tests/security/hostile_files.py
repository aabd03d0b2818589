"""Files made to hurt, each with the code of the sentence that refuses it, and files that only look so and are harmless."""

import io
import stat
import zipfile
from collections.abc import Callable

import pytest

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


def overlapping() -> bytes:
    """Say of a thousand names that each is the one large part, which is packed once."""
    out = io.BytesIO(book(parts={"xl/worksheets/sheet1.xml": b" " * (50 << 20)}))
    with zipfile.ZipFile(out, "a") as archive:
        large = archive.getinfo("xl/worksheets/sheet1.xml")
        for number in range(900):
            twin = zipfile.ZipInfo(f"xl/twin{number}.xml")
            twin.header_offset, twin.compress_size, twin.CRC = large.header_offset, large.compress_size, large.CRC
            twin.file_size, twin.compress_type = 1000, large.compress_type
            archive.filelist.append(twin)
            archive.NameToInfo[twin.filename] = twin
        archive._didModify = True
    return out.getvalue()


def link_to_a_file() -> bytes:
    """A part that is a symbolic link to the passwords of the machine."""
    out = io.BytesIO(book())
    with zipfile.ZipFile(out, "a") as archive:
        link = zipfile.ZipInfo("xl/styles.xml")
        link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    return out.getvalue()


def open_document() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", "<office:document-content/>")
    return out.getvalue()


def workbook_bomb() -> bytes:
    """A workbook inside a workbook inside a workbook: the reader looks into the first alone."""
    inner = b" " * (90 << 20)
    for depth in range(3):
        inner = book(parts={f"xl/embeddings/{depth}.xlsx": inner}, method=zipfile.ZIP_DEFLATED)
    return inner


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
    "overlapping parts": (overlapping, "exchange.damaged_workbook"),
    "link to a file": (link_to_a_file, "exchange.damaged_workbook"),
    "path out of the archive": (lambda: book(cell("A1"), {"../../etc/cron.d/x.xml": "<a/>"}), "exchange.damaged_workbook"),
    "path from the root": (lambda: book(cell("A1"), {"/etc/cron.d/x.xml": "<a/>"}), "exchange.damaged_workbook"),
    "macros": (lambda: book(cell("A1"), {"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0" + bytes(900)}), "exchange.save_as_xlsx"),
    "binary workbook": (
        lambda: book(parts={"xl/workbook.bin": b"x"}).replace(b"xl/workbook.xml", b"xl/workbook.bak"),
        "exchange.unknown_kind",
    ),
    "open document": (open_document, "exchange.unknown_kind"),
    "external dtd": (
        lambda: book(parts={"xl/styles.xml": '<!DOCTYPE a SYSTEM "http://kwaad.example/a.dtd"><a/>'}),
        "exchange.damaged_workbook",
    ),
    "doctype where nobody reads": (
        lambda: book(cell("A1"), {"docProps/app.xml": '<!DOCTYPE a SYSTEM "http://kwaad.example/a.dtd"><a/>'}),
        "exchange.damaged_workbook",
    ),
    "entity in a parameter": (
        lambda: book(parts={"xl/styles.xml": '<!DOCTYPE a [<!ENTITY % b SYSTEM "http://kwaad.example/">%b;]><a/>'}),
        "exchange.damaged_workbook",
    ),
    "shared text that is not there": (lambda: book('<row><c t="s"><v>99999</v></c></row>'), "exchange.damaged_workbook"),
    "shared text far beyond": (lambda: book(f'<row><c t="s"><v>{10**30}</v></c></row>'), "exchange.damaged_workbook"),
    "shared text before the first": (lambda: book('<row><c t="s"><v>-1</v></c></row>'), "exchange.damaged_workbook"),
    "old excel": (lambda: b"\x09\x08\x10\x00\x00\x06\x05\x00" + bytes(500), "exchange.unknown_kind"),
    "program": (lambda: b"MZ\x90\x00\x03" + bytes(range(256)) * 40, "exchange.unknown_kind"),
    "packed": (lambda: b"\x1f\x8b\x08\x00" + bytes(range(256)) * 10, "exchange.unknown_kind"),
    "utf-16": (lambda: "Naam;Soort\nEls;schuldeiser\n".encode("utf-16"), "exchange.save_as_xlsx"),
    "utf-16 without a mark": (lambda: ("Naam;Soort\nEls;schuldeiser\n" * 30).encode("utf-16-le"), "exchange.unknown_kind"),
    "utf-32": (lambda: "Naam;Soort\nEls;schuldeiser\n".encode("utf-32"), "exchange.save_as_xlsx"),
    "a million columns": (lambda: b"a;" * 1_000_000 + b"\n", "exchange.line_too_long"),
    "three hundred columns": (lambda: b"a;" * 300 + b"\n", "exchange.too_many_columns"),
    "half a character": (lambda: "Naam\nÉls €".encode()[:-1] + b"\n", "exchange.damaged_text"),
    "nothing": (lambda: b"", "exchange.empty_file"),
    "open quote": (lambda: b'a;b\n"' + b"x\n" * 60_000, "exchange.quote_open"),
}


# What stands here is taken for the text that shows; nothing of it is run, fetched or believed.
HARMLESS: dict[str, Callable[[], bytes]] = {
    "a formula": lambda: book('<row><c><f>HYPERLINK("http://kwaad.example")</f><v>5</v></c></row>'),
    "a command": lambda: book("<row><c t=\"str\"><f>cmd|'/C calc'!A0</f><v>5</v></c></row>"),
    "a size that is not true": lambda: book(
        parts={"xl/worksheets/sheet1.xml": sheet(cell("A1", "5")).replace("<sheetData>", '<dimension ref="A1:XFD1048576"/><sheetData>')}
    ),
    "a link elsewhere": lambda: book(
        cell("A1", "5"),
        {
            "xl/worksheets/_rels/sheet1.xml.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="r" Type="{OFFICE}/hyperlink" '
            'Target="http://kwaad.example/" TargetMode="External"/></Relationships>'
        },
    ),
    "words in utf-7": lambda: b"5\n+ADw-script+AD4-\n",
    "a page": lambda: b"5\n<html><table><tr><td>=1+1</td></tr></table></html>\n",
    "a workbook inside": lambda: book(cell("A1", "5"), {"xl/embeddings/a.xlsx": book(cell("A1", "6"))}),
}
