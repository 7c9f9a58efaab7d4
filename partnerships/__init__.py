"""Who pools with whom, under what law, and whose interests conflict."""
