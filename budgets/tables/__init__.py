"""Query rows as tables that people read: pure functions, one file per page. Page, CSV and Excel print the same rows."""
