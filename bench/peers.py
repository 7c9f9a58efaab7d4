"""The peers of uploads: psql's `\\copy` into a table with the same constraints, and django-import-export."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

from bench.client import Unexpected
from bench.databases import Urls, run
from bench.scale import Scale

TABLE = "budgets_allocation"
PEER = "bench_allocation"


def columns(urls: Urls) -> list[str]:
    """The columns to be written: all except the identity column."""
    found = urls.rows(
        "select attname from pg_attribute where attrelid = %s::regclass and attnum > 0 and not attisdropped"
        " and attidentity = '' order by attnum",
        TABLE,
    )
    return [name for (name,) in found]


def make_peer(urls: Urls, upload: int) -> None:
    """Create a table with the same columns, checks, indexes, earlier rows, foreign keys and triggers."""
    listed = ", ".join(columns(urls))
    urls.execute(
        f"create table {PEER} (like {TABLE} including all)",
        f"insert into {PEER} ({listed}) select {listed} from {TABLE} where upload_id <> {upload} order by id",
    )
    kept = urls.rows(
        "select pg_get_constraintdef(oid) from pg_constraint where conrelid = %s::regclass and contype = 'f'", TABLE
    )
    triggers = urls.rows(
        "select pg_get_triggerdef(oid) from pg_trigger where tgrelid = %s::regclass and not tgisinternal", TABLE
    )
    urls.execute(
        *(f"alter table {PEER} add {definition}" for (definition,) in kept),
        *(
            definition.replace(f" {TABLE} ", f" {PEER} ").replace(f".{TABLE} ", f".{PEER} ")
            for (definition,) in triggers
        ),
        f"vacuum (analyze) {PEER}",
    )
    _require_the_same(urls)


def _require_the_same(urls: Urls) -> None:
    """Check that constraints, indexes and triggers are equal in number and kind."""
    found = [
        urls.rows(
            "select (select array_agg(contype order by contype, conkey) from pg_constraint where conrelid = t.oid),"
            " (select count(*) from pg_index where indrelid = t.oid),"
            " (select count(*) from pg_trigger where tgrelid = t.oid) from pg_class t where t.oid = %s::regclass",
            table,
        )
        for table in (TABLE, PEER)
    ]
    if found[0] != found[1]:
        raise Unexpected(f"{PEER} is not as {TABLE}: {found}")


def psql_copy(scale: Scale, urls: Urls, upload: int) -> float:
    """Seconds for `\\copy` of the rows of this upload. Afterwards both tables must be equal."""
    listed = ", ".join(columns(urls))
    file = scale.home / "files" / "resolved.csv"
    urls.psql(
        f"\\copy (select {listed} from {TABLE} where upload_id = {upload} order by row) to '{file}' with (format csv)"
    )
    make_peer(urls, upload)
    began = time.perf_counter()
    urls.psql(f"\\copy {PEER} ({listed}) from '{file}' with (format csv)")
    seconds = time.perf_counter() - began
    file.unlink()
    different = urls.value(
        f"select count(*) from ((select {listed} from {TABLE} except all select {listed} from {PEER})"
        f" union all (select {listed} from {PEER} except all select {listed} from {TABLE})) different"
    )
    if different:
        raise Unexpected(f"{different:,} rows differ between what was uploaded and what was copied.")
    return seconds


def import_export(urls: Urls, file: Path, *options: str) -> float:
    """Seconds for the same file in django-import-export, not counting the start of its process."""
    environment = {**os.environ, "DATABASE_URL": urls.owner, "DJANGO_SETTINGS_MODULE": "pooledcare.settings"}
    return float(json.loads(run(["-m", "bench.import_export", str(file), *options], environment))["seconds"])
