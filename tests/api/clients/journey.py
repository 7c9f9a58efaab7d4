"""A whole journey with the client that openapi-python-client makes from docs/openapi.yaml.

`test_generated_clients.py` checks it with `mypy --strict` and runs it. The last line that it prints is JSON: what it
saw. `journey.ts` makes the same journey.
"""

from __future__ import annotations

import datetime as dt
import io
import json
import os
import time
from urllib.parse import parse_qs, urlsplit

from pooledcare_client.api.allocations import get_allocation, list_allocations, list_allocations_as_csv
from pooledcare_client.api.uploads import accept_upload, create_upload, get_upload, list_upload_problems
from pooledcare_client.client import AuthenticatedClient, Client
from pooledcare_client.models.allocation import Allocation
from pooledcare_client.models.allocation_page import AllocationPage
from pooledcare_client.models.create_upload_body import CreateUploadBody
from pooledcare_client.models.create_upload_body_kind import CreateUploadBodyKind
from pooledcare_client.models.problem import Problem
from pooledcare_client.models.upload_detail import UploadDetail
from pooledcare_client.models.upload_detail_state import UploadDetailState
from pooledcare_client.models.upload_problem_page import UploadProblemPage
from pooledcare_client.types import UNSET, File, Unset

HEADINGS = "financial_year,organisation,stream,basis,amount,recurrence,note"
ENDS = {UploadDetailState.REFUSED, UploadDetailState.READY, UploadDetailState.AWAITING_SECOND_PERSON}

SITE = os.environ["SITE"]
anybody = Client(base_url=SITE)
officer = AuthenticatedClient(base_url=SITE, token=os.environ["KEY"])
approver = AuthenticatedClient(base_url=SITE, token=os.environ["APPROVER_KEY"])


def every_figure() -> list[Allocation]:
    """All pages of the list, with two figures each."""
    found: list[Allocation] = []
    cursor: str | Unset = UNSET
    while True:
        page = list_allocations.sync(client=anybody, page_size=2, cursor=cursor)
        assert isinstance(page, AllocationPage), page
        found += page.results
        if page.next_ is None:
            return found
        cursor = parse_qs(urlsplit(page.next_).query)["cursor"][0]


def sent(amount: str, key: str) -> UploadDetail:
    """The upload of a file with one figure, once it has been read."""
    text = f"{HEADINGS}\n2026-27,QMS,nhs-core,allocation,{amount},recurrent,From Python\n"
    body = CreateUploadBody(
        file=File(io.BytesIO(text.encode()), "figures.csv", "text/csv"),
        kind=CreateUploadBodyKind.ALLOCATIONS,
        published_on=dt.date(2026, 4, 1),
    )
    received = create_upload.sync(client=officer, body=body, idempotency_key=key)
    assert isinstance(received, UploadDetail), received
    return ended(received.reference, ENDS)


def ended(reference: str, ends: set[UploadDetailState]) -> UploadDetail:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        upload = get_upload.sync(reference, client=officer)
        assert isinstance(upload, UploadDetail), upload
        if upload.state in ends:
            return upload
        time.sleep(0.1)
    raise TimeoutError(f"{reference} has not been worked on.")


def problems_of(reference: str) -> list[list[str]]:
    page = list_upload_problems.sync(reference, client=officer)
    assert isinstance(page, UploadProblemPage), page
    return [[problem.code, problem.column_name, problem.value] for problem in page.results]


def accepted(reference: str) -> UploadDetail:
    tag = get_upload.sync_detailed(reference, client=approver).headers["ETag"]
    started = accept_upload.sync(reference, client=approver, if_match=tag)
    assert isinstance(started, UploadDetail), started
    return ended(reference, {UploadDetailState.ACCEPTED})


def refusal(answer: object) -> list[str | int]:
    """Status and kind of a problem."""
    assert isinstance(answer, Problem), answer
    return [answer.status, answer.type_.rstrip("/").rsplit("/", 1)[1]]


def journey() -> dict[str, object]:
    figures = every_figure()
    one = get_allocation.sync(figures[0].reference, client=anybody)
    assert isinstance(one, Allocation), one
    as_csv = list_allocations_as_csv.sync(client=anybody)
    assert isinstance(as_csv, str), as_csv
    wrong = sent("about 300", "wrong")
    good = sent("1234.50", "good")
    by_officer = accept_upload.sync(good.reference, client=officer, if_match="*")
    outdated = accept_upload.sync(good.reference, client=approver, if_match='"0"')
    done = accepted(good.reference)
    page = list_allocations.sync(client=anybody, upload=good.reference)
    assert isinstance(page, AllocationPage), page
    return {
        "figures": len(figures),
        "lines": len(as_csv.splitlines()),
        "one": one.amount == figures[0].amount and one.reference == figures[0].reference,
        "wrong": [wrong.state.value, problems_of(wrong.reference)],
        "by_officer": refusal(by_officer),
        "outdated": refusal(outdated),
        "done": done.state.value,
        "read_back": [[figure.amount, figure.note, figure.financial_year] for figure in page.results],
        "unknown": refusal(list_allocations.sync(client=anybody, organisation="ZZZ99")),
        "impossible_year": refusal(list_allocations.sync(client=anybody, financial_year="2024-26")),
    }


print(json.dumps(journey()))  # noqa: T201
