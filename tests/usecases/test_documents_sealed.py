"""Documents on disk: unreadable without the key, bound to their name, readable after a change of keys, never half a file."""

import errno
import os
from dataclasses import replace
from pathlib import Path

import pytest

from app import connect
from app.config import FieldKeys
from app.documents import files
from app.errors import NotFound

LETTER = b"%PDF-1.7 a letter to Saida van 't Hof"
NEW_RING = FieldKeys({1: bytes(range(32)), 2: bytes(range(64, 96))}, bytes(range(32, 64)))


@pytest.fixture
def name(database):
    return files.put(LETTER)


def test_the_disk_holds_nothing_that_can_be_read(name):
    assert b"Hof" not in files.kept(name).read_bytes()
    assert files.get(name) == LETTER


def test_a_document_under_another_name_does_not_open(name):
    other = files.digest(b"another")
    files.keep(other, files.kept(name).read_bytes())
    with pytest.raises(NotFound):
        files.get(other)


def test_a_plain_file_of_before_is_read_and_renewed(database):
    name = files.digest(LETTER)
    files.keep(name, LETTER)
    assert files.get(name) == LETTER
    assert (files.renew(), files.renew()) == ((1, []), (0, []))
    assert LETTER not in files.kept(name).read_bytes()
    assert files.get(name) == LETTER


def test_after_a_new_key_old_files_open_and_can_be_renewed(name, settings):
    connect(replace(settings, field_keys=NEW_RING))
    assert files.get(name) == LETTER
    assert files.renew() == (1, [])
    connect(replace(settings, field_keys=FieldKeys({2: NEW_RING.ring[2]}, NEW_RING.index)))
    assert files.get(name) == LETTER


def test_one_that_does_not_open_keeps_no_other_from_being_renewed(name, settings, monkeypatch):
    whole, gone = files.put(b"another"), files.digest(b"gone")
    files.keep(name, files.kept(name).read_bytes()[:-1])
    connect(replace(settings, field_keys=NEW_RING))
    monkeypatch.setattr(files, "names", lambda: iter([name, gone, whole]))  # retention took one away meanwhile
    assert files.renew() == (1, [name])
    assert [files.key_of(one) for one in (name, whole)] == [1, 2]


def test_the_name_of_a_document_survives_a_power_cut(database, monkeypatch):
    synced, fsync = [], os.fsync

    def note(handle):
        synced.append(Path(f"/proc/self/fd/{handle}").readlink())
        fsync(handle)

    monkeypatch.setattr(os, "fsync", note)
    place = files.kept(files.put(LETTER))
    assert synced[-1] == place.parent.resolve()


def test_without_its_key_a_document_is_not_there(name, settings):
    connect(replace(settings, field_keys=FieldKeys({1: bytes(32)}, bytes(32))))
    with pytest.raises(NotFound):
        files.get(name)


def test_a_full_disk_leaves_no_half_file(database, monkeypatch):
    def full(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        files.put(LETTER)
    assert [path for path in files._folder.rglob("*") if path.is_file()] == []
