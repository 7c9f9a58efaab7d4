"""The ledger of a fund: the worked year to the penny, and what the database refuses on every road."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from budgets.actions.ledger import carry_forward, post_journal, reverse_journal
from budgets.actions.periods import archive_period, ask_to_reopen, lock_period, reopen_period, start_closing
from budgets.actions.pool_years import open_year
from budgets.models import Entry, Journal, Period, PeriodStatus, PlanLine, PoolTotal
from budgets.queries.pools import ledger as queries
from budgets.rules.pools.ledger import EntryIn, balance_problems, day_in, period_of, simple_entries
from budgets.terms import Account, JournalKind, PeriodState
from partnerships.models import Agreement, Scheme
from pooledcare.directory.models import AuditEvent, Change
from pooledcare.kernel.actions import constraint_name
from pooledcare.kernel.periods import FinancialYear, Month
from pooledcare.kernel.problems import Refused

D, K, A = dt.date, JournalKind, Account
YEAR = FinancialYear(2024)
pytestmark = pytest.mark.django_db


def pounds(text: str) -> Decimal:
    return Decimal(text.replace(",", ""))


@pytest.fixture
def officer(world):
    return world.council.having("finance_officer")


@pytest.fixture
def approver(world):
    return world.icb.having("finance_approver")


@pytest.fixture
def year(world):
    return open_year(pool=world.agreed.pools.get(), year=YEAR, by=world.icb.prepares)


@pytest.fixture
def post(year, officer, world):
    """Posts a journal of a simple kind by the council's finance officer."""
    schemes = {"S1": world.agreed.schemes.get(), "S2": Scheme.objects.create(agreement=world.agreed, slug="s2")}
    bodies = {"council": world.council.organisation, "board": world.icb.organisation}

    def posted(kind, amount, on, *, partner="", scheme="", **rest):
        entries = simple_entries(
            kind,
            pounds(amount),
            partner_id=bodies[partner].pk if partner else None,
            scheme_id=schemes[scheme].pk if scheme else None,
        )
        return post_journal(
            pool_year=rest.pop("pool_year", year), kind=kind, on=on, entries=entries, by=officer, **rest
        )

    posted.schemes, posted.bodies = schemes, bodies
    return posted


def worked_year(post) -> None:
    """The worked year of the design: council and board, four instalments, two schemes, an accrual."""
    for on in (D(2024, 4, 1), D(2024, 7, 1), D(2024, 10, 1), D(2025, 1, 1)):
        post(K.CONTRIBUTION_DUE, "300,000.00", on, partner="council")
        post(K.CONTRIBUTION_DUE, "450,000.00", on, partner="board")
        post(K.CONTRIBUTION_RECEIVED, "300,000.00", on, partner="council")
        post(K.CONTRIBUTION_RECEIVED, "450,000.00" if on.year == 2024 else "400,000.00", on, partner="board")
    post(K.INVOICE, "1,452,300.10", D(2024, 9, 30), scheme="S1")
    post(K.PAYMENT, "1,440,000.00", D(2024, 10, 31))
    post(K.PARTNER_PAID, "1,610,000.00", D(2024, 11, 30), scheme="S2", partner="board")
    post(K.REIMBURSEMENT, "1,500,000.00", D(2024, 12, 31), partner="board")
    post(K.INCOME, "40,000.00", D(2025, 1, 31), scheme="S1")
    post(K.ACCRUAL, "25,000.00", D(2025, 3, 31), scheme="S2")
    post(K.INVOICE, "3,199.91", D(2025, 3, 31), scheme="S2")  # irrecoverable VAT


def close(year, number, officer):
    period = Period.objects.get(pool_year=year, number=number)
    return lock_period(period=start_closing(period=period, by=officer), by=officer)


