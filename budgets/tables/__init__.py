"""Tables for people, made from query rows by pure functions; one module per page. Pages, CSV and Excel use the same."""
