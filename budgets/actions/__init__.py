"""Every change to money, one module for each kind of record."""
