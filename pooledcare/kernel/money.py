"""Reading, dividing and formatting amounts in pounds. Every amount is a `Decimal`, never a float.

Other code imports from here; `pooledcare.kernel.amounts` has the rules for reading an amount.
"""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from pooledcare.kernel.amount_columns import AmountColumn, read_amounts
from pooledcare.kernel.amounts import (
    LARGEST,
    PENNY,
    Amount,
    as_text,
    millions,
    parse_amount,
    read_amount,
    thousands,
    to_the_penny,
)
from pooledcare.kernel.units import MILLION, THOUSAND

__all__ = [
    "LARGEST",
    "MILLION",
    "PENNY",
    "THOUSAND",
    "Amount",
    "AmountColumn",
    "as_text",
    "millions",
    "parse_amount",
    "pounds",
    "pounds_short",
    "read_amount",
    "read_amounts",
    "split",
    "thousands",
    "to_the_penny",
]

BILLION = Decimal(1_000_000_000)


def split(amount: Decimal, weights: Sequence[Decimal | int]) -> list[Decimal]:
    """Divide an amount in proportion to weights, to the penny. The parts always sum to the amount.

    Left-over pennies go to the parts with the largest remainders, the earlier first if equal (largest remainder
    method). Raises ValueError for parts of a penny, negative weights, or weights that are all 0.

    >>> split(Decimal("100.00"), [1, 1, 1])
    [Decimal('33.34'), Decimal('33.33'), Decimal('33.33')]
    """
    shares = [Fraction(weight) for weight in weights]
    if any(share < 0 for share in shares) or not sum(shares):
        raise ValueError("Weights must be zero or more, and at least one more than zero.")
    if to_the_penny(amount) != amount:
        raise ValueError("Only an amount in whole pennies can be split.")
    pence = abs(int(amount * 100))
    exact = [pence * share / sum(shares) for share in shares]
    parts = [int(share) for share in exact]
    largest_remainder_first = sorted(range(len(parts)), key=lambda i: parts[i] - exact[i])
    for i in largest_remainder_first[: pence - sum(parts)]:
        parts[i] += 1
    sign = int(Decimal(1).copy_sign(amount))
    return [Decimal(sign * part) * PENNY for part in parts]


def pounds(amount: Decimal) -> str:
    """
    >>> pounds(Decimal("1234.5")), pounds(Decimal("-1234.56"))
    ('£1,234.50', '−£1,234.56')
    """
    return _signed(amount, f"{abs(to_the_penny(amount)):,}")


def pounds_short(amount: Decimal) -> str:
    """A rounded amount for headings that have the exact amount nearby. Rounds half-even.

    >>> pounds_short(Decimal("1055946000")), pounds_short(Decimal("5125654.30")), pounds_short(Decimal("950.40"))
    ('£1.06 billion', '£5.1 million', '£950')
    """
    size = abs(amount)
    in_billions = round(size / BILLION, 2)
    in_millions = round(size / MILLION, 1)
    if in_millions >= 1_000:
        return _signed(amount, f"{in_billions:,} billion")
    whole = round(size)
    if whole >= 1_000_000:
        return _signed(amount, f"{in_millions} million")
    return _signed(Decimal(whole).copy_sign(amount), f"{whole:,}")


def _signed(amount: Decimal, text: str) -> str:
    """The text with a minus sign (U+2212) in front if the amount is negative."""
    return f"−£{text}" if to_the_penny(amount) < 0 else f"£{text}"
