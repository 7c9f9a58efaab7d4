"""Mereshire: an invented county whose agreements show every situation that an agreement can be in.

An arrangement of 2012 carried over from a primary care trust to a board; a draft that is unlawful; charging without its
service; a trust's contribution without consent; an approval that is outstanding; an agreement that operates unsigned;
a scheme that only a proposed rule would allow.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal

from partnerships.actions import deeds, marks, operation, past_deeds, recording
from partnerships.demo.writing import ILLUSTRATIVE, Bodies, Writing, begin, open_deed
from partnerships.models import Agreement
from partnerships.queries.agreements.records import record_of
from partnerships.rules.agreements import content_hash
from partnerships.rules.agreements.limits import DeputyIn, LimitIn
from partnerships.terms import (
    ClauseKind,
    DecisionBody,
    IncomeBasis,
    Instalments,
    OfficerPower,
    PreconditionKind,
    SharedEvery,
    VarianceThatApplies,
    WithoutBudget,
)
from pooledcare.directory.access import Actor, system_actor

People = Mapping[str, Actor]
D = dt.date
DEMO = "demo"


def integrated_arrangement(bodies: Bodies, people: People) -> Agreement:
    """2012: made by the trust and the county. 2013 and 2022: successors. 2016: general practice, with NHS England."""
    system = system_actor(DEMO)
    writing = begin(
        "Mereshire integrated health and care agreement",
        by=system,
        bodies=bodies,
        prepared_by="Z0L1",
        with_partners=["Z0P1"],
        start=D(2012, 4, 1),
        end=None,
        places=["mereshire"],
        aims="Fewer older people stay in hospital longer than they need to. " + ILLUSTRATIVE,
        persons="Adults of Mereshire who need care at home after illness, and those who care for them.",
        improvement="One team answers one telephone number, where there were five.",
        review_on=[D(2027, 3, 31)],
        notice_months=12,
    )
    fund = writing.fund(
        "Integrated care fund",
        host="Z0L1",
        manager="Head of integrated finance",
        information_shared="Budget, spending and forecast of each scheme. " + ILLUSTRATIVE,
        information_every=SharedEvery.QUARTER,
        information_days=15,
        monitoring_percent=Decimal("2.00"),
        monitoring_pounds=Decimal("100000.00"),
        monitoring_rule=VarianceThatApplies.SMALLER,
        tolerance_percent=Decimal("0.50"),
        early_warning_percent=Decimal("1.00"),
        instalments=Instalments.QUARTERLY_ADVANCE,
        no_budget=WithoutBudget.LAST_YEAR,
        income_basis=IncomeBasis.NET,
    )
    writing.scheme(
        "Reablement at home",
        fund=fund,
        lead="Z0L1",
        functions=[("nhs-1977-services", "Z0P1"), ("social-services", "Z0L1")],
        services="Six weeks of therapy and care at home after a stay in hospital.",
        client_group="Adults leaving hospital, and adults at risk of going there.",
        ways_of_working=["integrated_provision"],
    )
    writing.scheme(
        "Community equipment",
        fund=fund,
        lead="Z0L1",
        functions=[("nhs-1977-services", "Z0P1"), ("social-services", "Z0L1")],
        services="One store and one catalogue of equipment for living at home.",
        client_group="Anybody of any age who needs equipment to live at home.",
        ways_of_working=["lead_commissioning"],
    )
    writing.conditions(
        PreconditionKind.IMPROVEMENT,
        PreconditionKind.JOINT_CONSULTATION,
        PreconditionKind.PLAN_FIT,
        on=D(2012, 2, 14),
        evidence="Joint consultation paper of January 2012, considered by both boards in February. " + ILLUSTRATIVE,
    )
    _sign(writing.agreement, {0: D(2012, 3, 20)}, system)
    _modernise(writing.agreement, bodies, system)
    _widen(writing.agreement, bodies, system)
    operation.start_operating(agreement=writing.agreement, since=D(2012, 4, 1), by=system)
    marks.mark_integrated(agreement=writing.agreement, organisation=bodies["Z0L1"], by=system)
    _board(writing.agreement, bodies, system)
    return writing.agreement


def _sign(agreement: Agreement, signed: Mapping[int, D], system: Actor) -> None:
    past_deeds.record_history(agreement=agreement, signed=dict(signed), published=True, source=None, by=system)


def _modernise(agreement: Agreement, bodies: Bodies, system: Actor) -> None:
    """2015: a deed that names the functions of the Care Act, which replaced earlier Acts."""
    deed = deeds.prepare_deed(
        agreement=agreement,
        effective_on=D(2015, 4, 1),
        summary="Names the functions of the Care Act 2014 and of the NHS Act 2006 in place of those before.",
        organisation=bodies["Z0L1"],
        by=system,
    )
    writing = Writing(deed, bodies, system)
    therapy = "Six weeks of therapy and care at home after a stay in hospital."
    equipment = "One store and one catalogue of equipment for living at home."
    # Equipment is charged by the case, and so paid afterwards.
    by_case = {"instalments": Instalments.QUARTERLY_ARREARS}
    for slug, name, services, money in (
        ("reablement-at-home", "Reablement at home", therapy, {}),
        ("community-equipment", "Community equipment", equipment, by_case),
    ):
        writing.scheme(
            name,
            slug=slug,
            fund="integrated-care-fund",
            lead="Z0L1",
            functions=[("nhs-s3", "Z0C1"), ("meeting-needs", "Z0L1"), ("preventing-needs", "Z0L1")],
            services=services,
            client_group="Adults of Mereshire who need care or equipment at home.",
            **money,
        )
    _sign(agreement, {deed.number: D(2015, 3, 24)}, system)


def _widen(agreement: Agreement, bodies: Bodies, system: Actor) -> None:
    """2016: primary medical services may be pooled, and NHS England joins with them."""
    deed = deeds.prepare_deed(
        agreement=agreement,
        effective_on=D(2016, 4, 1),
        summary="NHS England joins; general practice for people who live in care homes becomes a scheme.",
        organisation=bodies["Z0L1"],
        by=system,
    )
    writing = Writing(deed, bodies, system)
    writing.partners("X24")
    writing.scheme(
        "General practice in care homes",
        fund="integrated-care-fund",
        lead="Z0C1",
        functions=[("primary-medical", "X24"), ("nhs-s3", "Z0C1"), ("meeting-needs", "Z0L1")],
        services="A named practice for every care home, with a weekly round.",
        client_group="People who live in care homes in Mereshire.",
        ways_of_working=["lead_commissioning"],
    )
    _sign(agreement, {deed.number: D(2016, 3, 22)}, system)


def _board(agreement: Agreement, bodies: Bodies, system: Actor) -> None:
    seats = [
        recording.SeatIn(organisation=bodies["Z0L1"], post="Cabinet member for adult care", is_chair=True),
        recording.SeatIn(organisation=bodies["Z0L1"], post="Director of adult social services"),
        recording.SeatIn(organisation=bodies["Z0B1"], post="Place director", deputy="Deputy place director"),
        recording.SeatIn(organisation=bodies["Z0B1"], post="Chief finance officer"),
    ]
    recording.save_board(
        agreement=agreement,
        values={
            "name": "Mereshire joint commissioning board",
            "form": "joint_committee",
            "meets": "Every second month, in public",
            "reports_to": "Cabinet of the county; board of the integrated care board; health and wellbeing board",
        },
        seats=seats,
        quorums={bodies["Z0L1"]: 1, bodies["Z0B1"]: 1},
        by=system,
    )
    recording.record_decision(
        agreement=agreement,
        body=DecisionBody.CABINET,
        reference="Cabinet minute 12/031 (illustrative)",
        decided_on=D(2012, 3, 6),
        by=system,
    )


def _draft(title: str, people: People, bodies: Bodies, *, start: D, also: tuple[str, ...] = ()) -> Writing:
    """A draft between the county and today's board, with everything that most drafts have."""
    writing = begin(
        title,
        by=people["county"],
        bodies=bodies,
        prepared_by="Z0L1",
        with_partners=["Z0B1", *also],
        start=start,
        end=D(start.year + 3, 3, 31),
        places=["mereshire"],
        aims=f"{title}: people get what they need from one place. {ILLUSTRATIVE}",
        persons="People of Mereshire, of the ages that each scheme names.",
        improvement="One referral, one assessment and one budget in place of two of each.",
        review_on=[D(start.year + 1, 10, 1)],
    )
    writing.conditions(
        PreconditionKind.IMPROVEMENT,
        PreconditionKind.JOINT_CONSULTATION,
        on=D(2026, 1, 15),
        evidence="Joint consultation paper. " + ILLUSTRATIVE,
    )
    return writing


