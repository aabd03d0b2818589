"""Settings: what production must be given, and that no start goes on without it."""

from base64 import b64encode

import pytest

from app import config
from app.config import MissingSetting, Settings

GENERATED = ",".join(f"{name}:{b64encode(bytes(32)).decode()}" for name in ("index", "1"))
WHOLE = {
    "PORTAL_ENV": "production",
    "PORTAL_DATABASE_URL": "postgresql+psycopg://portaal@/portaal",
    "PORTAL_SECRET_KEY": "a secret of thirty-two signs, or so",
    "PORTAL_FIELD_KEYS": GENERATED,
    "PORTAL_MAIL_URL": "smtp://mail.example:25",
}


def test_production_starts_with_all_its_settings():
    assert Settings.from_env(WHOLE).is_production


@pytest.mark.parametrize("name", [name for name in WHOLE if name != "PORTAL_ENV"])
def test_production_does_not_start_without_a_secret_and_names_it(name):
    with pytest.raises(MissingSetting, match=name):
        Settings.from_env({key: value for key, value in WHOLE.items() if key != name})


def test_production_refuses_a_short_secret_and_development_does_not():
    with pytest.raises(MissingSetting, match="PORTAL_SECRET_KEY"):
        Settings.from_env(WHOLE | {"PORTAL_SECRET_KEY": "x" * 31})
    assert Settings.from_env(WHOLE | {"PORTAL_SECRET_KEY": "x" * 31, "PORTAL_ENV": "development"}).secret_key


def test_production_prints_no_mail_on_a_console():
    with pytest.raises(MissingSetting, match="PORTAL_MAIL_URL"):
        Settings.from_env(WHOLE | {"PORTAL_MAIL_URL": "console:"})


def test_production_refuses_a_played_clock():
    with pytest.raises(MissingSetting, match="PORTAL_CLOCK"):
        Settings.from_env(WHOLE | {"PORTAL_CLOCK": "2026-06-04T09:00:00+02:00"})


@pytest.mark.parametrize("keys", ["", "1:YWJj", "index:YWJj,1:YWJj", "index:%%%,1:%%%", GENERATED.replace("index", "other")])
def test_keys_of_another_shape_stop_the_start(keys):
    with pytest.raises(MissingSetting, match="PORTAL_FIELD_KEYS"):
        Settings.from_env(WHOLE | {"PORTAL_FIELD_KEYS": keys or "x"})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORTAL_ENV", "staging"),
        ("PORT", "0"),
        ("PORT", "http"),
        ("PORT", "²"),
        ("PORTAL_PROXIES", "many"),
        ("PORTAL_CLAMD", "scanner"),
        ("PORTAL_MAIL_URL", "smtps://mail"),
        ("PORTAL_CLOCK", "tomorrow"),
    ],
)
def test_a_value_that_makes_no_sense_stops_the_start(name, value, monkeypatch, tmp_path):
    monkeypatch.setattr(config, "INSTANCE", tmp_path)
    with pytest.raises(MissingSetting, match=name):
        Settings.from_env({name: value})


def test_development_makes_its_secrets_once_and_keeps_them_private(monkeypatch, tmp_path):
    monkeypatch.setattr(config, "INSTANCE", tmp_path / "instance")
    first, second = Settings.from_env({}), Settings.from_env({})
    assert first.secret_key == second.secret_key
    assert first.field_keys == second.field_keys
    assert (tmp_path / "instance" / "secret_key").stat().st_mode & 0o077 == 0
