"""An accepted upload of the demonstration whose figures are not published yet, so that publishing them can be tried."""

from __future__ import annotations

import io

from budgets.allocations.samples import NOTE, figures_file
from budgets.models import FundingStream
from budgets.terms import Basis
from pooledcare.directory.access import person_actor
from pooledcare.directory.demo import demo_people
from pooledcare.uploads import actions, pipeline
from pooledcare.uploads.models import Upload
from pooledcare.uploads.terms import Channel, UploadState

FILENAME = "somerset-budgets-not-published.csv"
YEAR = "2025-26"
PREPARED_BY, ACCEPTED_BY = "lee", "ash"
BUDGETS = {"adult-social-care": "214600000.00", "public-health": "22350000.00"}


def make_demo_upload() -> Upload:
    """The upload of invented budgets of Somerset Council; the one that is there already, if it was made before."""
    people = {person.handle: person for person in demo_people()}
    preparer = people[PREPARED_BY]
    made = Upload.objects.filter(organisation=preparer.organisation, filename=FILENAME).first()
    if made is not None:
        return made
    streams = FundingStream.objects.filter(code__in=BUDGETS).order_by("position")
    rows = [
        (YEAR, preparer.organisation.code, one.code, Basis.BUDGET.value, BUDGETS[one.code], "", NOTE) for one in streams
    ]
    upload = actions.receive_upload(
        organisation=preparer.organisation,
        kind="allocations",
        file=io.BytesIO(figures_file(rows)),
        filename=FILENAME,
        channel=Channel.PAGE,
        by=person_actor(preparer.user),
    )
    pipeline.work(upload.pk)
    upload.refresh_from_db()
    actions.accept_upload(upload=upload, by=person_actor(people[ACCEPTED_BY].user))
    pipeline.work(upload.pk)
    upload.refresh_from_db()
    if upload.state != UploadState.ACCEPTED:
        raise RuntimeError(f"{upload.reference} was not accepted: it is {upload.state}.")
    return upload
