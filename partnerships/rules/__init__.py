"""What may and may not be, judged by pure functions over frozen values; nothing here asks the database."""
