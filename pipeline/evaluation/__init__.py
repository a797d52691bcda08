"""How well a model finds what labels say, measured prequentially: each row scored before it is learned."""
