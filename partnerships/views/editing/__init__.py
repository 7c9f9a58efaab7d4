"""Pages that change agreements: drafting, decisions and records. One module for each kind of thing."""
