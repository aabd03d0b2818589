"""The rows of a file as they were read, in a compact form: a file is taken apart once, and what is done with it later reads these.

What came in was judged before it was read; this form is made here alone, from rows that kept to the limits.
"""

import gzip
import io
import json
from collections.abc import Iterator
from itertools import islice

from app.exchange.reading import Record, Table

PIECE = 100  # rows in one line of the form: few enough to hold in memory, enough to share what a line costs
LEVEL = 1  # of compression: the higher ones take longer than what they spare


class KeptRows:
    """Keeps the heads and rows of an open file while somebody walks its `table`."""

    def __init__(self, table: Table) -> None:
        self._out = io.BytesIO()
        self._packed = gzip.GzipFile(fileobj=self._out, mode="wb", compresslevel=LEVEL, mtime=0)
        self._write(table.head)
        self.table = Table(table.head, self._passed_on(table.records))

    def _passed_on(self, records: Iterator[Record]) -> Iterator[Record]:
        while piece := list(islice(records, PIECE)):
            self._write(piece)
            yield from piece

    def _write(self, told: object) -> None:
        self._packed.write(json.dumps(told).encode() + b"\n")

    def content(self) -> bytes:
        """Return the compact form of all rows that were walked; the last thing to ask for."""
        self._packed.close()
        return self._out.getvalue()


def kept_table(content: bytes) -> Table:
    """Return what a compact form holds, as the file itself would be read."""
    packed = gzip.GzipFile(fileobj=io.BytesIO(content))
    return Table(tuple(json.loads(packed.readline())), _records(packed))


def _records(packed: gzip.GzipFile) -> Iterator[Record]:
    for line in packed:
        yield from (Record(*told) for told in json.loads(line))
