"""Read-only queries, one question each."""
