"""Help, statements and health: open to everybody, true about the installation."""

import pytest
from sqlalchemy.exc import OperationalError

from app.site import health as looking
from app.site.routes import TOPICS


@pytest.mark.parametrize("path", ["/help", "/accessibility", "/privacy", "/news", "/status", *(f"/help/{topic}" for topic in TOPICS)])
def test_everybody_can_read_it(client, path):
    assert client.get(path).status_code == 200


def test_an_unknown_topic_is_not_found(client):
    assert client.get("/help/../privacy").status_code == 404


def test_health_is_ready_with_a_database(client):
    answer = client.get("/health")
    assert (answer.status_code, answer.json["database"], answer.json["worker"]) == (200, "ok", "ok")


def test_health_says_when_the_database_is_gone(client, monkeypatch):
    def gone():
        raise OperationalError("select", {}, Exception("gone"))

    monkeypatch.setattr(looking, "reading", gone)
    assert client.get("/health").status_code == 503
    assert "opnieuw" in client.get("/status").text


def test_security_txt_names_a_contact_and_an_end(client):
    assert {"Contact", "Expires"} <= {line.split(":")[0] for line in client.get("/.well-known/security.txt").text.splitlines()}
