"""Creates the illustrative agreements. A second load finds them and changes nothing."""

from __future__ import annotations

from django.db import transaction

from partnerships.demo import mereshire, neighbours
from partnerships.models import Agreement
from pooledcare.directory.access import Actor, person_actor
from pooledcare.directory.demo import demo_people
from pooledcare.directory.demo_bodies import make_demo_bodies
from pooledcare.directory.models import Organisation

# The demonstration users, by role in the examples.
PARTS = {"county": "mo", "approver": "drew", "board": "toni"}


@transaction.atomic
def make_demo_agreements() -> list[Agreement]:
    """The agreements of Mereshire and of its neighbours."""
    bodies: dict[str, Organisation] = make_demo_bodies()
    made = list(Agreement.objects.filter(is_illustrative=True).order_by("pk"))
    if made:
        return made
    bodies["X24"] = Organisation.objects.get(code="X24", closed=None)
    known = {person.handle: person.user for person in demo_people()}
    people: dict[str, Actor] = {part: person_actor(known[handle]) for part, handle in PARTS.items()}
    stories = [story(bodies, people) for story in mereshire.STORIES]
    return [*stories, *(neighbours.make(each, bodies) for each in neighbours.ARRANGEMENTS)]
