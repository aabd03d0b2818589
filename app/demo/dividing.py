"""Divide the waiting offers of the demo's creditor among its two colleagues, and keep the filters that one of them would keep."""

from app.accounts.people import DEMO_PEOPLE
from app.accounts.queries import actor_by_email
from app.db import reading
from app.demo.filing import answer_with_a_file
from app.proposals.assigning import assign_offers
from app.proposals.inbox_queries import InboxQuery, waiting_refs
from app.proposals.saved_filters import OFFERS, save_filter

WORKER, MANAGER = DEMO_PEOPLE[0][0], DEMO_PEOPLE[1][0]
SHARE = 8  # offers that each of them has; the rest is nobody's
FILED = 3  # of the worker's, answered with a file
FILTERS = {"Gedekt": "cover=yes", "Te laat": "due=late", "Nul-aanbod": "product=zero_offer", "Van mij": "who=mine"}


def divide_work() -> None:
    """Give both colleagues their share of what waits, and the worker its filters."""
    with reading() as session:
        worker, manager = (actor_by_email(session, email, "demo") for email in (WORKER, MANAGER))
        refs = [ref for ref, _ in waiting_refs(session, worker, InboxQuery(), 2 * SHARE)]
    for share, person in ((refs[:SHARE], worker), (refs[SHARE:], manager)):
        if share:
            assign_offers(manager, share, person.person_id)
    if with_file := refs[SHARE - FILED : SHARE]:
        answer_with_a_file(worker, with_file)
    for name, query in FILTERS.items():
        save_filter(worker, OFFERS, name, query)
