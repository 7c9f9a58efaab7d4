"""The frame of every action: one transaction, constraints judged inside it, sentences for their names, retries."""

from types import SimpleNamespace

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction

from pooledcare.kernel import actions
from pooledcare.kernel.actions import action, constraint_name
from pooledcare.kernel.problems import Problem, Refused

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


def test_the_sentences_of_an_action_are_those_it_was_given_and_stay_so():
    sentences = dict(SENTENCES)
    made = action(sentences)(nobody_else)
    sentences.clear()
    assert (made.sentences, action()(nobody_else).sentences) == (SENTENCES, {})


def test_a_broken_constraint_becomes_its_sentence_and_nothing_is_written(tables):
    add_owner(name="a", by="me")
    with pytest.raises(Refused, match=r"^An amount must be more than zero$") as refused:
        add_thing(amount=0, by="me")
    assert refused.value.problems == [Problem("THING_AMOUNT_POSITIVE", "An amount must be more than zero")]
    assert isinstance(refused.value.__cause__, IntegrityError)
    assert things() == 0


def test_a_deferred_constraint_is_judged_inside_the_action_that_broke_it(tables):
    with pytest.raises(Refused) as refused:
        add_thing(owner="nobody", by="me")
    assert refused.value.problems == [Problem("THING_OWNER_KNOWN", "Choose a known owner")]
    assert things() == 0


def test_an_action_within_an_action_is_judged_before_it_returns(tables):
    @action()
    def add_both_too_late(*, by):
        add_thing(owner="late", by=by)
        add_owner(name="late", by=by)

    with pytest.raises(Refused, match=r"^Choose a known owner$"):
        add_both_too_late(by="me")
    assert things() == 0


def test_what_was_refused_is_undone_alone_and_the_transaction_goes_on(tables):
    with transaction.atomic():
        add_owner(name="a", by="me")
        add_thing(by="me")
        with pytest.raises(Refused):
            add_thing(amount=-1, by="me")
        add_thing(by="me")
    assert things() == 2


def test_only_the_sentences_of_the_action_itself_count(tables):
    @action({"thing_owner_known": "Another sentence"})
    def add_nothing_much(*, by):
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO kernel_thing VALUES ('a', 0, 1)")

    with pytest.raises(IntegrityError, match="thing_amount_positive"):
        add_nothing_much(by="me")
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
    assert things() == 0


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


def nobody_else(*, by): ...


def positional(thing, *, by): ...


def positional_only(thing, /, *, by): ...


def any_number(*things, by): ...


def any_names(*, by, **things): ...


def nobody(*, thing): ...


def nothing(): ...


@pytest.mark.parametrize("function", [positional, positional_only, any_number, any_names])
def test_an_action_takes_keywords_only(function):
    with pytest.raises(TypeError) as mistake:
        action()(function)
    assert str(mistake.value) == f"The action {function.__name__} must take keyword-only arguments."


@pytest.mark.parametrize("function", [nobody, nothing])
def test_an_action_says_who_acts(function):
    with pytest.raises(TypeError) as mistake:
        action()(function)
    assert str(mistake.value) == f"The action {function.__name__} must say who acts, with the argument `by`."


@pytest.mark.parametrize(
    ("cause", "name"),
    [
        (None, None),
        (ValueError("no diagnosis"), None),
        (SimpleNamespace(diag=None), None),
        (SimpleNamespace(diag=SimpleNamespace(constraint_name=None)), None),
        (SimpleNamespace(diag=SimpleNamespace(constraint_name="")), None),
        (SimpleNamespace(diag=SimpleNamespace(constraint_name=b"bytes")), None),
        (SimpleNamespace(diag=SimpleNamespace(constraint_name="thing_owner_known")), "thing_owner_known"),
    ],
)
def test_the_name_of_a_constraint_is_what_the_database_said(cause, name):
    assert constraint_name(SimpleNamespace(__cause__=cause)) == name


class Undone(Exception):
    """What psycopg raises when the database undoes a transaction."""

    def __init__(self, sqlstate):
        self.sqlstate = sqlstate


def failing(times, sqlstate):
    """An action that the database undoes a number of times before it lets it through."""
    attempts = []

    @action(using="second")
    def try_it(*, by):
        attempts.append(by)
        if len(attempts) <= times:
            raise OperationalError("undone") from Undone(sqlstate)
        return len(attempts)

    return try_it, attempts


@pytest.fixture
def pauses(monkeypatch):
    """How long each pause was, with the factors of chance replaced by the largest that was allowed."""
    found = []
    monkeypatch.setattr(actions.time, "sleep", found.append)
    monkeypatch.setattr(actions, "_jitter", SimpleNamespace(uniform=lambda least, most: 100 * least + most))
    return found


# With factors from 0.5 to 1.5, as the stand-in for chance above puts them into one number.
FACTOR = 100 * 0.5 + 1.5


def test_a_transaction_that_the_database_undid_is_tried_again_after_a_longer_pause(second, pauses):
    for sqlstate in ("40001", "40P01"):
        try_it, attempts = failing(2, sqlstate)
        assert try_it(by="me") == 3
        assert attempts == ["me"] * 3
        assert pauses == pytest.approx([0.1 * FACTOR, 0.2 * FACTOR])
        pauses.clear()


def test_it_is_tried_three_times_at_most(second, pauses):
    try_it, attempts = failing(9, "40P01")
    with pytest.raises(OperationalError, match="undone"):
        try_it(by="me")
    assert (len(attempts), len(pauses)) == (3, 2)


@pytest.mark.parametrize("sqlstate", ["57014", "", None])
def test_another_error_of_the_database_is_not_tried_again(second, pauses, sqlstate):
    try_it, attempts = failing(1, sqlstate)
    with pytest.raises(OperationalError, match="undone"):
        try_it(by="me")
    assert (attempts, pauses) == (["me"], [])


def test_inside_a_transaction_nothing_is_tried_again(second, pauses):
    try_it, attempts = failing(1, "40001")
    with pytest.raises(OperationalError, match="undone"), transaction.atomic(using="second"):
        try_it(by="me")
    assert (attempts, pauses) == (["me"], [])


def test_each_attempt_begins_with_nothing_written_and_a_refusal_is_not_tried_again(second, pauses):
    counts = []

    def written():
        with second.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM kernel_attempt")
            return cursor.fetchone()[0]

    @action(using="second")
    def write_and_fail(*, refuse, by):
        counts.append(written())
        with second.cursor() as cursor:
            cursor.execute("INSERT INTO kernel_attempt VALUES ('a')")
        if refuse:
            raise Refused.because("NO", "Not today")
        if len(counts) < 3:
            raise OperationalError("undone") from Undone("40001")

    with second.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE kernel_attempt (name text)")
    write_and_fail(refuse=False, by="me")
    assert counts == [0, 0, 0]
    with pytest.raises(Refused, match="Not today"):
        write_and_fail(refuse=True, by="me")
    assert (counts, written()) == ([0, 0, 0, 1], 1)


def test_constraints_are_judged_in_the_database_that_the_action_names(second):
    with second.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE kernel_unique (name text CONSTRAINT one UNIQUE DEFERRABLE INITIALLY DEFERRED)"
        )

    @action({"one": "There is one already"}, using="second")
    def add(*, by):
        with second.cursor() as cursor:
            cursor.execute("INSERT INTO kernel_unique VALUES ('a')")

    add(by="me")
    with transaction.atomic(using="second"):
        with pytest.raises(Refused, match=r"^There is one already$"):
            add(by="me")
        with second.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM kernel_unique")
            assert cursor.fetchone()[0] == 1
