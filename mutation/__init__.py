"""Puts single faults into the code and sees whether a test notices: `make mutate`, docs/testing.md."""
