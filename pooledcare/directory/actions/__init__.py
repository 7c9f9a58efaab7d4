"""Actions on invitations, members, API keys, and a person's own account: one module for each."""
