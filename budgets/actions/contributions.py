"""Recording what partners contribute to a year of a fund, when it is paid, and what they say about it.

Nothing recorded is changed: a contribution changes by further components, an instalment by what happened to it. Every
action locks the agreement, then the year of the fund; the database then locks what is drawn on the allocation.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from django.db import connection
from django.db.models import Sum
from django.utils import timezone

from budgets.models import (
    BalanceConfirmation,
    ConditionMet,
    Contribution,
    ContributionComponent,
    ContributionCondition,
    ContributionNotice,
    FundingStream,
    InKindContribution,
    Instalment,
    InstalmentEvent,
    OutsideMoney,
    PoolYear,
)
from budgets.queries.pools.contributions import owed_on, partners_in
from budgets.rules.pools.contributions import Sums
from budgets.rules.pools.instalments import spread
from budgets.terms import SENTENCES, ComponentKind, FundedFrom, InstalmentEventKind
from partnerships.changing.agreement import require_organisation
from partnerships.models import AgreementSummary
from partnerships.terms import Audience
from pooledcare.directory.access import Actor, Permission
from pooledcare.directory.history import announce, record
from pooledcare.directory.models import Organisation
from pooledcare.kernel.actions import action
from pooledcare.kernel.periods import FinancialYear
from pooledcare.kernel.problems import Problem, Refused, Where

NOTHING = Decimal(0)


@action(SENTENCES)
def add_contribution(
    *,
    pool_year: PoolYear,
    partner: Organisation,
    stream: FundingStream | None,
    kind: str,
    funded_from: str,
    nature: str,
    recurrence: str,
    basis: str,
    ring_fence: str = "",
    component: str = ComponentKind.BASELINE,
    gross: Decimal,
    client_income: Decimal = NOTHING,
    effective_on: dt.date | None = None,
    organisation: Organisation | None = None,
    by: Actor,
) -> Contribution:
    """Record a contribution with its first component. It applies from the first day of the year if no day is given."""
    pool_year, acting = _begin(pool_year, by, organisation)
    _require_partner(pool_year, partner)
    _require_stream(pool_year, stream, funded_from)
    first_day = effective_on or pool_year.year.first_day
    _require_in_year(pool_year, first_day)
    who = {"organisation": acting, "actor": by.reference}
    made = Contribution.objects.create(
        pool_year=pool_year,
        partner=partner,
        stream=stream,
        kind=kind,
        funded_from=funded_from,
        nature=nature,
        recurrence=recurrence,
        basis=basis,
        ring_fence=ring_fence,
        **who,
    )
    made.refresh_from_db()
    ContributionComponent.objects.create(
        contribution=made, kind=component, gross=gross, client_income=client_income, effective_on=first_day, **who
    )
    sentence = f"{made.reference} of {partner.code} to {pool_year.reference} was recorded."
    _finish(pool_year, made.reference, "contribution.added", sentence, by, acting)
    return made


@action(SENTENCES)
def add_component(
    *,
    contribution: Contribution,
    kind: str,
    gross: Decimal,
    client_income: Decimal = NOTHING,
    effective_on: dt.date,
    reason: str = "",
    organisation: Organisation | None = None,
    by: Actor,
) -> ContributionComponent:
    """Add to the amount of a contribution, from a day on. A reduction is recorded with `cut_contribution`."""
    pool_year, acting = _begin(contribution.pool_year, by, organisation)
    _require_in_year(pool_year, effective_on)
    if gross - client_income < 0 and kind != ComponentKind.EFFICIENCY:
        message = "This reduces the contribution"
        raise Refused.because(
            "IS_A_CUT", message, where=Where(field="gross"), fix="Record it as a cut, so that the others have notice."
        )
    if gross - client_income < 0 and acting.pk != contribution.partner_id:
        raise _not_its_own(contribution.partner)
    made = ContributionComponent.objects.create(
        contribution=contribution,
        kind=kind,
        gross=gross,
        client_income=client_income,
        effective_on=effective_on,
        reason=reason,
        organisation=acting,
        actor=by.reference,
    )
    sentence = f"{contribution.reference} was changed: a component of kind {kind}."
    _finish(pool_year, contribution.reference, "contribution.changed", sentence, by, acting)
    return made


@action(SENTENCES)
def cut_contribution(
    *,
    contribution: Contribution,
    gross: Decimal,
    client_income: Decimal = NOTHING,
    effective_on: dt.date,
    reason: str,
    touches: str,
    organisation: Organisation | None = None,
    by: Actor,
) -> ContributionNotice:
    """Contribute less from a day on, and give the other partners notice with what the cut touches.

    `gross` and `client_income` say by how much less, in pounds; they are not negative.
    """
    pool_year, acting = _begin(contribution.pool_year, by, organisation)
    _require_in_year(pool_year, effective_on)
    before = _sums(contribution)
    if gross < 0 or client_income < 0 or gross - client_income <= 0:
        message = "A cut is more than 0, after client income"
        raise Refused.because(
            "NOT_A_CUT", message, where=Where(field="gross"), fix="Enter by how much less is contributed."
        )
    if gross > before.gross or gross - client_income > before.net:
        message = "The cut is more than the contribution"
        raise Refused.because(
            "CUT_TOO_LARGE", message, where=Where(field="gross"), fix="Enter at most what is contributed now."
        )
    if acting.pk != contribution.partner_id:
        raise _not_its_own(contribution.partner)
    who = {"organisation": acting, "actor": by.reference}
    component = ContributionComponent.objects.create(
        contribution=contribution,
        kind=ComponentKind.CHANGE,
        gross=-gross,
        client_income=-client_income,
        effective_on=effective_on,
        reason=reason,
        **who,
    )
    made = ContributionNotice.objects.create(component=component, touches=touches, **who)
    sentence = f"{contribution.reference} was cut, and the other partners of {pool_year.reference} have notice of it."
    _finish(pool_year, contribution.reference, "contribution.cut", sentence, by, acting)
    return made


@action(SENTENCES)
def add_condition(
    *,
    contribution: Contribution,
    what: str,
    owner: str,
    due_on: dt.date,
    organisation: Organisation | None = None,
    by: Actor,
) -> ContributionCondition:
    """Make a contribution conditional on something, with the office that answers for it and a day."""
    pool_year, acting = _begin(contribution.pool_year, by, organisation)
    made = ContributionCondition.objects.create(
        contribution=contribution, what=what, owner=owner, due_on=due_on, organisation=acting, actor=by.reference
    )
    sentence = f"A condition of {contribution.reference} was recorded."
    _finish(pool_year, contribution.reference, "contribution.condition_added", sentence, by, acting)
    return made


@action(SENTENCES)
def meet_condition(
    *,
    condition: ContributionCondition,
    met_on: dt.date,
    evidence: str,
    organisation: Organisation | None = None,
    by: Actor,
) -> ConditionMet:
    """Record that a condition is met, with the evidence. It cannot be met in the future."""
    contribution = condition.contribution
    pool_year, acting = _begin(contribution.pool_year, by, organisation)
    _require_past("met_on", met_on)
    made = ConditionMet.objects.create(
        condition=condition, met_on=met_on, evidence=evidence, organisation=acting, actor=by.reference
    )
    sentence = f"A condition of {contribution.reference} was recorded as met."
    _finish(pool_year, contribution.reference, "contribution.condition_met", sentence, by, acting)
    return made


@action(SENTENCES)
def add_in_kind(
    *,
    pool_year: PoolYear,
    partner: Organisation,
    kind: str,
    what: str,
    notional_value: Decimal | None,
    organisation: Organisation | None = None,
    by: Actor,
) -> InKindContribution:
    """Record what a partner provides other than money. `notional_value` in pounds, None if it is not valued."""
    pool_year, acting = _begin(pool_year, by, organisation)
    _require_partner(pool_year, partner)
    made = InKindContribution.objects.create(
        pool_year=pool_year,
        partner=partner,
        kind=kind,
        what=what,
        notional_value=notional_value,
        organisation=acting,
        actor=by.reference,
    )
    sentence = f"A contribution in kind of {partner.code} to {pool_year.reference} was recorded."
    _finish(pool_year, pool_year.reference, "contribution.in_kind_added", sentence, by, acting)
    return made


@action(SENTENCES)
def add_outside_money(
    *,
    pool_year: PoolYear,
    partner: Organisation,
    kind: str,
    what: str,
    amount: Decimal,
    organisation: Organisation | None = None,
    by: Actor,
) -> OutsideMoney:
    """Record aligned or off-pool money, in pounds, that is listed beside the fund and never added to it."""
    pool_year, acting = _begin(pool_year, by, organisation)
    _require_partner(pool_year, partner)
    made = OutsideMoney.objects.create(
        pool_year=pool_year,
        partner=partner,
        kind=kind,
        what=what,
        amount=amount,
        organisation=acting,
        actor=by.reference,
    )
    sentence = f"Money of {partner.code} outside {pool_year.reference} was recorded."
    _finish(pool_year, pool_year.reference, "contribution.outside_added", sentence, by, acting)
    return made


@action(SENTENCES)
def set_instalments(
    *,
    contribution: Contribution,
    method: str,
    count: int | None = None,
    shares: Sequence[str] = (),
    organisation: Organisation | None = None,
    by: Actor,
) -> list[Instalment]:
    """Spread what is not yet in instalments: the whole contribution at first, later only what changed since.

    Afterwards the instalments sum to what the partner pays for the year, to the penny. Raises Refused if they already
    do.
    """
    pool_year, acting = _begin(contribution.pool_year, by, organisation)
    existing = contribution.instalments.aggregate(amount=Sum("amount"))["amount"] or NOTHING
    missing = _sums(contribution).paid(contribution.basis) - existing
    if not missing:
        message = "The instalments already sum to the contribution"
        raise Refused.because("NOTHING_TO_SPREAD", message, fix="Change the contribution first.")
    number = contribution.instalments.count()
    found = spread(missing, method=method, year=pool_year.year, count=count, shares=shares)
    made = [
        Instalment(
            contribution=contribution,
            number=number + place,
            due_on=due.on,
            amount=due.amount,
            organisation=acting,
            actor=by.reference,
        )
        for place, due in enumerate(found, 1)
    ]
    Instalment.objects.bulk_create(made)
    sentence = f"{len(made)} instalments of {contribution.reference} were recorded."
    _finish(pool_year, contribution.reference, "contribution.instalments_set", sentence, by, acting)
    return made


@action(SENTENCES)
def record_instalment_event(
    *,
    instalment: Instalment,
    kind: str,
    on: dt.date,
    amount: Decimal | None = None,
    reason: str = "",
    reference: str = "",
    organisation: Organisation | None = None,
    by: Actor,
) -> InstalmentEvent:
    """Record that an instalment was invoiced, received (all or a part), suspended with its reason, or resumed.

    No more can be received than is outstanding; a negative amount takes back what was recorded in error.
    """
    contribution = instalment.contribution
    pool_year, acting = _begin(contribution.pool_year, by, organisation)
    _require_past("on", on)
    events = list(instalment.events.all())
    if kind == InstalmentEventKind.RECEIVED:
        _require_receivable(instalment, events, amount)
    elif amount is not None:
        message = "An amount is given for money received only"
        raise Refused.because("AMOUNT_NOT_WANTED", message, where=Where(field="amount"), fix="Leave it empty.")
    is_suspended = _is_suspended(events)
    if kind == InstalmentEventKind.RESUMED and not is_suspended:
        raise Refused.because("NOT_SUSPENDED", "The instalment is not suspended")
    if kind == InstalmentEventKind.SUSPENDED and is_suspended:
        raise Refused.because("SUSPENDED_ALREADY", "The instalment is already suspended")
    if kind == InstalmentEventKind.SUSPENDED and not reason:
        message = "Enter the reason"
        raise Refused.because("REQUIRED", message, where=Where(field="reason"), fix="A suspension says why.")
    made = InstalmentEvent.objects.create(
        instalment=instalment,
        kind=kind,
        on=on,
        amount=amount,
        reason=reason,
        reference=reference,
        organisation=acting,
        actor=by.reference,
    )
    sentence = f"Instalment {instalment.number} of {contribution.reference}: {kind}."
    _finish(pool_year, contribution.reference, f"instalment.{kind}", sentence, by, acting)
    return made


@action(SENTENCES)
def confirm_balance(
    *,
    pool_year: PoolYear,
    quarter: int,
    amount: Decimal,
    note: str = "",
    organisation: Organisation | None = None,
    by: Actor,
) -> BalanceConfirmation:
    """A partner says what it owes the fund at the end of a quarter. It agrees if that is what the instalments say.

    Raises Refused before the quarter has ended, and if it does not agree and `note` does not say what differs.
    """
    pool_year, acting = _begin(pool_year, by, organisation)
    _require_partner(pool_year, acting)
    last_day = pool_year.year.quarters[quarter - 1].last_day if 1 <= quarter <= 4 else dt.date.max
    if last_day >= timezone.localdate():
        message = "The quarter has not ended yet"
        raise Refused.because("QUARTER_OPEN", message, where=Where(field="quarter"), fix="Select a quarter that has.")
    shown = owed_on(pool_year, acting, last_day)
    if shown != amount and not note:
        message = f"Here {shown} is owed, not {amount}"
        raise Refused.because("REQUIRED", message, where=Where(field="note"), fix="Say what differs.")
    made = BalanceConfirmation.objects.create(
        pool_year=pool_year,
        partner=acting,
        quarter=quarter,
        amount=amount,
        shown=shown,
        agrees=shown == amount,
        note=note,
        organisation=acting,
        actor=by.reference,
    )
    word = "confirmed" if made.agrees else "disputed"
    sentence = f"{acting.code} {word} its balance with {pool_year.reference} for quarter {quarter}."
    _finish(pool_year, pool_year.reference, f"balance.{word}", sentence, by, acting)
    return made


def _begin(pool_year: PoolYear, by: Actor, organisation: Organisation | None) -> tuple[PoolYear, Organisation]:
    """Lock the agreement, then the year of the fund. Returns the year and the organisation that `by` acts for."""
    with connection.cursor() as cursor:
        cursor.execute("select id from partnerships_agreement where id = %s for share", [pool_year.pool.agreement_id])
    locked = (
        PoolYear.objects.select_for_update(of=("self",), no_key=True)
        .select_related("pool__agreement")
        .get(pk=pool_year.pk)
    )
    permission = Permission.RECORD_POOL_MONEY
    return locked, require_organisation(locked.pool.agreement, permission=permission, by=by, organisation=organisation)


def _finish(
    pool_year: PoolYear, reference: str, event: str, sentence: str, by: Actor, organisation: Organisation
) -> None:
    pool_year.version += 1
    pool_year.save(update_fields=["version"])
    record(
        by=by,
        action=event,
        subject=f"agreement:{pool_year.pool.agreement.reference}",
        sentence=sentence,
        organisation=organisation.code,
    )
    summary = AgreementSummary.objects.get(agreement=pool_year.pool.agreement_id, audience=Audience.PARTNERS)
    pool = pool_year.pool
    is_whole = reference == pool_year.reference
    announce(
        resource="pools" if is_whole else "contributions",
        reference=f"{pool.agreement.reference}/{pool.slug}" if is_whole else reference,
        event=event.partition(".")[2],
        public=False,
        organisation=organisation.code,
        readers=summary.reader_ids,
    )


def _sums(contribution: Contribution) -> Sums:
    found = contribution.components.aggregate(gross=Sum("gross"), client_income=Sum("client_income"))
    return Sums(found["gross"] or NOTHING, found["client_income"] or NOTHING)


def _require_partner(pool_year: PoolYear, partner: Organisation) -> None:
    if partner.pk not in {each.pk for each in partners_in(pool_year)}:
        raise Refused.because(
            "NOT_A_PARTNER",
            f"{partner.name} is not a partner of the agreement in {pool_year.year}",
            where=Where(field="partner"),
            fix="Select one of the partners.",
        )


def _require_stream(pool_year: PoolYear, stream: FundingStream | None, funded_from: str) -> None:
    if stream is None:
        if funded_from == FundedFrom.ALLOCATION:
            raise Refused(
                [
                    Problem(
                        "CONTRIBUTION_ALLOCATION_HAS_STREAM",
                        SENTENCES["contribution_allocation_has_stream"].rstrip("."),
                        Where(field="stream"),
                        fix="Select the funding stream.",
                    )
                ]
            )
        return
    year = pool_year.financial_year
    if year < stream.first_year or (stream.last_year is not None and year > stream.last_year):
        message = f"There is no {stream.name} in {FinancialYear(year)}"
        raise Refused.because(
            "STREAM_NOT_IN_YEAR", message, where=Where(field="stream"), fix="Select a stream of that year."
        )


def _require_in_year(pool_year: PoolYear, day: dt.date) -> None:
    if day not in pool_year.year:
        message = f"The day is not in {pool_year.year}"
        fix = "Enter a day from 1 April to 31 March of that year."
        raise Refused.because("NOT_IN_YEAR", message, where=Where(field="effective_on"), fix=fix)


def _require_past(field: str, day: dt.date) -> None:
    if day > timezone.localdate():
        message = "The day lies in the future"
        raise Refused.because("IN_FUTURE", message, where=Where(field=field), fix="Enter today or a day before.")


def _require_receivable(instalment: Instalment, events: Sequence[InstalmentEvent], amount: Decimal | None) -> None:
    """What is received lies between 0 and the instalment when it is added up; of a credit, between it and 0."""
    if not amount:
        message = "Enter the amount that was received"
        raise Refused.because("REQUIRED", message, where=Where(field="amount"), fix="In pounds and pence.")
    received = sum((event.amount or NOTHING for event in events), amount)
    low, high = sorted((NOTHING, instalment.amount))
    if not low <= received <= high:
        message = f"With this, {received} would be received of an instalment of {instalment.amount}"
        fix = "Check the amount, or record the rest with another instalment."
        raise Refused.because("NOT_OUTSTANDING", message, where=Where(field="amount"), fix=fix)


def _is_suspended(events: Sequence[InstalmentEvent]) -> bool:
    kinds = [each.kind for each in events if each.kind in (InstalmentEventKind.SUSPENDED, InstalmentEventKind.RESUMED)]
    return bool(kinds) and kinds[-1] == InstalmentEventKind.SUSPENDED


def _not_its_own(partner: Organisation) -> Refused:
    return Refused.because("NOT_ITS_OWN", f"Only {partner.name} itself can reduce its contribution")
