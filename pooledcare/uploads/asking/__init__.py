"""Asking a person how a file should be read: when it is asked, the answers, and their pages and API."""
