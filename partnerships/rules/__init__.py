"""The rules, as pure functions over frozen values. Nothing here uses the database."""
