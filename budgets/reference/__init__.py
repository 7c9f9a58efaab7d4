"""Published figures as canonical files, each with the sheet, row, cell and text from which it was compiled."""
