"""What actions on money are made of."""
