"""Reads of money, one file per question. Everything that shows figures starts from `visibility`."""
