"""Changes to people and what they may do, by noun: invitations, members, keys, and a person's own account."""
