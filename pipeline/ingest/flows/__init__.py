"""Flows as other tools export them."""
