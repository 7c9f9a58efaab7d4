"""Files kept after another field of the upload form was wrong, so that their senders need not select them again.

A kept file belongs to one person in one session, and is used only with its token, which stands in that form. A person
has at most one, and it is deleted after a day. It is checked like any other file when it is received.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections.abc import Iterable

from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from pooledcare.directory.access import Actor
from pooledcare.directory.models import User
from pooledcare.kernel.problems import Refused
from pooledcare.kernel.tabular import display_name
from pooledcare.uploads import kinds, receiving
from pooledcare.uploads.models import KeptFile

KEPT_FOR = dt.timedelta(days=1)


@transaction.atomic
def keep_file(*, file: File[bytes], filename: str, session: str, by: Actor) -> KeptFile:
    """Keep the file instead of any that was kept for the person before. `session` is the key of the session."""
    if by.person is None or not any(by.holds(kind.prepare) for kind in kinds.kinds()):
        raise Refused.because("NOT_ALLOWED", "Only people who may upload files can have one kept")
    sha256, size = receiving.fingerprint(file)
    User.objects.select_for_update().get(pk=by.person.pk)  # so that two requests at once keep one file
    _delete(KeptFile.objects.filter(person=by.person))
    with receiving.stored(file) as stored_name:
        return KeptFile.objects.create(
            person=by.person,
            session=_of_session(session),
            filename=display_name(filename),
            stored_name=stored_name,
            size=size,
            sha256=sha256,
        )


@transaction.atomic
def forget_file(kept: KeptFile) -> None:
    """Delete a kept file that is no longer needed."""
    _delete(KeptFile.objects.filter(pk=kept.pk))


def kept_file(token: str, *, session: str, by: Actor) -> KeptFile | None:
    """The file kept under this token for this person in this session; None if there is none, or no longer."""
    try:
        wanted = uuid.UUID(token)
    except ValueError:
        return None
    since = timezone.now() - KEPT_FOR
    return KeptFile.objects.filter(
        token=wanted, person=by.person, session=_of_session(session), kept_at__gt=since
    ).first()


@transaction.atomic
def delete_old_files() -> int:
    """Delete files that were kept for a day. Returns how many."""
    return _delete(KeptFile.objects.filter(kept_at__lte=timezone.now() - KEPT_FOR))


def _delete(found: Iterable[KeptFile]) -> int:
    """Delete the rows, and the bytes once that is certain."""
    count = 0
    for kept in found:
        kept.delete()
        transaction.on_commit(lambda name=kept.stored_name: default_storage.delete(name))  # type: ignore[misc]
        count += 1
    return count


def _of_session(key: str) -> str:
    """A hash, because whoever knows the key of a session has the session."""
    return hashlib.sha256(key.encode()).hexdigest()
