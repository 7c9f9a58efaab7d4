"""The vocabulary of what a deed says about the money of a fund or a scheme."""

from __future__ import annotations

from django.db.models import TextChoices

MOST_WORKING_DAYS = 120  # after the end of a period
MOST_MONTHS_WITHOUT_BUDGET = 24


class SharedEvery(TextChoices):
    MONTH = "month", "Every month"
    QUARTER = "quarter", "Every quarter"
    HALF_YEAR = "half_year", "Every half year"
    YEAR = "year", "Every year"


class VarianceThatApplies(TextChoices):
    """Which variance counts if a deed gives one as a percentage and one in pounds."""

    SMALLER = "smaller", "The smaller of the two"
    LARGER = "larger", "The larger of the two"


class Instalments(TextChoices):
    EQUAL = "equal", "Equal instalments"
    MONTHLY = "monthly", "Monthly twelfths"
    QUARTERLY_ARREARS = "quarterly_arrears", "Quarterly in arrears"
    QUARTERLY_ADVANCE = "quarterly_advance", "Quarterly in advance"
    BY_HAND = "by_hand", "On given days, with their shares"


class WithoutBudget(TextChoices):
    """What happens if the partners have agreed no budget by the first day of the year."""

    LAST_YEAR = "last_year", "Last year’s basis applies until a budget is agreed"
    PROVISIONAL = "provisional", "A provisional budget applies until a budget is agreed"
    OUT_OF_POOL = "out_of_pool", "Out of the pool after a number of months"


class IncomeBasis(TextChoices):
    """Whether contributions are stated before or after what people pay towards their care is deducted."""

    GROSS = "gross", "Gross, before client income is deducted"
    NET = "net", "Net, after client income is deducted"


class OfficerPower(TextChoices):
    """What an officer may do with the money of a fund, up to a limit."""

    COMMIT = "commit", "Commit: enter into spending"
    APPROVE = "approve", "Approve: agree to a payment"
    VIRE = "vire", "Vire: move budget between schemes"
