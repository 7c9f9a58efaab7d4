"""A record of its own in the API: its list, and one more made by POST."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import pytest
from rest_framework.request import Request

from pooledcare.kernel.records import Record
from pooledcare.kernel.rest import record_views, schema
from pooledcare.kernel.rest.authentication import Public
from pooledcare.kernel.rest.listings import Listing
from pooledcare.kernel.rest.record_views import RecordList, list_operations
from pooledcare.kernel.rest.records import body_fields, listing_columns
from tests.kernel.records.things import Thing
from tests.kernel.rest.conftest import Somebody
from tests.kernel.rest.test_views import ask

RECORD = Record.of(
    Thing, only=("name", "aims", "colour", "made_on", "price", "is_new"), keys={"made_on": "made"},
    examples={"name": "Chair", "colour": "red"},
)  # fmt: skip
ROWS = Listing(
    listing_columns(RECORD, "t"),
    "(values (1, 'Chair', '', 'red', date '2026-04-01', 1200.50, true))"
    " t (id, name, aims, colour, made_on, price, is_new)",
    ("t.id",),
)
CHAIR = {"name": "Chair", "aims": "", "colour": "red", "made": "2026-04-01", "price": "1200.50", "is_new": True}
KEYS = {"pc_x": Somebody("key:x")}
NOBODY = Somebody("anonymous", is_anonymous=True)


def known(token: str) -> Somebody | None:
    return KEYS.get(token)


with patch.dict(schema._components):  # the schema of the site does not know of it
    OPERATIONS = list_operations("RecordedThing", "recorded-things", RECORD, ROWS)


class Things(RecordList):
    permission_classes = [Public]
    record, rows = RECORD, ROWS
    operations = OPERATIONS
    made: list[dict[str, Any]] = []

    def make(self, request: Request, values: dict[str, Any]) -> Any:
        self.made.append(values)
        return SimpleNamespace(**{"aims": "", "made_on": None, "price": None, "is_new": False} | values)


@pytest.fixture(autouse=True)
def _site(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.API_AUTHENTICATE, settings.API_ANONYMOUS = f"{__name__}.known", f"{__name__}.NOBODY"
    settings.API_RATE_ANONYMOUS, settings.API_RATE_KEY = 30, 50
    monkeypatch.setattr(record_views, "once", lambda request, client, respond: respond())
    Things.made.clear()


def posted(body: dict[str, Any], **more: Any) -> Any:
    return ask(Things, method="POST", data=json.dumps(body), **more)


@pytest.mark.django_db
def test_the_list_gives_every_field_of_the_record():
    answer = ask(Things)
    assert json.loads(answer.content)["results"] == [CHAIR]


@pytest.mark.django_db
def test_one_more_is_made_from_values_by_the_names_of_the_model_and_answered_by_those_of_the_api():
    answer = posted({"name": "Stool", "colour": "blue", "made": "2026-05-02"}, HTTP_AUTHORIZATION="Bearer pc_x")
    assert answer.status_code == 201, answer.content
    assert [{name: str(value) for name, value in made.items()} for made in Things.made] == [
        {"name": "Stool", "colour": "blue", "made_on": "2026-05-02"}
    ]
    assert json.loads(answer.content) == {
        "name": "Stool", "aims": "", "colour": "blue", "made": "2026-05-02", "price": None, "is_new": False,
    }  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("body", "more", "status"),
    [
        ({"name": "Stool"}, {}, 401),
        ({"name": "Stool", "shape": "round"}, {"HTTP_AUTHORIZATION": "Bearer pc_x"}, 400),
        ({"name": 7}, {"HTTP_AUTHORIZATION": "Bearer pc_x"}, 400),
    ],
    ids=["nobody", "unknown field", "wrong type"],
)
def test_nothing_is_made_for_nobody_and_of_what_is_not_a_field(body: dict[str, Any], more: dict[str, Any], status: int):
    assert posted(body, **more).status_code == status
    assert Things.made == []


def test_it_is_documented_from_the_same_fields():
    read, made = Things.operations["GET"], Things.operations["POST"]
    assert (read.id, read.summary, made.id, made.summary) == (
        "listRecordedThings", "List recorded things", "createRecordedThing", "Add to the recorded things",
    )  # fmt: skip
    assert made.key_needed
    assert made.body is not None
    content = made.body["content"]["application/json"]
    assert content["example"] == {"name": "Chair", "colour": "red"}
    assert {field.name for field in body_fields(RECORD.plain)} == set(CHAIR)
    assert set(read.answers[200].example["results"][0]) == set(CHAIR)
