"""Documents of an agreement: which files are accepted, virus scans, and the committee paper that PooledCare writes."""
