"""The frame of every action: one transaction, constraints judged inside it, sentences for their names, retries."""

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction

from pooledcare.kernel import actions
from pooledcare.kernel.actions import action
from pooledcare.kernel.problems import Refused

SENTENCES = {"thing_amount_positive": "An amount must be more than zero", "thing_owner_known": "Choose a known owner"}
TABLES = """
    CREATE TABLE kernel_owner (name text PRIMARY KEY);
    CREATE TABLE kernel_thing (
        owner text CONSTRAINT thing_owner_known REFERENCES kernel_owner DEFERRABLE INITIALLY DEFERRED,
        amount int CONSTRAINT thing_amount_positive CHECK (amount > 0),
        unnamed int CONSTRAINT thing_without_sentence CHECK (unnamed > 0)
    );
"""


@pytest.fixture
def tables(db):
    with connection.cursor() as cursor:
        cursor.execute(TABLES)


@action(SENTENCES)
def add_thing(*, owner: str = "a", amount: int = 1, unnamed: int = 1, by: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO kernel_thing VALUES (%s, %s, %s)", [owner, amount, unnamed])
    return amount


@action()
def add_owner(*, name: str, by: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO kernel_owner VALUES (%s)", [name])
    return name


@action(SENTENCES)
def add_thing_and_its_owner(*, by: str) -> None:
    """The thing comes before the owner that it needs: allowed until the end of the action."""
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO kernel_thing VALUES ('late', 1, 1)")
        cursor.execute("INSERT INTO kernel_owner VALUES ('late')")


def things():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM kernel_thing")
        return cursor.fetchone()[0]


def test_an_action_returns_its_result_and_is_known_as_one(tables):
    assert add_owner(name="a", by="me") == "a"
    assert add_thing(amount=5, by="me") == 5
    assert things() == 1
    assert add_thing.is_action
    assert add_thing.sentences == SENTENCES
    assert add_thing.__name__ == "add_thing"


def test_a_broken_constraint_becomes_its_sentence_and_nothing_is_written(tables):
    add_owner(name="a", by="me")
    with pytest.raises(Refused, match=r"^An amount must be more than zero$") as refused:
        add_thing(amount=0, by="me")
    assert refused.value.code == "THING_AMOUNT_POSITIVE"
    assert things() == 0


def test_a_deferred_constraint_is_judged_inside_the_action_that_broke_it(tables):
    with pytest.raises(Refused, match=r"^Choose a known owner$"):
        add_thing(owner="nobody", by="me")
    assert things() == 0


def test_the_next_action_of_the_transaction_may_pass_through_unfinished_states(tables):
    with transaction.atomic():
        add_owner(name="a", by="me")
        add_thing(by="me")
        add_thing_and_its_owner(by="me")
    assert things() == 2


def test_a_constraint_without_a_sentence_is_our_mistake_and_is_raised(tables):
    add_owner(name="a", by="me")
    with pytest.raises(IntegrityError, match="thing_without_sentence"):
        add_thing(unnamed=0, by="me")


def test_an_integrity_error_without_a_constraint_is_raised(tables):
    @action(SENTENCES)
    def break_something(*, by):
        raise IntegrityError("no constraint")

    with pytest.raises(IntegrityError, match="no constraint"):
        break_something(by="me")


def test_a_refusal_from_within_undoes_what_was_written(tables):
    @action()
    def add_and_refuse(*, by):
        add_owner(name="a", by=by)
        add_thing(by=by)
        raise Refused.because("NO", "Not today")

    with pytest.raises(Refused, match="Not today"):
        add_and_refuse(by="me")
    assert things() == 0


def test_an_action_takes_keywords_only_and_says_who_acts():
    with pytest.raises(TypeError, match="keyword-only"):

        @action()
        def positional(thing, *, by): ...

    with pytest.raises(TypeError, match="`by`"):

        @action()
        def anonymous(*, thing): ...


class Undone(Exception):
    """What psycopg raises when the database undoes a transaction."""

    def __init__(self, sqlstate):
        self.sqlstate = sqlstate


def failing(times, sqlstate):
    """An action that the database undoes a number of times before it lets it through."""
    attempts = []

    @action()
    def try_it(*, by):
        attempts.append(by)
        if len(attempts) <= times:
            raise OperationalError("undone") from Undone(sqlstate)
        return len(attempts)

    return try_it, attempts


@pytest.fixture
def pauses(monkeypatch):
    found = []
    monkeypatch.setattr(actions.time, "sleep", found.append)
    return found


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("sqlstate", ["40001", "40P01"])
def test_a_transaction_that_the_database_undid_is_tried_again_after_a_pause(pauses, sqlstate):
    try_it, _ = failing(2, sqlstate)
    assert try_it(by="me") == 3
    assert len(pauses) == 2
    assert all(0 < pause < 1 for pause in pauses)


@pytest.mark.django_db(transaction=True)
def test_it_is_tried_three_times_at_most(pauses):
    try_it, attempts = failing(9, "40P01")
    with pytest.raises(OperationalError, match="undone"):
        try_it(by="me")
    assert len(attempts) == 3


@pytest.mark.django_db(transaction=True)
def test_another_error_of_the_database_is_not_tried_again(pauses):
    try_it, attempts = failing(1, "57014")
    with pytest.raises(OperationalError, match="undone"):
        try_it(by="me")
    assert len(attempts) == 1
    assert pauses == []


@pytest.mark.django_db
def test_inside_a_transaction_nothing_is_tried_again(pauses):
    try_it, attempts = failing(1, "40001")
    with pytest.raises(OperationalError, match="undone"), transaction.atomic():
        try_it(by="me")
    assert len(attempts) == 1
