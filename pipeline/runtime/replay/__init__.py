"""A part of the log scored again, beside production."""
