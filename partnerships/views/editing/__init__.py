"""The pages on which agreements are written, decided on and recorded: one module a noun."""
