"""Incidents → actions: playbooks, gates, approvals, and effects that are done once."""
