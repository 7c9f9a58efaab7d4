"""Every model is in exactly one list that says how it may change, and the strict lists are enforced."""

from __future__ import annotations

import pytest
from django.db import connection

from tests.architecture import catalogue

LISTS = {
    "APPEND_ONLY": catalogue.APPEND_ONLY,
    "SUPERSEDED": catalogue.SUPERSEDED,
    "EDITABLE": catalogue.EDITABLE,
    "PARTS": catalogue.PARTS,
    "REFERENCE": catalogue.REFERENCE,
    "DERIVED": catalogue.DERIVED,
}


def test_every_model_is_in_exactly_one_list():
    labels = {model._meta.label for model in catalogue.our_models()}
    assert len(labels) > 20
    listed = [label for names in LISTS.values() for label in names]
    assert sorted(listed) == sorted(set(listed)), "a model is in two lists"
    assert labels == set(listed)


@pytest.mark.parametrize("label", sorted(catalogue.EDITABLE))
def test_an_editable_model_carries_a_version(label: str):
    fields = {
        field.name for model in catalogue.our_models() if model._meta.label == label for field in model._meta.fields
    }
    assert "version" in fields


# When a trigger fires, in the bits of pg_trigger.tgtype.
EACH_ROW, BEFORE, DELETE, UPDATE = 1, 2, 8, 16


def _tables(labels: set[str]) -> list[str]:
    return sorted(model._meta.db_table for model in catalogue.our_models() if model._meta.label in labels)


@pytest.mark.django_db
@pytest.mark.parametrize("label", sorted(catalogue.APPEND_ONLY | catalogue.SUPERSEDED))
def test_history_is_guarded_by_a_trigger_and_by_the_rights_of_the_role(label: str):
    (table,) = _tables({label})
    with connection.cursor() as cursor:
        cursor.execute(
            "select tgname, tgtype from pg_trigger where tgrelid = %s::regclass and not tgisinternal", [table]
        )
        fires = [when for name, when in cursor.fetchall() if name.endswith("append_only")]
        assert fires == [BEFORE | EACH_ROW | UPDATE | DELETE]
        cursor.execute(
            "select privilege_type from information_schema.role_table_grants "
            "where table_name = %s and grantee = 'pooledcare_app'",
            [table],
        )
        assert {name for (name,) in cursor.fetchall()} == {"SELECT", "INSERT"}
