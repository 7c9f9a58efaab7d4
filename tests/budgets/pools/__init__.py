"""Tests of the money of pooled funds."""
