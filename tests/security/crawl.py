"""A reader who opens everything: follows each link, tries each route with what is known, and keeps all that was said as text."""

import html
import io
import re
import subprocess
import zipfile
from urllib.parse import urldefrag

from tests.security import matrix

LINK = re.compile(r'(?:href|action)="([^"]+)"')
MOST = 1500


def crawl(browser, starts):
    """Open every page within reach by following links; return each address with what it said."""
    waiting, said = list(dict.fromkeys(starts)), {}
    while waiting and len(said) < MOST:
        path = waiting.pop(0)
        if path in said:
            continue
        answer = browser.get(path, buffered=True)
        said[path] = words(answer)
        found = LINK.findall(answer.text) if answer.mimetype == "text/html" else []
        found += [answer.location] if answer.location else []
        waiting += [urldefrag(html.unescape(url)).url for url in found if url.startswith("/") and not url.startswith(("/static", "//"))]
    assert len(said) < MOST, f"a reader of {MOST} pages has not seen them all"
    return said


def words(answer):
    """Return all that an answer says, its headers too: pages unescaped, workbooks unpacked, PDFs as text."""
    head = "\n".join(f"{name}: {value}" for name, value in answer.headers)
    if answer.mimetype == "application/pdf":
        return head + _of_pdf(answer.data)
    if "spreadsheet" in answer.mimetype:
        return head + _of_workbook(answer.data)
    return head + html.unescape(answer.text)


def _of_pdf(content):
    """Return the text of a PDF, and its bytes for what stands outside the text; a file that is none has its bytes alone."""
    made = subprocess.run(["pdftotext", "-", "-"], input=content, capture_output=True, check=False)
    return made.stdout.decode(errors="replace") + content.decode("latin-1")


def _of_workbook(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return "\n".join(html.unescape(archive.read(name).decode()) for name in archive.namelist())


def addresses(world, method="GET"):
    """Return the address of every line of the table, for all things of the world; lists once more with what searches and files ask."""
    found = [line.path.format(**matrix.values(world, line.things)) for line in matrix.lines() if line.method == method]
    lists = [
        "/offers",
        "/pauses",
        "/complaints/about-us",
        "/early-signals",
        "/complaints",
        "/cases",
        "/creditors",
        "/consents",
        "/audit/own",
        "/audit",
        "/people",
    ]
    found += [f"{path}/download{ask}" for path in lists for ask in ("", "?format=xlsx", "?status=all", "?status=all&format=xlsx")]
    return [path for path in found if not path.startswith("/static")]


def searches(texts):
    """Return the address of every list, searched for each of these texts."""
    lists = (
        "/offers?status=all", "/pauses?status=all", "/early-signals?x=", "/cases?x=", "/creditors?x=", "/consents?x=", "/audit/own?x=",
        "/search?x=",
    )  # fmt: skip
    return [f"{path}&q={text}" for path in lists for text in texts]
