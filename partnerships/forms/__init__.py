"""What people ask and enter, by noun: shape only."""
