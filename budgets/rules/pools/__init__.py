"""Rules about the money of pooled funds: pure functions over frozen values."""
