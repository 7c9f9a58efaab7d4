"""The benchmarks, each compared with a peer in the same run. Not part of the site."""
