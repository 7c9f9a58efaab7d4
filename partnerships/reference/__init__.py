"""The law and its parameters as tables, each row with its provision and how we know it."""
