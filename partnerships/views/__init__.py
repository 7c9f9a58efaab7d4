"""The pages of partnerships, by noun."""
