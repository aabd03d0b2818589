"""The table of ASVS 5.0 level 2 is whole, and every proof that it and the threat model name is there."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs/asvs.md").read_text()
ROW = re.compile(r"\| (\d+\.\d+\.\d+) \| ([12]) \| (.+?) \| (.+?) \| (.+?) \|")
ROWS = [found.groups() for line in TEXT.splitlines() if (found := ROW.fullmatch(line))]
WITHOUT_PROOF = ("**Not applicable**: ", "**Outside**: ")


def test_all_requirements_stand_there_once_and_in_order():
    ids = [tuple(map(int, row[0].split("."))) for row in ROWS]
    assert (len(ids), sum(row[1] == "1" for row in ROWS)) == (253, 70)
    assert ids == sorted(set(ids))


def test_each_has_a_proof_or_a_reason():
    bare = [row[0] for row in ROWS if "`" not in row[4] and not row[3].startswith(WITHOUT_PROOF)]
    assert bare == []
    assert [row[0] for row in ROWS if len(row[3].removeprefix("**Not applicable**: ")) < 5] == []


def test_every_proof_is_there():
    named = {proof for row in ROWS for proof in re.findall(r"`([^`]+)`", row[4])}
    assert len(named) > 100
    assert sorted(proof for proof in named if not is_there(*proof.partition("::")[::2])) == []


def is_there(path, name):
    """Tell whether a file is there, and the test in it when one is named."""
    file = ROOT / path
    return file.is_file() and (not name or re.search(rf"^ *def {name}\(", file.read_text(), re.MULTILINE) is not None)


def test_the_sums_at_the_top_are_those_of_the_rows():
    marked = [sum(row[3].startswith(f"**{word}**") for row in ROWS) for word in ("Otherwise", "Not applicable", "Outside")]
    opened = sum("**Open**" in row[3] for row in ROWS)
    said = [int(number) for number in re.findall(r": (\d+)\.", TEXT.split("\n## ")[0])]
    assert said == [len(ROWS) - sum(marked) - opened, *marked, opened]


def test_the_proofs_of_the_threat_model_are_there():
    text = (ROOT / "docs/threat-model.md").read_text()
    named = {proof if "/" in proof else f"security/{proof}" for proof in re.findall(r"`((?:\w+/)?test_\w+\.py)`", text)}
    assert len(named) > 20
    assert sorted(path for path in named if not (ROOT / "tests" / path).is_file()) == []
