"""What every change of an agreement is made of: locking it, writing a draft, finishing the change. Used by actions."""
