"""PooledCare with one more plain field of a scheme: a line more in the model, a line more in its frozen value.

Run as a process of its own with the name of a database, it prints as JSON what every place makes of the field. All that
it writes is undone.
"""

from __future__ import annotations

import json
import sys
from importlib.machinery import SourceFileLoader
from types import CodeType
from typing import Any

import django
import pytest  # noqa: F401  where it is imported, the settings connect as the owner of the tables

ADDED = {
    "partnerships/models/schemes.py": (
        "    is_voluntary = models.",
        '    risks = models.TextField("risks of the scheme", blank=True, help_text="What may go wrong")\n',
    ),
    "partnerships/rules/agreements/content.py": ("    is_voluntary: bool", "    risks: str\n"),
}
COLUMN = "alter table partnerships_schemeterms add column risks text not null default ''"


as_written = SourceFileLoader.get_code


def with_added(loader: SourceFileLoader, fullname: str) -> CodeType | None:
    """The code of a module; that of our two modules with their added line."""
    for ending, (before, line) in ADDED.items():
        if loader.path.endswith(ending):
            source = loader.get_data(loader.path).decode()
            assert source.count(before) == 1, ending
            return compile(source.replace(before, line + before), loader.path, "exec", dont_inherit=True)
    return as_written(loader, fullname)


def found() -> dict[str, Any]:
    from django.test import Client
    from django.test.utils import setup_test_environment
    from django.urls import reverse

    from partnerships.actions import deeds, drafting, renewals, uploaded_drafts
    from partnerships.api.drafting import SCHEME_FIELDS, scheme_values
    from partnerships.api.presenting import present_scheme
    from partnerships.api_schema.schemes import SCHEME_EXAMPLE
    from partnerships.forms.drafting import SchemeForm
    from partnerships.models import Agreement, Deed, SchemeTerms
    from partnerships.queries.agreements import api_listings
    from partnerships.queries.agreements.drafts import draft_of
    from partnerships.queries.agreements.records import record_of
    from partnerships.rules.agreements import content_hash, content_of, differences
    from partnerships.upload_kinds.changes import planned
    from partnerships.upload_kinds.checkers import SchemeChecker
    from partnerships.upload_kinds.kinds import SCHEMES
    from pooledcare.directory.access import system_actor
    from pooledcare.kernel.rest.bodies import body_schema, read_body
    from pooledcare.kernel.rest.documented import csv_example_of, properties_of
    from tests import factories
    from tests.deed_steps import TODAY, fresh, open_deed
    from tests.partnerships.test_upload_writing import filed
    from tests.world import World

    by, world = system_actor("example"), World()
    agreement = world.draft()
    deed = open_deed(agreement)

    def read() -> tuple[Any, str]:
        record = record_of(fresh(agreement))
        return content_of(record, record.original), content_hash(record, record.original)

    said: dict[str, Any] = {}
    before, said["hash without it"] = read()
    drafting.save_scheme(deed=deed, slug="reablement", values={"risks": " Falls\r\nat home "}, by=by)
    after, said["hash with it"] = read()
    scheme = after.scheme("reablement")
    said["kept"] = SchemeTerms.objects.get(deed=deed).risks
    said["read"] = scheme.risks
    said["compared"] = [(f.label, f.before, f.after) for each in differences(before, after) for f in each.fields]

    form = SchemeForm(draft=draft_of(fresh(agreement)), bodies={})
    said["asked for"] = [str(form.fields["risks"].label), form.fields["risks"].help_text]

    said["in a body"] = body_schema(SCHEME_FIELDS)["properties"]["risks"]
    said["read from a body"] = scheme_values(read_body({"risks": "Slips"}, SCHEME_FIELDS), TODAY)
    said["in an answer"] = present_scheme(scheme, agreement.reference)["risks"]
    said["in the example"] = SCHEME_EXAMPLE["risks"]
    listing = api_listings.schemes({}, actor=by)
    said["documented"] = properties_of(listing.columns)["risks"]
    said["in the example of a file"] = "risks" in csv_example_of(listing.columns).splitlines()[0]
    said["listed"] = [listing.entry(row)["risks"] for row in listing.page(5).rows]
    said["heading of a file"] = '"risks"' in listing.export()[0]

    said["column"] = [(each.label, each.help) for each in SCHEMES.columns if each.heading == "risks"]
    checker = SchemeChecker(factories.upload(organisation=world.icb.organisation, kind="schemes"), by)
    said["judged"] = checker.judges["risks"]("'=1+1").value
    row = {"agreement": agreement, "slug": "reablement", "cell_values": {"risks": "Slips"}}
    upload = filed(world, "schemes", row)
    said["previewed"] = [(f.label, f.before, f.after) for plan in planned(upload) for f in plan.fields]
    uploaded_drafts.write_rows(upload=upload, by=by)
    said["written from a file"] = SchemeTerms.objects.get(deed=deed).risks
    uploaded_drafts.reverse_rows(upload=upload, by=by)
    said["taken back"] = SchemeTerms.objects.get(deed=deed).risks

    setup_test_environment()
    client, names = Client(), [agreement.reference, "reablement"]
    factories.log_in(client, factories.member(organisation=world.icb.organisation, roles=["pool_manager"]))
    page = client.get(reverse("partnerships:scheme-change", args=names)).content.decode()
    said["on the page of the form"] = page[page.index('name="risks"') :].partition("</textarea>")[0].partition(">")[2]
    page = client.get(reverse("partnerships:scheme-detail", args=names)).content.decode()
    said["on the page of the scheme"] = "Risks of the scheme" in page and "Falls" in page

    Deed.objects.filter(pk=deed.pk).update(state="signed", signed_on=TODAY)
    Agreement.objects.filter(pk=agreement.pk).update(state="in_operation", operating_since=TODAY)
    signed = fresh(agreement)
    renewed = renewals.prepare_renewal(agreement=signed, start=TODAY.replace(year=TODAY.year + 20), by=by)
    said["renewed"] = [*SchemeTerms.objects.filter(deed__agreement=renewed).values_list("risks", flat=True)]
    later = deeds.prepare_deed(agreement=signed, effective_on=TODAY, by=by)
    drafting.save_scheme(deed=later, slug="reablement", values={"aims": "More"}, by=by)
    said["in a later deed"] = SchemeTerms.objects.get(deed=later).risks
    return said


def main(database: str) -> None:
    SourceFileLoader.get_code = with_added  # type: ignore[method-assign]
    django.setup()
    from django.db import connection, transaction

    connection.settings_dict["NAME"] = database
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(COLUMN)
        said = found()
        transaction.set_rollback(True)
    sys.stdout.write(json.dumps(said))


if __name__ == "__main__":
    main(sys.argv[1])
