"""Rows as a file: what the download link of a list answers. Which rows and columns those are is the feature's."""

from collections.abc import Sequence
from contextlib import suppress
from tempfile import TemporaryFile

from flask import Response, request, send_file, stream_with_context

from app.errors import Refusal
from app.exchange.results import as_workbook
from app.exchange.writing import Field, Rows, csv_pieces, write_xlsx

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def is_xlsx() -> bool:
    """Tell whether a workbook is asked (`format=xlsx`); else it is CSV."""
    return request.args.get("format") == "xlsx"


def download(fields: Sequence[Field], rows: Rows, name: str) -> Response:
    """Send rows as CSV while they are read, or as a workbook. Raises Refusal for a text that Excel cannot hold."""
    if not is_xlsx():
        return attached(Response(stream_with_context(csv_pieces(fields, rows)), mimetype="text/csv"), f"{name}.csv")
    out = TemporaryFile()  # noqa: SIM115 - the answer closes it once it is sent
    write_xlsx(fields, rows, out, name)
    out.seek(0)
    return send_file(out, mimetype=XLSX, as_attachment=True, download_name=f"{name}.xlsx")


def rejects(content: bytes, name: str) -> Response:
    """Send rows that could not be taken as they are kept, as CSV, or as a workbook unless one of their texts is too long for Excel."""
    if is_xlsx():
        with suppress(Refusal):
            return attached(Response(as_workbook(content, name), mimetype=XLSX), f"{name}.xlsx")
    return attached(Response(content, mimetype="text/csv"), f"{name}.csv")


def attached(answer: Response, name: str) -> Response:
    """Name the file that an answer is."""
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer
