"""The state of a partition and the offset it belongs to, kept: see infra/decisions/005."""
