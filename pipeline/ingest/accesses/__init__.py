"""Accesses to records as tables."""
