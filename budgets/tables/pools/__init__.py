"""Tables about the money of pooled funds."""
