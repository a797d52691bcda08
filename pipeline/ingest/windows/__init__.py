"""Windows and Sysmon events, however they were exported."""
