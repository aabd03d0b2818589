"""Every sentence of the portal stands in English too, with the same facts in it, and mail templates exist for each message."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

ROOT = Path(__file__).parent.parent.parent
ENGLISH = ROOT / "app/translations/en/LC_MESSAGES/messages.po"
FACT = re.compile(r"%\((\w+)\)[sd]")


@pytest.fixture(scope="module")
def english():
    with ENGLISH.open("rb") as file:
        return {message.id: message.string for message in read_po(file, locale="en") if message.id}


@pytest.fixture(scope="module")
def sentences(tmp_path_factory):
    """All sentences that stand in the code and the templates now."""
    pot = tmp_path_factory.mktemp("words") / "messages.pot"
    command = [sys.executable, "-m", "babel.messages.frontend", "-q", "extract", "-F", "babel.cfg", "-k", "lazy_gettext", "-o", str(pot)]
    subprocess.run([*command, "app", "templates"], cwd=ROOT, check=True)
    with pot.open("rb") as file:
        return [message.id for message in read_po(file) if message.id]


def forms(text):
    return (text,) if isinstance(text, str) else tuple(text)


def test_every_sentence_has_an_english_one(english, sentences):
    missing = [sentence for sentence in sentences if not all(forms(english.get(sentence) or ""))]
    assert missing == []


def test_the_catalogue_holds_no_sentence_that_nobody_says(english, sentences):
    assert set(english) - set(sentences) == set()


def test_the_facts_of_a_sentence_are_the_same_in_english(english):
    wrong = [dutch for dutch, text in english.items() if set(FACT.findall(str(dutch))) != set(FACT.findall(str(text)))]
    assert wrong == []


CODE = re.compile(
    r'"((?:accounts|audit|meetings|commitments|complaints|early_signals|practices|consents|proposals|offers|cases|balances|pauses)\.[a-z_]+)"'
)
TELLS = re.compile(r"notify\(|Telling\(|tell_(?:party|parties|team|reporter)\(")
BY_LINK = re.compile(r'tell_reporter\(session, "([a-z_.]+)"')  # who came by a link hears each of these in a text without a way back in


def test_every_message_that_is_sent_has_a_text():
    told = [text for text in (path.read_text() for path in (ROOT / "app").rglob("*.py")) if TELLS.search(text)]
    sent = {code for text in told for code in CODE.findall(text)} | {f"{code}_by_link" for text in told for code in BY_LINK.findall(text)}
    templates = {path.stem for path in (ROOT / "templates/mail").glob("[a-z]*.txt")}
    assert templates <= sent, "a text that nobody sends"
    assert templates
