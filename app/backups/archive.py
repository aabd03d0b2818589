"""The file of a backup: a compressed tar, sealed in pieces, so that none can be changed, left out, swapped or cut off unseen."""

import fcntl
import gzip
import io
import os
import secrets
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, BinaryIO, cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.errors import Refusal

MARK = b"portal-backup-1\n"
PIECE = 1 << 20  # bytes that are sealed together: what reading and writing hold in memory
LAST = 1 << 31  # set in the length of the last piece
SALT, CHECK, TAG = 16, 16, 16  # bytes


def _derived(key: bytes, salt: bytes) -> tuple[AESGCM, bytes]:
    """Return the cipher of one file, and by what a reader knows that its key is the right one."""
    made = HKDF(SHA256(), 32 + CHECK, salt, b"portal backup").derive(key)
    return AESGCM(made[:32]), made[32:]


def _nonce(number: int, *, last: bool) -> bytes:
    """Return the nonce of a piece: its place and whether it is the last (the key serves this one file)."""
    return number.to_bytes(11, "big") + bytes([last])


class _Sealer(io.RawIOBase):
    """Seals what is written to it, piece after piece; `finish` seals the last one."""

    def __init__(self, out: BinaryIO, number: int, key: bytes) -> None:
        salt = secrets.token_bytes(SALT)
        self._cipher, check = _derived(key, salt)
        self._out, self._waits, self._pieces = out, bytearray(), 0
        out.write(MARK + bytes([number]) + salt + check)

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override] # gzip and tarfile hand over bytes
        self._waits += data
        while len(self._waits) > PIECE:
            self._seal(PIECE, last=False)
        return len(data)

    def finish(self) -> None:
        self._seal(len(self._waits), last=True)

    def _seal(self, size: int, *, last: bool) -> None:
        piece = self._cipher.encrypt(_nonce(self._pieces, last=last), bytes(self._waits[:size]), None)
        del self._waits[:size]
        self._out.write((len(piece) | (LAST if last else 0)).to_bytes(4, "big") + piece)
        self._pieces += 1


class _Opener(io.RawIOBase):
    """Opens piece after piece. Raises Refusal where the file is not what was written."""

    def __init__(self, source: BinaryIO, ring: Mapping[int, bytes]) -> None:
        head = source.read(len(MARK) + 1 + SALT + CHECK)
        if not head.startswith(MARK) or len(head) < len(MARK) + 1 + SALT + CHECK:
            raise Refusal("backups.no_archive")
        number, salt, check = head[len(MARK)], head[len(MARK) + 1 : -CHECK], head[-CHECK:]
        if number not in ring:
            raise Refusal("backups.other_key")
        self._cipher, expected = _derived(ring[number], salt)
        if not secrets.compare_digest(check, expected):
            raise Refusal("backups.other_key")
        self._source, self._waits, self._pieces, self._ended = source, b"", 0, False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override] # what BufferedReader hands over
        while not self._waits and not self._ended:
            self._waits = self._open()
        given, self._waits = self._waits[: len(buffer)], self._waits[len(buffer) :]
        buffer[: len(given)] = given
        return len(given)

    def _open(self) -> bytes:
        length = int.from_bytes(self._source.read(4).rjust(4, b"\0"), "big")
        size, last = length & ~LAST, bool(length & LAST)
        piece = self._source.read(min(size, PIECE + TAG))
        if not size or len(piece) < size:
            raise Refusal("backups.cut_off" if len(piece) < min(size or 1, PIECE + TAG) else "backups.changed")
        try:
            opened = self._cipher.decrypt(_nonce(self._pieces, last=last), piece, None)
        except InvalidTag as error:
            raise Refusal("backups.changed") from error
        if last and self._source.read(1):
            raise Refusal("backups.changed")
        self._pieces, self._ended = self._pieces + 1, last
        return opened


class Packer:
    """Adds members to an archive, in the order in which they are read again."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar

    def add(self, name: str, content: bytes) -> None:
        """Add a member that fits in memory."""
        self.add_from(name, io.BytesIO(content), len(content))

    def add_from(self, name: str, source: IO[bytes], size: int) -> None:
        """Add `size` bytes of a file."""
        member = tarfile.TarInfo(name)
        member.size = size
        self._tar.addfile(member, source)


@contextmanager
def written(path: Path, ring: Mapping[int, bytes]) -> Iterator[Packer]:
    """Write an archive: under another name until it is whole and on the disk. Raises Refusal when the file is there already."""
    _refuse_existing(path)
    _clear_drafts(path.parent)
    draft = path.with_name(f"{path.name}.draft")
    with _alone(draft) as out:
        sealer = _Sealer(out, max(ring), ring[max(ring)])
        with (
            gzip.GzipFile(fileobj=cast(BinaryIO, sealer), mode="wb", compresslevel=1, mtime=0) as packed,
            tarfile.open(fileobj=packed, mode="w|", format=tarfile.PAX_FORMAT) as tar,
        ):
            yield Packer(tar)
        sealer.finish()
        out.flush()
        os.fsync(out.fileno())
        _refuse_existing(path)  # whoever wrote it meanwhile held the draft before us
        draft.replace(path)


def _refuse_existing(path: Path) -> None:
    if path.exists():
        raise Refusal("backups.exists", file=str(path))


@contextmanager
def _alone(draft: Path) -> Iterator[BinaryIO]:
    """Open a draft that only we may read and no other process writes; it goes when the block fails. Raises Refusal when one does."""
    opened = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    with os.fdopen(opened, "wb") as out:
        try:
            fcntl.flock(out, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Refusal("backups.exists", file=str(draft)) from error
        if not draft.exists() or not os.path.samestat(draft.stat(), os.fstat(opened)):
            raise Refusal("backups.exists", file=str(draft))  # it was another's, which was ready just now
        try:
            os.fchmod(opened, 0o600)
            out.truncate(0)
            yield out
        except BaseException:
            draft.unlink()
            raise


def _clear_drafts(folder: Path) -> None:
    """Delete the drafts in a folder that nobody writes any more: a killed backup could not do so itself."""
    for draft in folder.glob("*.draft"):
        with suppress(OSError), draft.open("rb") as left:
            if left.read(len(MARK)) == MARK:
                fcntl.flock(left, fcntl.LOCK_EX | fcntl.LOCK_NB)
                draft.unlink()


def members(path: Path, ring: Mapping[int, bytes]) -> Iterator[tuple[str, IO[bytes]]]:
    """Yield name and content of each member, to be read before the next is asked. Raises Refusal where the archive is broken.

    Whoever reads all of them has checked all of it: the last piece says that it is the last.
    """
    with path.open("rb") as source:
        opened = io.BufferedReader(_Opener(source, ring), PIECE)
        with gzip.GzipFile(fileobj=opened, mode="rb") as unpacked, tarfile.open(fileobj=unpacked, mode="r|") as tar:
            for member in tar:
                content = tar.extractfile(member)
                if content is not None:
                    yield member.name, content
        while opened.read(PIECE):
            pass
