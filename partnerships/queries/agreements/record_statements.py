"""The SQL statements that read the records of agreements. Each takes the keys of the agreements.

They are plain SQL because every page and action reads a record, and the ORM took six times as long for the same rows.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db import connection
from psycopg.rows import namedtuple_row

from partnerships.records import DEED, POOL, SCHEME, SCHEME_FUNCTION
from pooledcare.kernel.records import Record


def _columns(record: Record, alias: str, *, without: Collection[str] = ()) -> str:
    """The stored columns of a record, with commas between them."""
    chosen = set(record) - set(without)
    columns = [field.column for field in record.model._meta.concrete_fields if field.name in chosen]
    return ", ".join(f"{alias}.{column}" for column in columns)


DEEDS = f"""
select d.agreement_id, d.id, d.number, d.kind, d.state, {_columns(DEED, "d")}, d.signed_on, d.published_on
from partnerships_deed d
where d.agreement_id = any(%s)
order by d.agreement_id, d.number
"""

# Partners that joined by a deed (deed_id is set) or as successors (deed_id is null).
PARTNERS = """
select agreement_id, deed_id, id, organisation_id, role, contributes, valid_from, by_succession_of_id
from partnerships_partner
where agreement_id = any(%s)
order by id
"""

LEAVINGS = """
select l.deed_id, l.partner_id
from partnerships_partnerleaving l
join partnerships_deed d on d.id = l.deed_id
where d.agreement_id = any(%s)
order by l.id
"""

CLAUSES = """
select c.deed_id, c.kind, c.text
from partnerships_clause c
join partnerships_deed d on d.id = c.deed_id
where d.agreement_id = any(%s)
order by c.id
"""

# The delegated limits of a fund with their deputies, as JSON text.
_LIMITS = """(
    select json_agg(json_build_object(
        'partner', l.partner_id, 'office', l.office, 'power', l.power, 'limit', l."limit"::text,
        'is_unlimited', l.is_unlimited,
        'deputies', (
            select json_agg(
                json_build_array(d.office, d.first_on, d.last_on) order by d.first_on, d.office collate "C", d.id
            )
            from partnerships_limitdeputy d
            where d.limit_id = l.id
        )
    ) order by o.code collate "C", l.office collate "C", l.power, l.id)::text
    from partnerships_delegatedlimit l
    join directory_organisation o on o.id = l.partner_id
    where l.terms_id = t.id
)"""
POOLS = f"""
select t.deed_id, t.pool_id, p.slug, {_columns(POOL, "t")}, t.is_closed, {_LIMITS} as limits
from partnerships_poolterms t
join partnerships_pool p on p.id = t.pool_id
where p.agreement_id = any(%s)
order by t.id
"""

SCHEMES = f"""
select t.deed_id, t.id, t.scheme_id, s.slug, {_columns(SCHEME, "t", without=("pool",))}, p.slug as pool, t.is_ended
from partnerships_schemeterms t
join partnerships_scheme s on s.id = t.scheme_id
left join partnerships_pool p on p.id = t.pool_id
where s.agreement_id = any(%s)
order by t.id
"""

FUNCTIONS = f"""
select f.terms_id, named.code, named.name, {_columns(SCHEME_FUNCTION, "f", without=("function",))}
from partnerships_schemefunction f
join partnerships_function named on named.id = f.function_id
join partnerships_schemeterms t on t.id = f.terms_id
join partnerships_scheme s on s.id = t.scheme_id
where s.agreement_id = any(%s)
order by named.position, f.id
"""

PLACES = """
select a.agreement_id, a.place_id, p.slug, p.name
from partnerships_agreementplace a
join directory_place p on p.id = a.place_id
where a.agreement_id = any(%s)
order by a.id
"""

PRECONDITIONS = """
select agreement_id, kind, is_met, met_on
from partnerships_precondition
where agreement_id = any(%s)
order by id
"""

CONSENTS = """
select c.agreement_id, trust.code as trust, commissioner.name as commissioner, c.consented_on
from partnerships_trustconsent c
join directory_organisation trust on trust.id = c.trust_id
join directory_organisation commissioner on commissioner.id = c.commissioner_id
where c.agreement_id = any(%s)
order by c.id
"""

# Schemes that ended by a recorded event, without a deed.
CLOSURES = """
select o.agreement_id, s.slug, o.happened_on
from partnerships_occurrence o
join partnerships_scheme s on s.id = o.scheme_id
where o.agreement_id = any(%s)
order by o.happened_on, o.id
"""

# Takes the keys of organisations.
BODIES = """
select id, code, name, kind
from directory_organisation
where id = any(%s)
"""


def rows_of(statement: str, keys: Collection[int]) -> list[Any]:
    """Run the statement; its rows as named tuples."""
    with connection.cursor() as cursor:
        cursor.cursor.row_factory = namedtuple_row
        cursor.execute(statement, [list(keys)])
        return cursor.fetchall()
