"""Every hostile file through the whole pipeline, without a network: received, worked on, and judged to the penny."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db.models import Sum

from budgets.models import Allocation, StagedAllocation
from pooledcare.kernel.problems import Refused
from pooledcare.uploads.models import Upload, UploadProblem
from tests.hostile.cases import CASES, GOOD, NOT_RECEIVED, REFUSED, Case
from tests.uploads.sending import Desk, told

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_hostile_file_gets_its_exact_answer(desk: Desk, case: Case):
    if case.state == NOT_RECEIVED:
        with pytest.raises(Refused) as refused:
            desk.send(case.content, name=case.name)
        assert tuple((problem.code, None, "") for problem in refused.value.problems) == case.told
        assert not Upload.objects.exists()
        return
    upload = desk.send(case.content, name=case.name)
    assert (upload.state, tuple(told(upload)), upload.failure) == (case.state, case.told, "")
    staged = StagedAllocation.objects.filter(upload_id=upload.pk)
    if case.state == REFUSED:
        assert not staged.exists()
        assert all(problem.fix for problem in UploadProblem.objects.filter(upload=upload))
    else:
        assert staged.aggregate(total=Sum("amount"))["total"] == Decimal(case.total)
        assert upload.rows_read == upload.rows_staged == staged.count()
        assert case.notice in " ".join(upload.notices)
    assert not Allocation.objects.exists()


@pytest.mark.parametrize(
    "content",
    [
        GOOD.encode("utf-16"),
        GOOD.replace("\n", "\r\n").encode("utf-16-be"),
        GOOD.replace(",ok", ",£5").encode("cp1252"),
    ],
    ids=["F03", "F04", "F05"],
)
def test_of_a_file_that_a_system_sends_no_encoding_is_guessed(desk: Desk, content: bytes):
    upload = desk.send(content, channel="api")
    assert (upload.state, [code for code, *_ in told(upload)]) == (REFUSED, ["ENCODING"])
    assert desk.send(GOOD.replace(",ok", ",£5"), channel="api").state != REFUSED
