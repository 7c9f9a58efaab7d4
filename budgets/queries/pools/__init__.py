"""Reading the money of pooled funds. Only the partners of the agreement, and their successors, may."""
