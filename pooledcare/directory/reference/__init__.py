"""Our own tables of public facts, and the programs that compile them from the published lists."""
