"""Faults done on purpose to a real worker between a real broker and a real database, and what came of them.

Each scenario is compared row by row and score by score with an offline scan of the same records, and repeated with
its protection taken away, which has to be noticed: a comparison that cannot fail proves nothing.
"""
