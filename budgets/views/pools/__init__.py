"""Pages about the money of pooled funds."""
