"""Quality of what wardwatch detects, measured beside its peers: one command, named parts, a table and plots."""