def with_endoscopy(bodies: Bodies, people: People) -> Agreement:
    """One scheme is unlawful: endoscopy may not be pooled."""
    writing = _draft("Mereshire planned care closer to home", people, bodies, start=D(2027, 4, 1))
    fund = writing.fund("Closer to home fund", host="Z0B1", manager="Deputy director of finance")
    both = [("nhs-s3", "Z0B1"), ("preventing-needs", "Z0L1")]
    writing.scheme("Falls prevention", fund=fund, lead="Z0L1", functions=both, client_group="People over 65.")
    writing.scheme(
        "Community diagnostics",
        fund=fund,
        lead="Z0B1",
        functions=[("nhs-s3", "Z0B1", ("endoscopy",)), ("preventing-needs", "Z0L1")],
        services="Blood tests, scans and endoscopy in two market towns.",
        client_group="Adults referred by their practice.",
    )
    return writing.agreement


def charging_alone(bodies: Bodies, people: People) -> Agreement:
    """Unlawful: charging is pooled without the service that is charged for."""
    writing = _draft("Mereshire care charging team", people, bodies, start=D(2027, 4, 1))
    fund = writing.fund("Charging team fund", host="Z0L1", manager="Head of income")
    writing.scheme(
        "Financial assessment",
        fund=fund,
        lead="Z0L1",
        functions=[("nhs-s3", "Z0B1"), ("charging-care-act", "Z0L1")],
        services="Assessing what people can pay, and collecting it.",
        client_group="People who pay towards their care.",
    )
    writing.clauses({ClauseKind.CHARGING: "Charges are set by the county each February and told to people in writing."})
    return writing.agreement


