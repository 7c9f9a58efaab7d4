"""Steps that actions on agreements share: locking, writing a draft, and finishing a change."""
