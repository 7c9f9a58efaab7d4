"""The boards that run an agreement, edited in place."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.utils import timezone

from partnerships.actions import recording
from partnerships.forms.drafting import ConfirmForm
from partnerships.forms.recording import BoardForm
from partnerships.queries.agreements.drafts import board_of, bodies_reading
from partnerships.queries.agreements.governance import BoardShown
from partnerships.views.editing.frame import Now, Work, carried_out, on_agreement
from pooledcare.directory.access import Permission

PREPARE = Permission.PREPARE_AGREEMENTS


@on_agreement(PREPARE)
def board_add(work: Work) -> HttpResponse:
    return _board(work, None)


@on_agreement(PREPARE)
def board_change(work: Work, pk: int) -> HttpResponse:
    return _board(work, _found(work, pk))


def _board(work: Work, shown: BoardShown | None) -> HttpResponse:
    partners = {each.pk: each for each in bodies_reading(work.agreement, timezone.localdate())}
    if shown:
        partners |= {seat.organisation.pk: seat.organisation for seat in shown.seats}
    form = BoardForm(work.posted, partners=list(partners.values()), board=shown)

    def save(said: dict[str, Any]) -> object:
        return recording.save_board(
            agreement=work.agreement,
            board=shown.board if shown else None,
            values={name: said[name] for name in ("name", "form", "meets", "reports_to")},
            seats=[recording.SeatIn(**seat) for seat in form.typed_seats()],
            quorums=form.typed_quorums(),
            by=work.actor,
        )

    if carried_out(work, form, save, now=_shown(shown)):
        return work.go("The board has been saved.", "agreement-governance")
    return work.show("board_edit", form=form, board=shown.board if shown else None)


@on_agreement(PREPARE)
def board_remove(work: Work, pk: int) -> HttpResponse:
    shown = _found(work, pk)
    form = ConfirmForm(work.posted)

    def remove(_: dict[str, Any]) -> object:
        return recording.remove_board(board=shown.board, by=work.actor)

    if carried_out(work, form, remove, now=_shown(shown)):
        return work.go(f"The board “{shown.board.name}” has been removed.", "agreement-governance")
    return work.show("board_remove", form=form, board=shown.board)


def _found(work: Work, pk: int) -> BoardShown:
    shown = board_of(work.agreement, pk)
    if shown is None:
        raise Http404
    return shown


def _shown(shown: BoardShown | None) -> Now:
    """An existing board's own version, so that other boards may change meanwhile; for a new board the agreement's."""
    if shown is None:
        return lambda agreement: str(agreement.version)
    pk = shown.board.pk

    def now(agreement: Any) -> str:
        found = board_of(agreement, pk)
        return str(found.board.version) if found else ""

    return now
