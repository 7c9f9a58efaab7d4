"""The money: funding streams, allocations, and every page that shows pounds."""
