"""Layouts of files that organisations have saved: who sees them, how they change, and their pages and API.

What a layout says has the same shape as a publisher's profile file, and is read by the same reader.
"""