class TestWorkedYear:
    def test_every_balance_is_that_of_the_design(self, year, post):
        worked_year(post)
        council, board = (post.bodies[name].pk for name in ("council", "board"))
        found = queries.position_of(year)
        assert found.cash == pounds("50,000.00")
        assert found.receivable == {board: pounds("50,000.00")}
        assert found.payables == pounds("15,500.01")
        assert found.accruals == pounds("25,000.00")
        assert found.owed_to == {board: pounds("110,000.00")}
        assert found.contributed == pounds("3,000,000.00")
        assert found.client_income == pounds("40,000.00")
        assert found.spent == pounds("3,090,500.01")
        assert found.income == pounds("3,040,000.00")
        assert found.variance == pounds("50,500.01")
        sums = {(account, partner): amount for account, partner, amount in queries.sums(year)}
        assert sums[A.CONTRIBUTIONS, council] == pounds("-1,200,000.00")
        assert sums[A.CONTRIBUTIONS, board] == pounds("-1,800,000.00")
        assert sum(sums.values()) == 0

    def test_expenditure_by_scheme_counts_what_the_board_paid_once(self, year, post):
        worked_year(post)
        assert queries.spent_by_scheme(year) == {
            post.schemes["S1"].pk: (pounds("1,452,300.10"), pounds("40,000.00")),
            post.schemes["S2"].pk: (pounds("1,638,199.91"), pounds("0.00")),
        }

    def test_the_next_year_opens_with_the_closing_balances_and_reverses_the_accrual(
        self, year, post, officer, approver, world
    ):
        worked_year(post)
        following = open_year(pool=year.pool, year=FinancialYear(2025), by=world.icb.prepares)
        with pytest.raises(Refused, match="2024-25 has periods that are not locked"):
            carry_forward(pool_year=year, by=approver)
        for number in range(1, 14):
            close(year, number, officer)
        before = queries.position_of(year)
        carry_forward(pool_year=year, by=approver)
        found = queries.position_of(following)
        assert (found.cash, found.payables, found.accruals) == (before.cash, before.payables, pounds("0.00"))
        assert (found.receivable, found.owed_to) == (before.receivable, before.owed_to)
        assert found.brought_forward == -before.variance
        assert found.spent == pounds("-25,000.00")
        assert queries.spent_by_scheme(following) == {post.schemes["S2"].pk: (pounds("-25,000.00"), pounds("0.00"))}
        with pytest.raises(Refused, match="This row is already posted"):
            carry_forward(pool_year=year, by=approver)

    def test_an_invoice_below_its_accrual_leaves_the_difference(self, year, post):
        post(K.ACCRUAL, "25,000.00", D(2024, 4, 30), scheme="S2")
        post(K.INVOICE, "24,000.00", D(2024, 5, 20), scheme="S2")
        may = PoolTotal.objects.get(period__number=5 - 3, account=A.EXPENDITURE)
        assert may.amount == pounds("-1,000.00")
        reversal = Journal.objects.get(kind=K.ACCRUAL_REVERSED)
        assert reversal.on == D(2024, 5, 1)
        assert reversal.reason == f"JN-{reversal.pk - 1}, the accrual of April 2024, reverses itself"

    def test_totals_are_the_sums_of_their_entries(self, post, year):
        worked_year(post)
        assert queries.different_totals() == 0
        call_command("check_totals")
        PoolTotal.objects.filter(account=A.CASH, period__number=1).update(amount=1)
        with pytest.raises(CommandError, match="1 totals of funds differ from the sums of their entries"):
            call_command("check_totals")


