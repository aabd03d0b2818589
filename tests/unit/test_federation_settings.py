"""With whom people may sign in: how the settings read, what a level is worth, and establishments in the register's file."""

from datetime import UTC, datetime

import pytest

from app.accounts.federated_rules import Attempt, creditor_identity
from app.config import ASSURANCE, CLAIMS, Federation, MissingSetting, Settings
from app.creditors import sheets
from app.errors import Refusal

STAFF = "https://login.microsoftonline.com/tenant/v2.0,portaal,geheim, met komma"


def test_without_settings_nobody_signs_in_elsewhere():
    assert Federation.from_env({}) == Federation()


def test_a_provider_is_an_issuer_a_name_and_a_secret_that_no_log_shows():
    staff = Federation.from_env({"PORTAL_OIDC_STAFF": STAFF}).staff
    assert (staff.issuer, staff.client_id, staff.client_secret) == tuple(STAFF.split(",", 2))
    assert "geheim" not in repr(staff)


UNFIT = [
    "https://issuer",
    "https://issuer,portaal",
    "https://issuer,,geheim",
    "issuer,portaal,geheim",
    "ftp://issuer,a,b",
    "https://,a,b",
    "https://i?x=1,a,b",
    "https://i#x,a,b",
]


@pytest.mark.parametrize("text", UNFIT)
def test_an_unfit_provider_stops_the_start_with_its_name(text):
    with pytest.raises(MissingSetting, match="PORTAL_OIDC_CREDITORS"):
        Federation.from_env({"PORTAL_OIDC_CREDITORS": text})


def test_in_production_a_provider_is_reached_over_tls():
    environ = {"PORTAL_OIDC_STAFF": "http://127.0.0.1:9,portaal,geheim"}
    assert Federation.from_env(environ).staff
    with pytest.raises(MissingSetting, match="PORTAL_OIDC_STAFF"):
        Federation.from_env(environ | {"PORTAL_ENV": "production"})


@pytest.mark.parametrize(
    ("name", "text"),
    [("MINIMUM_LOA", "EH5"), ("MINIMUM_LOA", "eh3"), ("LEVELS", "10"), ("LEVELS", "10=EH9"), ("CLAIMS", "kvk="), ("CLAIMS", "bsn=x")],
)
def test_unfit_levels_and_claims_stop_the_start(name, text):
    with pytest.raises(MissingSetting, match="PORTAL_OIDC_"):
        Settings.from_env({f"PORTAL_OIDC_{name}": text})


def test_a_broker_may_have_names_and_levels_of_its_own():
    read = Federation.from_env({"PORTAL_OIDC_CLAIMS": "kvk=company,person=who,level=loa", "PORTAL_OIDC_LEVELS": "30=EH3, 20=EH2+"})
    claims = {"company": "90001234", "who": "7F3C", "loa": "30"}
    assert creditor_identity(claims, read.claims, read.levels, read.minimum).level == "EH3"
    with pytest.raises(Refusal):
        creditor_identity(claims | {"loa": "20"}, read.claims, read.levels, read.minimum)


@pytest.mark.parametrize(("given", "level"), ASSURANCE.items())
@pytest.mark.parametrize("least", ["EH2", "EH2+", "EH3", "EH4"])
def test_a_level_is_enough_from_the_minimum_up(given, level, least):
    claims = {CLAIMS["kvk"]: "90001234", CLAIMS["person"]: "7F3C", "acr": given}
    order = ["EH2", "EH2+", "EH3", "EH4"]
    if order.index(level) >= order.index(least):
        assert creditor_identity(claims, CLAIMS, ASSURANCE, least).level == level
    else:
        with pytest.raises(Refusal):
            creditor_identity(claims, CLAIMS, ASSURANCE, least)


def test_no_attempt_is_like_another():
    made = [Attempt.begin("staff", "sign in", datetime(2026, 6, 4, tzinfo=UTC)) for _ in range(50)]
    assert len({secret for one in made for secret in (one.state, one.nonce, one.verifier)}) == 150


@pytest.mark.parametrize(
    ("cell", "is_taken"), [("000012345678", True), ("12345678", False), ("00001234567x", False), ("٠٠٠٠١٢٣٤٥٦٧٨", False)]
)
def test_an_establishment_has_twelve_digits(cell, is_taken):
    if is_taken:
        assert sheets.establishment(cell) == cell
    else:
        with pytest.raises(Refusal):
            sheets.establishment(cell)
