"""Passwords, hashes, keys and tickets: taken from a machine (`secrets`), from the directory (`directory`)."""
