"""Pages about people, their memberships, keys and accounts, and the audit trail."""
