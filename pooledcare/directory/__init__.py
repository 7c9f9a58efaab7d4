"""Organisations, places, people, API keys and the audit trail; and what each person or key may do."""