class TestPosting:
    def test_it_leaves_an_audit_line_and_a_change_for_the_partners(self, post, world):
        made = post(K.INVOICE, "10.00", D(2024, 4, 1), scheme="S1")
        where = f"({world.agreed.reference}, fund {made.pool_year.pool.slug}, 2024-25)"
        assert AuditEvent.objects.latest("pk").sentence == f"{made.reference} was posted to April 2024 {where}."
        change = Change.objects.latest("pk")
        fund = f"{world.agreed.reference}/{made.pool_year.pool.slug}"
        assert (change.resource, change.reference, change.event, change.public) == ("pools", fund, "posted", False)

    @pytest.mark.parametrize(
        ("amounts", "code"),
        [
            (["10.00"], "TOO_FEW_ENTRIES"),
            (["10.00", "-9.99"], "NOT_BALANCED"),
            (["10.00", "-10.00", "0.00"], "ENTRY_AMOUNT"),
            (["10.001", "-10.001"], "ENTRY_AMOUNT"),
            (["10.00", "-4.00", "-6.00"], ""),
        ],
    )
    def test_entries_balance_to_the_penny(self, amounts, code):
        found = balance_problems([EntryIn(A.CASH, Decimal(amount)) for amount in amounts])
        assert [each.code for each in found] == ([code] if code else [])

    @pytest.mark.parametrize("on", [D(2024, 3, 31), D(2025, 4, 1)])
    def test_a_day_outside_the_year_is_refused(self, post, on):
        with pytest.raises(Refused, match="does not lie in 2024-25"):
            post(K.INVOICE, "10.00", on, scheme="S1")

    @pytest.mark.parametrize(
        ("on", "number"), [(D(2024, 4, 1), 1), (D(2024, 4, 30), 1), (D(2024, 5, 1), 2), (D(2025, 3, 31), 12)]
    )
    def test_the_day_decides_the_period(self, post, on, number):
        assert post(K.INVOICE, "10.00", on, scheme="S1").period.number == number

    def test_an_adjustment_is_shown_apart_from_march(self, post, year):
        post(K.INVOICE, "100.00", D(2025, 3, 31), scheme="S1")
        post(K.INVOICE, "-10.00", D(2025, 3, 31), scheme="S1", period=13)
        by_period = dict(PoolTotal.objects.filter(account=A.EXPENDITURE).values_list("period__number", "amount"))
        assert by_period == {12: pounds("100.00"), 13: pounds("-10.00")}
        assert queries.position_of(year).spent == pounds("90.00")

    def test_a_row_is_posted_once(self, post):
        post(K.INVOICE, "100.00", D(2024, 4, 1), scheme="S1", source_key="K")
        with pytest.raises(Refused, match="This row is already posted"):  # journal_source_once
            post(K.INVOICE, "120.00", D(2024, 4, 1), scheme="S1", source_key="K")
        assert Journal.objects.count() == 1

    @pytest.mark.parametrize(
        ("kind", "missing"), [(K.INVOICE, "scheme"), (K.CONTRIBUTION_DUE, "partner"), (K.PARTNER_PAID, "partner")]
    )
    def test_what_a_kind_needs_is_asked(self, kind, missing):
        with pytest.raises(Refused, match=f"Select the {missing}"):
            simple_entries(kind, Decimal(1), scheme_id=1 if missing == "partner" else None)

    def test_only_partners_who_record_money_post(self, year, world):
        entries = simple_entries(K.PAYMENT, Decimal(1))
        for who in (world.outsider.having("finance_officer"), world.icb.having("viewer"), world.icb.having("auditor")):
            with pytest.raises(PermissionDenied):
                post_journal(pool_year=year, kind=K.PAYMENT, on=D(2024, 4, 1), entries=entries, by=who)


class TestReversing:
    def test_it_is_the_exact_opposite_and_happens_once(self, post, officer, year):
        made = post(K.PARTNER_PAID, "10.00", D(2024, 4, 1), scheme="S1", partner="board")
        reversal = reverse_journal(journal=made, reason="Entered twice", on=D(2024, 4, 30), by=officer)
        assert set(PoolTotal.objects.values_list("amount", flat=True)) == {Decimal("0.00")}
        assert (reversal.reverses, reversal.reason) == (made, "Entered twice")
        with pytest.raises(Refused, match="This journal is already reversed"):  # journal_reversed_once
            reverse_journal(journal=made, reason="Again", on=D(2024, 4, 30), by=officer)
        with pytest.raises(Refused, match=f"{reversal.reference} is a reversal"):
            reverse_journal(journal=reversal, reason="Back", on=D(2024, 4, 30), by=officer)

    def test_it_needs_a_reason(self, post, officer):
        made = post(K.PAYMENT, "10.00", D(2024, 4, 1))
        with pytest.raises(Refused, match="Enter why it is reversed"):
            reverse_journal(journal=made, reason=" ", on=D(2024, 4, 1), by=officer)

    def test_of_a_locked_month_it_stands_in_the_next(self, post, officer, year):
        made = post(K.PAYMENT, "10.00", D(2024, 4, 1))
        close(year, 1, officer)
        before = Period.objects.get(pool_year=year, number=1).figures_hash
        reversal = reverse_journal(journal=made, reason="Wrong", on=D(2024, 4, 2), by=officer)
        assert (reversal.period.number, reversal.on) == (2, D(2024, 5, 1))
        assert reversal.reason == "Wrong. April 2024 is locked, so this is in May 2024; its day is 2 April 2024"
        assert queries.figures_hash(Period.objects.get(pool_year=year, number=1)) == before


