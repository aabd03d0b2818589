"""The command that loads the demo."""

import json

import click


@click.command()
@click.option("--people-only", is_flag=True, help="Alleen de organisaties van de stad en hun inloggers, geen dossiers.")
@click.option("--json", "as_json", is_flag=True, help="Druk één JSON-document af.")
def seed(*, people_only: bool, as_json: bool) -> None:
    """Laad de demo, één keer: register, dossiers, akkoorden en enkele gespeelde weken."""
    from app import HANDLERS, clock, connect, db
    from app.config import Settings
    from app.demo import seeding
    from app.demo.mailing import settle_in
    from app.demo.work import PlayedQueue, note_mail_as_sent
    from app.jobs import registry
    from app.jobs import service as jobs

    settings = Settings.from_env()
    if settings.is_production:
        raise click.ClickException("De demo wordt nooit in productie geladen. Er is niets veranderd.")
    connect(settings)
    registry.load(HANDLERS)
    if people_only:
        told = {"people": seeding.people_only()}
    elif seeding.is_seeded():
        told = {}
    else:
        db.make_haste()
        played = PlayedQueue()
        jobs.bind(played)
        told = seeding.seed(clock.today(), clock.now(), played.run)
        clock.start_at(settings.clock)
        note_mail_as_sent()
        settle_in()
    _tell(told, as_json=as_json)


def _tell(told: dict[str, int], *, as_json: bool) -> None:
    from app.accounts.people import DEMO_PASSWORD, DEMO_PEOPLE, DEMO_SECRET

    if as_json:
        click.echo(json.dumps(told))
        return
    click.echo("; ".join(f"{name}: {count}" for name, count in told.items()) or "De demo staat er al; er is niets veranderd.")
    click.echo(f"Inloggen met wachtwoord {DEMO_PASSWORD} en TOTP-sleutel {DEMO_SECRET}, of met één klik op de inlogpagina:")
    for email, name, organisation, _ in DEMO_PEOPLE:
        click.echo(f"  {email:46} {name}, {organisation}")
