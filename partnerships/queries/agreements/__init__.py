"""Queries about agreements, one module for each subject."""