class TestPeriods:
    @pytest.mark.parametrize(
        ("locked", "number", "said"),
        [
            ([], 3, ""),
            ([1, 2], 3, ""),
            ([3], 4, "June 2024 is locked, so this is in July 2024"),
            (range(3, 13), 13, "June 2024 is locked, so this is in Adjustments 2024-25"),
            (range(1, 14), 0, ""),
        ],
    )
    def test_a_late_item_goes_to_the_next_period_that_is_not_locked(self, locked, number, said):
        assert period_of(Month(YEAR, 3), locked) == (number, said)

    def test_the_day_of_a_late_item_lies_in_its_period(self):
        assert day_in(Month(YEAR, 2), D(2024, 4, 20)) == D(2024, 5, 1)
        assert day_in(Month(YEAR, 2), D(2024, 5, 31)) == D(2024, 5, 31)
        assert day_in(Month(YEAR, 13), D(2025, 2, 1)) == D(2025, 3, 31)
        assert day_in(Month(YEAR, 13), D(2025, 3, 1)) == D(2025, 3, 1)

    def test_months_are_locked_in_order_by_finance(self, year, officer, world):
        second = start_closing(period=Period.objects.get(pool_year=year, number=2), by=officer)
        with pytest.raises(Refused, match="April 2024 is not locked yet"):
            lock_period(period=second, by=officer)
        with pytest.raises(PermissionDenied):
            start_closing(period=Period.objects.get(pool_year=year, number=1), by=world.council.prepares)
        assert close(year, 1, officer).state == PeriodState.LOCKED

    def test_while_a_month_is_closing_only_finance_posts(self, year, officer, world):
        start_closing(period=Period.objects.get(pool_year=year, number=1), by=officer)
        given = {"pool_year": year, "kind": K.PAYMENT, "on": D(2024, 4, 1)}
        entries = simple_entries(K.PAYMENT, Decimal(1))
        with pytest.raises(Refused, match="April 2024 is being closed"):
            post_journal(entries=entries, by=world.council.prepares, **given)
        assert post_journal(entries=entries, by=officer, **given).period.number == 1

    def test_reopening_needs_a_reason_and_a_second_person_and_relocks(self, year, officer, approver, post, world):
        post(K.PAYMENT, "10.00", D(2024, 4, 1))
        first = close(year, 1, officer)
        close(year, 2, officer)
        with pytest.raises(Refused, match="Nobody has asked to reopen April 2024"):
            reopen_period(period=first, by=approver)
        with pytest.raises(Refused, match="Enter why it is to be reopened"):
            ask_to_reopen(period=first, reason="", by=officer)
        both = world.icb.having("finance_approver")
        ask_to_reopen(period=first, reason="A late invoice", by=both)
        with pytest.raises(Refused, match="Somebody has asked already"):
            ask_to_reopen(period=first, reason="Again", by=officer)
        with pytest.raises(Refused, match="The person who asked cannot decide"):
            reopen_period(period=first, by=both)
        reopen_period(period=first, by=world.council.having("finance_approver"))
        states = dict(Period.objects.filter(pool_year=year, number__lte=3).values_list("number", "state"))
        assert states == {1: PeriodState.CLOSING, 2: PeriodState.CLOSING, 3: PeriodState.OPEN}
        post(K.PAYMENT, "5.00", D(2024, 4, 2))
        assert lock_period(period=first, by=officer).figures_hash != first.figures_hash
        reasons = list(PeriodStatus.objects.filter(period=first).values_list("state", "reason"))
        assert reasons[-2:] == [("closing", "A late invoice"), ("locked", "")]

    def test_an_archived_month_is_never_reopened(self, year, officer, approver):
        first = archive_period(period=close(year, 1, officer), by=approver)
        with pytest.raises(Refused, match="April 2024 is archived"):
            ask_to_reopen(period=first, reason="Late", by=officer)

    @pytest.mark.parametrize(
        ("today", "missing"),
        [
            (D(2024, 4, 30), {}),
            (D(2024, 5, 1), {1: "Board"}),
            (D(2024, 5, 31), {1: "Board"}),
            (D(2024, 6, 1), {1: "Board", 2: "Board and Council"}),
        ],
    )
    def test_who_has_posted_nothing_has_not_supplied(self, year, post, world, today, missing):
        post(K.ACCRUAL, "10.00", D(2024, 4, 1), scheme="S1")  # its reversal in May is not by a partner
        partners = {world.icb.organisation.pk: "Board", world.council.organisation.pk: "Council"}
        assert queries.not_supplied(year, partners, today=today) == missing


