"""Every command of the documentation is run as it is printed, by a shell with curl, against a real server."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from budgets.models import Allocation, PoolYear
from partnerships.models import SchemeTerms
from partnerships.reference.law_loading import load_law
from pooledcare.api_pages import Described, operations, worked_example
from pooledcare.uploads.models import Upload
from tests import factories
from tests.asking import Api
from tests.budgets.pools import contribution_rows
from tests.world import World

pytestmark = [
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed"),
]

ROWS = (
    "financial_year,organisation,stream,basis,amount,recurrence,note\n"
    "2024-25,QMS,nhs-core,budget,{amount},recurrent,example\n"
)


def run(script: str, server: Any, folder: Path, **variables: str) -> str:
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "API": f"{server.url}/api/v1", **variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def test_the_worked_example_works(server, tmp_path: Path):
    world = World().with_figures()
    script = "\n".join(step.command for step in worked_example())
    keys = {"KEY": world.tokens["officer"], "APPROVER_KEY": world.tokens["approver"]}
    printed = run(script, server, tmp_path, ORGANISATION="QMS", **keys)
    assert "Received as UP-" in printed
    assert "It is accepted" in printed
    assert '"amount":"1234567.50"' in printed
    assert "1234567.50" in (tmp_path / "figures.csv").read_text()
    assert Allocation.objects.filter(amount="1234567.50", is_current=True, published_on="2026-04-01").exists()


def prepared(operation: Described, world: World, folder: Path) -> dict[str, str]:
    """The variables and files that the command of this operation stands on."""
    (folder / "allocations.csv").write_text(ROWS.format(amount=factories.number()))
    if "$AGREEMENT" in operation.curl or operation.id == "createAgreement":
        draft = factories.whole_agreement(partners=[world.icb.organisation, factories.council()])
        if operation.id == "dropPool":
            SchemeTerms.objects.filter(deed__agreement=draft).update(pool=None)
        return {"KEY": world.tokens["lead"], "AGREEMENT": draft.reference, "ETAG": f'"{draft.version}"'}
    if operation.id == "createContribution":
        signed = factories.signed_agreement(partners=[world.icb.organisation, factories.council()])
        within = PoolYear.objects.create(pool=signed.pools.get(), financial_year=2024, opened_by="user:1")
        (folder / "contribution.json").write_text(json.dumps(contribution_rows.body(within, partner="QMS")))
        return {"KEY": world.tokens["recorder"]}
    if "$SIGNED" in operation.curl:
        signed = factories.signed_agreement(partners=[world.icb.organisation, factories.council()])
        return {"KEY": world.tokens["lead"], "SIGNED": signed.reference}
    (folder / "layout.json").write_text(json.dumps(_new_layout(operation)))
    if "$LAYOUT" in operation.curl:
        saved = factories.layout(organisation=world.icb.organisation, is_shared=operation.id == "unshareUploadLayout")
        return {"KEY": world.tokens["officer"], "LAYOUT": saved.layout.reference, "ETAG": '"1"'}
    if operation.id in ("getUploadProposal", "confirmUploadLayout"):
        asked = factories.asked(organisation=world.icb.organisation)
        return {"KEY": world.tokens["officer"], "UPLOAD": asked.reference, "ETAG": f'"{asked.version}"'}
    if "$UPLOAD" not in operation.curl:
        return {"KEY": world.tokens["officer"]}
    rows, accepted = (folder / "allocations.csv").read_text(), operation.id in ("reverseUpload", "publishUpload")
    if operation.id == "dateUpload":  # it replaces a figure that is published, of a year of its own
        rows = rows.replace("2024-25", "2022-23")
        published = rows.replace("example", "published")
        _uploaded(world, published.replace(",budget,", ",budget,1"), "first", accepted=True, published_on="2026-04-01")
    reference = _uploaded(world, rows, operation.id, accepted=accepted)
    version = Upload.objects.get(pk=int(reference.removeprefix("UP-"))).version
    who = "officer" if operation.id in ("dateUpload", "publishUpload") else "approver"
    return {"KEY": world.tokens[who], "UPLOAD": reference, "ETAG": f'"{version}"'}


def _uploaded(world: World, rows: str, name: str, *, accepted: bool, **fields: str) -> str:
    """The reference of an upload that was sent, and accepted if so."""
    body = {"file": SimpleUploadedFile("allocations.csv", rows.encode()), "kind": "allocations", **fields}
    headers = {"Idempotency-Key": f"{name}{len(fields)}"}
    reference = Api(world.tokens["officer"]).post("/uploads/", body, headers, form=True).json()["reference"]
    if accepted:
        accept = Api(world.tokens["approver"]).post(f"/uploads/{reference}/accept/", b"", {"If-Match": "*"})
        assert accept.status_code == 202
    return str(reference)


def _new_layout(operation: Described) -> dict[str, Any]:
    stated = {"title": "Grant", "publisher": "Example", **factories.LAYOUT, "unit": 1}
    return {"stated": stated} | ({"kind": "allocations", "name": "G"} if operation.id == "createUploadLayout" else {})


def what_examples_read(world: World) -> None:
    """Somerset, the first figure and the first agreement: the documentation names them, and has real names."""
    factories.organisation(name="NHS Somerset Integrated Care Board", code="QSL", opened=dt.date(2022, 7, 1))
    factories.place(slug="somerset", name="Somerset")
    factories.region(code="Y63", name="North East and Yorkshire")
    factories.allocation(stream=world.stream, organisation=world.icb.organisation, financial_year=2038, pk=1)
    first = factories.signed_agreement(
        is_published=True, partners=[world.icb.organisation, factories.council()], of_agreement={"pk": 1}
    )
    within = PoolYear.objects.create(pool=first.pools.get(), financial_year=2024, opened_by="user:1")
    contribution_rows.contribution(within, world.icb.organisation, pk=1)
    with connection.cursor() as cursor:
        cursor.execute("alter table partnerships_agreement alter column id restart with 1000")
        cursor.execute("alter table budgets_contribution alter column id restart with 1000")


def _beginning(operation: Described) -> str:
    """How the answer begins: as an object, or with the headings of the example."""
    if operation.id.endswith("AsCsv"):
        example: str = operation.shape["responses"]["200"]["content"]["text/csv"]["example"]
        return example.partition("\r\n")[0]
    return "" if operation.method == "DELETE" else "{"


def test_the_command_of_every_operation_works(server, tmp_path: Path):
    world = World().with_figures()
    load_law()
    what_examples_read(world)
    walked = 0
    for described in operations().values():
        for operation in described:
            folder = tmp_path / operation.id
            folder.mkdir()
            command = operation.curl.replace("curl ", "curl -sS --fail-with-body ", 1)
            printed = run(command, server, folder, **prepared(operation, world, folder))
            assert printed.startswith(_beginning(operation)), operation.id
            if operation.id.startswith("get") and operation.id not in ("getIndex", "getUpload"):
                assert '"links"' in printed
            Upload.objects.filter(state__in=["ready", "awaiting_second_person"]).update(state="abandoned")
            walked += 1
    assert walked >= 46
