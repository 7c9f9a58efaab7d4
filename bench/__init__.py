"""The benchmarks, each beside its peer in one run. Not part of the site."""
