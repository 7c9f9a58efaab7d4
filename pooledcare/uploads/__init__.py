"""The one door for files."""
