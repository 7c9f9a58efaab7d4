"""Questions about agreements, one module each."""
