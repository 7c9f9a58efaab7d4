"""Queries on the directory, one module for each subject."""
