"""Published figures as canonical files. Each row says from which sheet, row, cell and text it was compiled."""
