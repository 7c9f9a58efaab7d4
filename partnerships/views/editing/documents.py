"""Documents of an agreement: added, retitled, made exempt or not, removed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpResponse

from partnerships.actions import documents
from partnerships.forms.drafting import ConfirmForm
from partnerships.forms.recording import DocumentForm, NewDocumentForm
from partnerships.queries.agreements.drafts import document_of, draft_of
from partnerships.views.editing.frame import Now, Work, acting, carried_out, on_agreement, something_new
from pooledcare.directory.access import Permission

if TYPE_CHECKING:
    from partnerships.models import Document

PREPARE = Permission.PREPARE_AGREEMENTS


@on_agreement(PREPARE)
def document_add(work: Work) -> HttpResponse:
    draft = draft_of(work.agreement)
    files = work.request.FILES if work.posted is not None else None
    form = NewDocumentForm(work.posted, files, able=work.able, has_open_deed=draft is not None)

    def save(said: dict[str, Any]) -> object:
        return documents.add_document(
            agreement=work.agreement,
            file=said["file"],
            filename=said["file"].name or "",
            kind=said["kind"],
            title=said["title"],
            is_exempt=said["is_exempt"],
            deed=draft.deed if draft and said.get("about_deed") else None,
            organisation=acting(work, said),
            by=work.actor,
        )

    if carried_out(work, form, save, now=something_new):
        return work.go("The document has been added.", "agreement-governance")
    return work.show("document_edit", form=form, document=None)


@on_agreement(PREPARE)
def document_change(work: Work, pk: int) -> HttpResponse:
    document = _found(work, pk)
    form = DocumentForm(work.posted, initial={"title": document.title, "is_exempt": document.is_exempt})

    def save(said: dict[str, Any]) -> object:
        return documents.change_document(document=document, by=work.actor, **said)

    if carried_out(work, form, save, now=_shown(pk)):
        return work.go("The document has been saved.", "agreement-governance")
    return work.show("document_edit", form=form, document=document)


@on_agreement(PREPARE)
def document_remove(work: Work, pk: int) -> HttpResponse:
    document = _found(work, pk)
    form = ConfirmForm(work.posted)

    def remove(_: dict[str, Any]) -> object:
        return documents.remove_document(document=document, by=work.actor)

    if carried_out(work, form, remove, now=_shown(pk)):
        return work.go("The document has been removed.", "agreement-governance")
    return work.show("document_remove", form=form, document=document)


def _found(work: Work, pk: int) -> Document:
    document = document_of(work.agreement, pk)
    if document is None:
        raise Http404
    return document


def _shown(pk: int) -> Now:
    def now(agreement: Any) -> str:
        document = document_of(agreement, pk)
        return str(document.version) if document else ""

    return now
