"""What is said of libraries with known weaknesses: failing when there is one, going on when nobody can tell."""

import pytest

from tests.security.advisories import LOCK, verdict

SOUND = {"name": "flask", "version": "3.1.3", "vulns": []}
WEAK = {"name": "pyjwt", "version": "2.0", "vulns": [{"id": "PYSEC-1"}]}
SKIPPED = {"name": "werkzeug", "skip_reason": "not found"}


@pytest.mark.parametrize(
    ("told", "code", "words"),
    [
        ([SOUND, WEAK], 1, "pyjwt 2.0: PYSEC-1"),
        ([SOUND], 0, "No known weakness in 1 libraries."),
        ([SOUND, SKIPPED], 0, "1 unknown there"),
        ([SKIPPED], 0, "No registry answered"),
        ([], 0, "No registry answered"),
    ],
)
def test_only_a_known_weakness_stops(told, code, words):
    sentence, ends_with = verdict(told)
    assert (ends_with, words in sentence) == (code, True)


def test_every_locked_library_has_a_hash_and_no_host_is_named():
    lines = LOCK.read_text().splitlines()
    pinned = [line for line in lines if "==" in line]
    assert pinned
    assert all(line.endswith("\\") for line in pinned), "a library without a hash"
    assert not [line for line in lines if "://" in line and not line.lstrip().startswith("#")]
