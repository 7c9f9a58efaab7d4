"""Every change to an agreement, one module for each kind of task."""
