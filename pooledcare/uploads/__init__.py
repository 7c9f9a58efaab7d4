"""Uploads of files: receiving, reading, checking, previewing, accepting and reversing them.

Other apps declare what a file can contain as kinds of upload (see `kinds`).
"""
