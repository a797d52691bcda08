"""Labelled tables of any origin: read, their columns recognised, their labels understood. Nothing here is learned."""
