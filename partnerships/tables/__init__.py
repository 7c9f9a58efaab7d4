"""What pages show as tables, by noun."""
