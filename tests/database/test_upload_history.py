"""The history of an upload is written once."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from pooledcare.uploads.models import UploadStatus
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("rewrite", [lambda rows: rows.update(note="other"), lambda rows: rows.delete()])
def test_a_step_is_never_rewritten(rewrite):
    upload = factories.upload(organisation=factories.organisation())
    UploadStatus.objects.create(upload=upload, state="accepted", actor="user:1")
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        rewrite(UploadStatus.objects.all())
    assert caught.value.__cause__.diag.constraint_name == "upload_status_append_only"