class TestTheDatabase:
    """What raw SQL as the application's role is refused."""

    @pytest.fixture
    def journal(self, year, world):
        """The values of a right journal."""
        return {
            "pool_year": year,
            "period": Period.objects.get(pool_year=year, number=1),
            "kind": K.PAYMENT,
            "on": D(2024, 4, 1),
            "organisation": world.icb.organisation,
            "actor": "user:1",
        }

    def refused(self, name, *steps):
        with pytest.raises(IntegrityError) as error, transaction.atomic():
            for step in steps:
                step()
            with connection.cursor() as cursor:
                cursor.execute("set constraints all immediate")
        assert constraint_name(error.value) == name

    def entries(self, journal, *amounts, account=A.CASH):
        return lambda: Entry.objects.bulk_create(
            [Entry(journal=journal, account=account, amount=Decimal(amount)) for amount in amounts]
        )

    def whole(self, values, *amounts):
        made = Journal.objects.create(**values)
        self.entries(made, *(amounts or ("5.00", "-5.00")))()
        return made

    def test_a_journal_balances(self, journal):
        self.refused("journal_balances", lambda: self.whole(journal, "5.00", "-4.99"))

    def test_entries_belong_to_the_fund_and_its_year(self, journal, world):
        other = Scheme.objects.create(agreement=world.drafted, slug="other")
        year = open_year(pool=journal["pool_year"].pool, year=FinancialYear(2025), by=world.icb.prepares)
        line = {"scheme": world.agreed.schemes.get(), "source": world.icb.organisation, "nhs_share": 50}
        for wrong in ({"scheme": other}, {"plan_line": PlanLine.objects.create(pool_year=year, number=1, **line)}):
            made = {"amount": Decimal(5), "account": A.CASH}

            def post(wrong=wrong, made=made):
                posted = Journal.objects.create(**journal)
                entries = [Entry(journal=posted, **made, **wrong), Entry(journal=posted, amount=-5, account=A.CASH)]
                Entry.objects.bulk_create(entries)

            self.refused("entry_of_its_fund", post)

    def test_a_journal_has_entries(self, journal):
        self.refused("journal_has_entries", lambda: Journal.objects.create(**journal))

    def test_an_entry_is_not_zero(self, journal):
        self.refused("entry_not_zero", lambda: self.whole(journal, "0.00", "0.00"))

    def test_entries_are_written_at_once(self, journal):
        made = self.whole(journal)
        self.refused("journal_is_whole", self.entries(made, "1.00", "-1.00"))

    @pytest.mark.django_db(transaction=True)
    def test_entries_are_not_added_in_another_transaction(self, journal):
        with transaction.atomic():
            made = self.whole(journal)
        self.refused("journal_is_whole", self.entries(made, "1.00", "-1.00"))

    @pytest.mark.parametrize(
        ("number", "on", "refused"),
        [
            (1, D(2024, 3, 31), True),
            (1, D(2024, 4, 30), False),
            (1, D(2024, 5, 1), True),
            (12, D(2025, 3, 31), False),
            (12, D(2025, 4, 1), True),
            (13, D(2025, 3, 1), False),
            (13, D(2025, 2, 28), True),
        ],
    )
    def test_the_day_lies_in_the_period(self, journal, number, on, refused):
        journal |= {"on": on, "period": Period.objects.get(pool_year=journal["pool_year"], number=number)}
        if refused:
            self.refused("journal_day_in_period", lambda: self.whole(journal))
        else:
            assert self.whole(journal).pk

    @pytest.mark.parametrize("state", ["open", "closing", "locked", "archived"])
    def test_nothing_is_posted_to_a_locked_period(self, journal, state):
        Period.objects.filter(pk=journal["period"].pk).update(state=state)
        if state in ("locked", "archived"):
            self.refused("journal_period_open", lambda: self.whole(journal))
        else:
            assert self.whole(journal).pk

    def test_the_period_is_one_of_the_same_year(self, journal, world):
        other = open_year(pool=journal["pool_year"].pool, year=FinancialYear(2025), by=world.icb.prepares)
        journal |= {"pool_year": other}
        self.refused("journal_period_open", lambda: self.whole(journal))

    @pytest.mark.parametrize(
        ("since", "ended", "refused"),
        [
            (D(2024, 4, 1), None, False),
            (D(2024, 4, 2), None, True),
            (None, None, True),
            (D(2024, 3, 1), D(2024, 3, 31), True),
            (D(2024, 3, 1), D(2024, 4, 1), False),
        ],
    )
    def test_the_agreement_is_in_operation_on_the_day(self, journal, since, ended, refused):
        state = "ended" if ended else "in_operation"
        Agreement.objects.filter(pools__years=journal["pool_year"]).update(
            operating_since=since, ended_on=ended, state=state
        )
        if refused:
            self.refused("journal_within_term", lambda: self.whole(journal))
        else:
            assert self.whole(journal).pk

    def test_a_reversal_is_the_exact_opposite(self, journal):
        made = self.whole(journal)
        for amounts in (("4.00", "-4.00"), ("-5.00", "5.00", "-1.00", "1.00"), ("-5.00", "4.00", "1.00")):
            wrong = {**journal, "reverses": made}
            self.refused("journal_mirrors", lambda values=wrong, said=amounts: self.whole(values, *said))
        reversal = self.whole({**journal, "reverses": made}, "-5.00", "5.00")
        self.refused("journal_mirrors", lambda: self.whole({**journal, "reverses": reversal}))

    @pytest.mark.parametrize(
        ("table", "name"),
        [
            ("budgets_journal", "journal_append_only"),
            ("budgets_entry", "entry_append_only"),
            ("budgets_periodstatus", "period_status_append_only"),
        ],
    )
    @pytest.mark.parametrize("statement", ["update {} set id = id", "delete from {}"])
    def test_history_is_written_once(self, journal, officer, table, name, statement):
        self.whole(journal)
        start_closing(period=journal["period"], by=officer)
        with connection.cursor() as cursor:
            self.refused(name, lambda: cursor.execute(statement.format(table)))

    def test_a_year_has_its_periods_once(self, year):
        self.refused("period_once", lambda: Period.objects.create(pool_year=year, number=1))
        self.refused("period_number_plausible", lambda: Period.objects.create(pool_year=year, number=14))

    def test_a_total_stands_once(self, year):
        period = Period.objects.get(pool_year=year, number=1)
        values = {"pool_year": year, "period": period, "account": A.CASH, "amount": 1, "entries": 1}
        PoolTotal.objects.create(**values)
        self.refused("pool_total_once", lambda: PoolTotal.objects.create(**values))
