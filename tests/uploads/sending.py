"""Sending files through the engine as people do, without HTTP: an officer, an approver, and a worker in-process."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.core.files.base import ContentFile

from pooledcare.directory.access import Actor
from pooledcare.directory.models import Organisation
from pooledcare.uploads import actions, pipeline
from pooledcare.uploads.models import Upload, UploadProblem
from tests import factories

HEADINGS = "financial_year,organisation,stream,basis,amount,recurrence,note"
PUBLISHED = dt.date(2024, 5, 3)


@dataclass
class Desk:
    """An organisation with somebody who prepares and somebody who accepts."""

    organisation: Organisation
    roles: tuple[str, ...] = ("finance_officer",)

    @cached_property
    def officer(self) -> Actor:
        return factories.actor(factories.member(organisation=self.organisation, roles=list(self.roles)))

    @cached_property
    def approver(self) -> Actor:
        return factories.actor(factories.member(organisation=self.organisation, roles=["finance_approver"]))

    def receive(self, content: bytes | str, *, name: str = "figures.csv", **fields: Any) -> Upload:
        data = content.encode() if isinstance(content, str) else content
        values: dict[str, Any] = {
            "published_on": PUBLISHED,
            "channel": "page",
            "by": self.officer,
            "kind": "allocations",
        }
        return actions.receive_upload(
            organisation=self.organisation, file=ContentFile(data, name=name), filename=name, **values | fields
        )

    def send(self, content: bytes | str, **fields: Any) -> Upload:
        """Received and worked on until it waits for a person, or is refused."""
        return worked(self.receive(content, **fields))

    def accept(self, upload: Upload) -> Upload:
        return worked(actions.accept_upload(upload=upload, by=self.approver))

    def put(self, content: bytes | str, **fields: Any) -> Upload:
        """Sent and accepted."""
        return self.accept(self.send(content, **fields))


def worked(upload: Upload) -> Upload:
    pipeline.work(upload.pk)
    upload.refresh_from_db()
    return upload


def rows(*lines: str, headings: str = HEADINGS) -> str:
    return "\n".join([headings, *lines]) + "\n"


def told(upload: Upload) -> list[tuple[str, int | None, str]]:
    """Code, row and column letter of each problem, in the order of the file."""
    found = UploadProblem.objects.filter(upload=upload).order_by("row", "pk")
    return [(problem.code, problem.row, problem.column) for problem in found]


def codes(upload: Upload) -> list[str]:
    return [code for code, _, _ in told(upload)]
