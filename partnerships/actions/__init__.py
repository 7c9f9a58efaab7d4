"""Everything that changes an agreement, one module for each thing that people do with it."""
