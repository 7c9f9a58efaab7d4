"""Rules of figures, as pure functions: comparing holders, and the sentence and cards with which a page begins."""
