"""Queries about money, one module for each question. Everything that shows figures starts from `visibility`."""
