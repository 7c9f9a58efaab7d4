"""The tables that pages show: columns and cells, without markup."""
