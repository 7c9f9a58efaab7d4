"""Reads that answer one question each."""
