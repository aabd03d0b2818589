"""Whom somebody looks for stands in no address that a log, a history or a bookmark keeps (ASVS 5.0, 14.2.1)."""

import re

import pytest

from app.access import Kind
from app.sealing import sealed_words, unsealed_words
from tests import factory


@pytest.fixture
def worker(client_of, database, queue):
    water = factory.organisation()
    factory.offers(water)
    return client_of(factory.person(water))


def test_a_search_finds_and_its_words_stand_in_no_address(worker):
    to = worker.post("/search", data={"to": "/offers", "q": " Visser", "status": "all"}).location
    page = worker.get(to).text
    addresses = [to, *re.findall(r'(?:href|action|value)="(/[^"]*)"', page)]
    assert "Visser" in page
    assert [address for address in addresses if "q=~" in address][1:], "its links keep what is looked for"
    assert [address for address in addresses if "isser" in address] == []


def test_a_list_sends_its_filters_in_a_form(worker):
    form = re.search(r'<form class="filters"[^>]*>', worker.get("/offers").text)[0]
    assert 'method="post"' in form
    assert 'action="/search"' in form


def test_an_address_of_before_or_typed_by_hand_still_finds(worker):
    assert "Niets gevonden" not in worker.get("/offers?q=visser").text


@pytest.mark.parametrize("to", ["https://evil.example/", "//evil.example", "/\\evil.example", ""])
def test_a_search_leads_nowhere_else(worker, to):
    assert worker.post("/search", data={"to": to, "q": "Visser"}).location.startswith("/search?q=~")


def test_words_are_sealed_alike_and_open_again(database):
    assert sealed_words("Visser") == sealed_words("Visser") != sealed_words("Vissers")
    assert unsealed_words(sealed_words("Ö. van ’t Hof")) == "Ö. van ’t Hof"
    bent = sealed_words("Visser")[:-2] + "AA"
    assert [unsealed_words(text) for text in (bent, "~", "~é", "Visser")] == [bent, "~", "~é", "Visser"]


def test_a_filter_that_was_kept_is_sealed_too(worker):
    worker.post("/offers/filters?q=Visser", data={"name": "Deze"})
    assert "q=Visser" not in worker.get("/offers").text
    assert "q=~" in worker.get("/offers/filters").text


def test_who_looks_in_cases_reads_no_name_in_links(client_of, database, queue):
    officer = client_of(factory.person(factory.organisation(Kind.BANK)))
    factory.case()
    assert "isser" not in " ".join(re.findall(r'href="([^"]*)"', officer.get(f"/cases?q={sealed_words('Visser')}").text))
