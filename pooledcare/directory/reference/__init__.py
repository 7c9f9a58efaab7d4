"""Our reference tables (CSV files of published facts), and the programs that compile them from published files."""
