"""Help, statements and health: open to everybody, true about the installation."""

from datetime import timedelta

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from app import db
from app.backups.service import back_up
from app.clock import machine_now
from app.jobs.engine import EngineQueue
from app.jobs.service import prepare
from app.site import health as looking
from app.site.routes import TOPICS
from tests.conftest import KEYS


@pytest.mark.parametrize("path", ["/help", "/accessibility", "/privacy", "/news", "/status", *(f"/help/{topic}" for topic in TOPICS)])
def test_everybody_can_read_it(client, path):
    assert client.get(path).status_code == 200


def test_an_unknown_topic_is_not_found(client):
    assert client.get("/help/../privacy").status_code == 404


def test_health_is_ready_with_a_database(client):
    answer = client.get("/health")
    assert (answer.status_code, answer.json["live"], answer.json["database"], answer.json["backup"]) == (200, True, "ok", "none")


def test_health_says_when_the_database_is_gone(client, monkeypatch):
    def gone(**_):
        raise OperationalError("select", {}, Exception("gone"))

    monkeypatch.setattr(looking, "reading", gone)
    assert client.get("/health").status_code == 503
    assert "opnieuw" in client.get("/status").text


def test_health_says_how_long_work_waits_and_when_nobody_does_it(client, settings, clock):
    prepare(settings.database_url)
    assert (client.get("/health").json["worker"], client.get("/health").json["queue_seconds"]) == ("ok", 0)
    with db.transaction(as_portal=True) as session:
        EngineQueue(db.engine()).put(session, "test.note", {}, "test.note:1")
    with db.engine().begin() as connection:  # the engine dates work by the database's own clock
        since = int((machine_now() - timedelta(minutes=11)).timestamp() * 1000)
        connection.exec_driver_sql("UPDATE workflow_status SET created_at = ?", (since,))
    late = client.get("/health")
    assert (late.status_code, late.json["worker"], late.json["queue_seconds"] > 600) == (200, "behind", True)
    assert "later" in client.get("/status").text


def test_health_says_since_when_no_copy_was_made(client, tmp_path, clock):
    back_up(tmp_path / "copy", KEYS.ring)
    assert client.get("/health").json["backup"] == "ok"
    clock.shift(3 * 24 * 3600)
    assert client.get("/health").json["backup"] == "old"


def test_health_scans_no_table(client, settings):
    prepare(settings.database_url)
    asked = []
    event.listen(db.engine(), "before_cursor_execute", lambda *given: asked.append(given[2:4]))
    client.get("/health")
    queries = [query for query in asked if query[0].startswith("SELECT")]
    with db.engine().connect() as connection:
        plans = [str(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}", given).all()) for query, given in queries]
    assert len(plans) == 4
    assert not [plan for plan in plans if "SCAN" in plan and "job_failure" not in plan and "audit_head" not in plan]


def test_security_txt_names_a_contact_and_an_end(client):
    assert {"Contact", "Expires"} <= {line.split(":")[0] for line in client.get("/.well-known/security.txt").text.splitlines()}