def trust_without_consent(bodies: Bodies, people: People) -> Agreement:
    """The community trust would contribute; its commissioner has not consented yet."""
    writing = _draft("Mereshire therapies", people, bodies, start=D(2027, 4, 1), also=("Z0T1",))
    fund = writing.fund("Therapies fund", host="Z0L1", manager="Head of therapies")
    writing.scheme(
        "Children’s therapies",
        fund=fund,
        lead="Z0B1",
        functions=[("nhs-s3", "Z0B1"), ("provide-services", "Z0T1"), ("education", "Z0L1")],
        services="Speech, language and occupational therapy in schools.",
        client_group="Children and young people up to 25.",
    )
    recording.record_trust_consent(
        agreement=writing.agreement,
        trust=bodies["Z0T1"],
        commissioner=bodies["Z0B1"],
        consented_on=None,
        evidence="Asked for. " + ILLUSTRATIVE,
        by=people["county"],
    )
    return writing.agreement


def approval_outstanding(bodies: Bodies, people: People) -> Agreement:
    """The county has approved; the board has not."""
    writing = _draft("Mereshire carers’ support", people, bodies, start=D(2027, 4, 1))
    fund = writing.fund(
        "Carers’ fund",
        host="Z0L1",
        manager="Head of carers’ services",
        limits=[
            LimitIn(bodies["Z0L1"], "Head of carers’ services", OfficerPower.COMMIT, Decimal("25000.00")),
            LimitIn(
                bodies["Z0L1"],
                "Director of adult social services",
                OfficerPower.VIRE,
                Decimal("100000.00"),
                deputies=(DeputyIn("Head of commissioning", D(2027, 4, 1), D(2027, 9, 30)),),
            ),
            LimitIn(bodies["Z0B1"], "Chief finance officer", OfficerPower.APPROVE, is_unlimited=True),
        ],
        information_shared="Spending and breaks taken, by district. " + ILLUSTRATIVE,
        information_every=SharedEvery.MONTH,
        information_days=10,
        monitoring_percent=Decimal("5.00"),
        instalments=Instalments.BY_HAND,
        instalment_shares=["04-15 40.00", "10-15 60.00"],
        no_budget=WithoutBudget.PROVISIONAL,
        no_budget_months=6,
        income_basis=IncomeBasis.GROSS,
    )
    writing.scheme(
        "Breaks for carers",
        fund=fund,
        lead="Z0L1",
        functions=[("nhs-s3a", "Z0B1"), ("meeting-needs", "Z0L1")],
        services="Breaks, advice and a telephone line.",
        client_group="Unpaid carers of adults.",
    )
    deed = open_deed(writing.agreement)
    record = record_of(writing.agreement)
    deeds.approve_deed(
        deed=deed,
        content_hash=content_hash(record, record.original),
        organisation=bodies["Z0L1"],
        by=people["approver"],
    )
    return writing.agreement


def operating_unsigned(bodies: Bodies, people: People) -> Agreement:
    """In operation since April, but not signed."""
    writing = _draft("Mereshire hospital discharge", people, bodies, start=D(2026, 4, 1))
    fund = writing.fund(
        "Discharge fund",
        host="Z0B1",
        manager="Deputy director of finance",
        instalments=Instalments.MONTHLY,
        no_budget=WithoutBudget.OUT_OF_POOL,
        no_budget_months=3,
    )
    writing.scheme(
        "Discharge to assess",
        fund=fund,
        lead="Z0B1",
        functions=[("nhs-s3", "Z0B1"), ("meeting-needs", "Z0L1")],
        services="Beds and care at home for up to four weeks.",
        client_group="Adults who are well enough to leave hospital.",
    )
    operation.start_operating(
        agreement=writing.agreement, since=D(2026, 4, 1), organisation=bodies["Z0L1"], by=people["county"]
    )
    return writing.agreement


def waiting_for_the_law(bodies: Bodies, people: People) -> Agreement:
    """Dental services may not be pooled; under a proposal of 2015 they could be."""
    writing = _draft("Mereshire mouth care for older people", people, bodies, start=D(2027, 4, 1), also=("X24",))
    fund = writing.fund("Mouth care fund", host="Z0L1", manager="Head of older people’s services")
    writing.scheme(
        "Dentists in care homes",
        fund=fund,
        lead="Z0L1",
        functions=[("primary-dental", "X24"), ("meeting-needs", "Z0L1")],
        services="A dentist’s visit to every care home twice a year, and help with teeth every day.",
        client_group="People who live in a care home.",
    )
    return writing.agreement


STORIES: tuple[Callable[[Bodies, People], Agreement], ...] = (
    integrated_arrangement,
    with_endoscopy,
    charging_alone,
    trust_without_consent,
    approval_outstanding,
    operating_unsigned,
    waiting_for_the_law,
)
