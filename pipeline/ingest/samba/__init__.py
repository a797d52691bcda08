"""Samba's own records: log-ons and changes of its directory, and what was done on its shares."""
