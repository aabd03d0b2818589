"""Matching of early signals: spelling variants of one person or door are found, and who only looks like it is not."""

from dataclasses import replace
from datetime import date

import pytest

from app.early_signals.matching import Kinship, Subject, house, keys, kinship
from benchmarks.matching import scores
from benchmarks.signal_pairs import labelled

ONE = Subject("van der Heijden", "Zoë", date(1987, 5, 2), "Jan van Galenstraat", "12-2", "1056 BX")


@pytest.mark.parametrize(
    "over",
    [
        {"surname": "vd Heyden"},
        {"surname": "Heijden-Bakker", "given_name": "Z."},
        {"surname": "van der Hiejden", "birth_date": None},
        {"given_name": "Zoe", "house_number": "12 II", "postcode": "1056bx"},
        {"birth_date": date(1987, 2, 5), "street": "J. v. Galenstr."},
        {"postcode": "1056 BZ", "given_name": ""},
    ],
)
def test_one_person_is_found_however_it_is_written(over):
    other = replace(ONE, **over)
    assert kinship(ONE, other) is Kinship.PERSON
    assert set(filter(None, keys(ONE))) & set(filter(None, keys(other))), "they are compared at all"


def test_one_who_moved_is_the_same_person_and_no_household():
    assert kinship(ONE, replace(ONE, street="Zeilstraat", house_number="7", postcode="1091 AA")) is Kinship.MOVED


@pytest.mark.parametrize(
    ("over", "kin"),
    [
        ({"surname": "Bakker", "given_name": "Piet", "birth_date": date(1985, 1, 1)}, Kinship.HOUSEHOLD),
        ({"given_name": "Anna", "birth_date": date(1987, 5, 2)}, Kinship.HOUSEHOLD),  # a twin
        ({"surname": "Bakker", "given_name": "Piet", "birth_date": None, "house_number": "12-3"}, Kinship.OTHERS),
        ({"surname": "Bakker", "given_name": "Piet", "birth_date": None, "house_number": "122"}, Kinship.OTHERS),
        ({"birth_date": date(1961, 9, 9), "street": "Zeilstraat", "house_number": "7", "postcode": "1091 AA"}, Kinship.OTHERS),
    ],
)
def test_who_only_looks_like_it_is_somebody_else(over, kin):
    assert kinship(ONE, replace(ONE, **over)) is kin


@pytest.mark.parametrize("written", ["12-H", "12 hs", "12huis", "12-h ", "012 HS"])
def test_a_ground_floor_has_many_spellings(written):
    assert house(written) == ("12", "0")


def test_recall_and_precision_on_the_labelled_set_stay_what_they_are():
    found = scores(labelled(600))
    person, household = found[Kinship.MOVED], found[Kinship.HOUSEHOLD]
    assert (person.recall > 0.93, person.precision > 0.98, household.recall > 0.88, household.precision > 0.98) == (True,) * 4, found
