"""Pages about a running agreement: operation, notices, its end, events, the integrated mark, successors."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpResponse
from django.utils import timezone

from partnerships.actions import operation, succession
from partnerships.forms.operation import CarryOverForm, EndForm, MarkForm, NoticeForm, OccurrenceForm, OperatingForm
from partnerships.queries.agreements.drafts import current_notice_rows, notice_of, partners_now, schemes_by_slug
from partnerships.queries.agreements.records import record_of
from partnerships.rules.agreements import content_as_at, reading_day
from partnerships.views.editing.frame import Work, acting, as_at_version, carried_out, on_agreement
from pooledcare.directory.access import Permission

if TYPE_CHECKING:
    from partnerships.models import Scheme

PREPARE, APPROVE = Permission.PREPARE_AGREEMENTS, Permission.APPROVE_AGREEMENTS


@on_agreement(PREPARE)
def operation_start(work: Work) -> HttpResponse:
    form = OperatingForm(work.posted, able=work.able)

    def start(said: dict[str, Any]) -> object:
        return operation.start_operating(agreement=work.agreement, since=said["since"], **_whose(work, said))

    if carried_out(work, form, start, now=as_at_version):
        return work.go("The first day of operation has been recorded.", "agreement-detail")
    return work.show("operation_start", form=form)


@on_agreement(APPROVE)
def notice_give(work: Work) -> HttpResponse:
    form = NoticeForm(work.posted, able=work.able, schemes=_schemes(work))

    def give(said: dict[str, Any]) -> object:
        days = {name: said[name] for name in ("given_on", "takes_effect_on", "reason")}
        return operation.give_notice(agreement=work.agreement, scheme=_about(work, said), **days, **_whose(work, said))

    if carried_out(work, form, give, now=as_at_version):
        return work.go("The notice has been recorded, and the partners see it.", "agreement-governance")
    return work.show("notice_edit", form=form)


@on_agreement(APPROVE)
def notice_withdraw(work: Work, pk: int) -> HttpResponse:
    notice = notice_of(work.agreement, pk)
    if notice is None:
        raise Http404
    form = MarkForm(work.posted, able=work.able)

    def withdraw(said: dict[str, Any]) -> object:
        return operation.withdraw_notice(notice=notice, **_whose(work, said))

    if carried_out(work, form, withdraw, now=as_at_version):
        return work.go("The notice has been withdrawn.", "agreement-governance")
    return work.show("notice_withdraw", form=form, notice=notice)


@on_agreement(APPROVE)
def agreement_end(work: Work) -> HttpResponse:
    form = EndForm(work.posted, able=work.able, schemes=_schemes(work))

    def end(said: dict[str, Any]) -> object:
        return operation.end_after_notice(
            agreement=work.agreement, on=said["on"], scheme=_about(work, said), **_whose(work, said)
        )

    if carried_out(work, form, end, now=as_at_version):
        return work.go("The end has been recorded.", "agreement-detail")
    return work.show("agreement_end", form=form, notices=current_notice_rows(work.agreement))


@on_agreement(PREPARE)
def occurrence_record(work: Work) -> HttpResponse:
    form = OccurrenceForm(work.posted, able=work.able, schemes=_schemes(work))

    def save(said: dict[str, Any]) -> object:
        facts = {name: said[name] for name in ("kind", "happened_on", "evidence", "ends_agreement")}
        return operation.record_occurrence(
            agreement=work.agreement, scheme=_about(work, said), **facts, **_whose(work, said)
        )

    if carried_out(work, form, save, now=as_at_version):
        return work.go("What happened has been recorded.", "agreement-governance")
    return work.show("occurrence_edit", form=form)


@on_agreement(APPROVE)
def integration_mark(work: Work) -> HttpResponse:
    said = "It is marked as an existing integrated arrangement."
    return _marked(work, operation.mark_integrated, said, "integration_mark")


@on_agreement(APPROVE)
def release_agree(work: Work) -> HttpResponse:
    said = "Your agreement has been recorded. The mark is cleared when every partner has agreed."
    return _marked(work, operation.agree_release, said, "release_agree")


def _marked(work: Work, act: Callable[..., Any], said: str, template: str) -> HttpResponse:
    form = MarkForm(work.posted, able=work.able)
    done = carried_out(
        work, form, lambda typed: act(agreement=work.agreement, **_whose(work, typed)), now=as_at_version
    )
    if done:
        return work.go(said, "agreement-detail")
    return work.show(template, form=form)


@on_agreement(PREPARE)
def partner_carry_over(work: Work) -> HttpResponse:
    partners = {str(each.pk): each for each in partners_now(work.agreement)}
    choices = [(pk, each.organisation.name) for pk, each in partners.items()]
    form = CarryOverForm(work.posted, able=work.able, partners=choices)

    def carry(said: dict[str, Any]) -> object:
        return succession.record_successors(
            agreement=work.agreement,
            partner=partners[said["partner"]],
            successors=[body for name in ("successor", "second", "third") if (body := said[name])],
            effective_on=said["effective_on"],
            evidence=said["evidence"],
            **_whose(work, said),
        )

    if carried_out(work, form, carry, now=as_at_version):
        return work.go("The successor has been recorded as a partner.", "agreement-detail")
    return work.show("partner_carry_over", form=form, partners=choices)


def _whose(work: Work, said: dict[str, Any]) -> dict[str, Any]:
    return {"organisation": acting(work, said), "by": work.actor}


def _schemes(work: Work) -> list[tuple[str, str]]:
    """Slug and name of the current schemes."""
    record = record_of(work.agreement)
    content = content_as_at(record, reading_day(record, timezone.localdate()))
    return [(each.slug, each.name) for each in content.schemes] if content else []


def _about(work: Work, said: dict[str, Any]) -> Scheme | None:
    return schemes_by_slug(work.agreement)[said["scheme"]] if said["scheme"] else None
