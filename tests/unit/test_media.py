"""What a file is, is told from its content; what can run is nothing that people may add."""

import io
import itertools
import zipfile

import pytest

from app.documents.media import MOST_BYTES, called, media_of
from app.errors import Refusal


def office(*parts, **held):
    """Return a zip file with such parts, empty or as they are held."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for part in parts:
            archive.writestr(part, held.get(part, ""))
    return out.getvalue()


def damaged(way):
    """Return a document whose packed part cannot be unpacked."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", way) as archive:
        archive.writestr("mimetype", ODT * 3)
    content = bytearray(out.getvalue())
    content[50:60] = b"\xff" * 10
    return bytes(content)


ODT = "application/vnd.oasis.opendocument.text"
RENAMED = office(
    "xl/workbook.xml", "xl/x.bin", "[Content_Types].xml", **{"[Content_Types].xml": '<Override ContentType="ms-office.vbaProject"/>'}
)


@pytest.mark.parametrize(("name", "content", "media"), [
    ("brief.pdf", b"%PDF-1.7 x", "pdf"),
    ("brief.pdf", b"\xff\xd8\xff\xe0 x", "jpg"),
    ("schermafdruk", b"\x89PNG\r\n\x1a\n x", "png"),
    ("foto.webp", b"RIFF1234WEBP", "webp"),
    ("IMG_0001.HEIC", b"\0\0\0\x18ftypheic", "heic"),
    ("brief.doc", office("[Content_Types].xml", "word/document.xml"), "docx"),
    ("kosten.xlsx", office("xl/workbook.xml"), "xlsx"),
    ("brief.odt", office("mimetype", mimetype=ODT), "odt"),
    ("notitie.txt", "Hij zei: “betalen”.".encode(), "txt"),
    ("kosten.csv", b"a;b", "csv"),
], ids=itertools.count())  # fmt: skip
def test_a_file_is_what_its_content_says(name, content, media):
    assert media_of(name, content) == media


@pytest.mark.parametrize(("name", "content", "code"), [
    ("leeg.pdf", b"", "attachments.empty"),
    ("groot.pdf", b"%PDF-" + bytes(MOST_BYTES), "attachments.too_large"),
    ("factuur.pdf", b"MZ\x90\0 program", "attachments.unknown"),
    ("factuur.pdf", b"\x7fELF program", "attachments.unknown"),
    ("foto.jpg", b"<html><script>alert(1)</script>", "attachments.unknown"),
    ("doe.bat", b"del c:", "attachments.unknown"),
    ("plaatje.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "attachments.unknown"),
    ("tekst.txt", b"a\0b", "attachments.unknown"),
    ("tekst.txt", b"\xff\xfe\xfa", "attachments.unknown"),
    ("kosten.xlsm", office("xl/workbook.xml", "xl/vbaProject.bin"), "attachments.unknown"),
    ("hernoemd.xlsx", RENAMED, "attachments.unknown"),
    ("stuk.odt", damaged(zipfile.ZIP_DEFLATED), "attachments.unknown"),
    ("stuk.odt", damaged(zipfile.ZIP_LZMA), "attachments.unknown"),
    ("alles.zip", office("doe.exe"), "attachments.unknown"),
    ("half.docx", office("word/document.xml")[:60], "attachments.unknown"),
], ids=itertools.count())  # fmt: skip
def test_what_is_nothing_that_people_add_is_refused(name, content, code):
    with pytest.raises(Refusal) as refused:
        media_of(name, content)
    assert (refused.value.code, refused.value.facts["name"]) == (code, name)


@pytest.mark.parametrize(("name", "media", "given"), [
    ("C:\\map\\foto.pdf.exe", "jpg", "foto.pdf.jpg"), ("../../etc/passwd", "txt", "passwd.txt"),
    ("fo\u202ecod.pdf", "pdf", "focod.pdf"), ("", "pdf", "bestand.pdf"),
])  # fmt: skip
def test_it_is_given_back_as_what_it_is(name, media, given):
    assert called(name, media) == given
