"""A Windows-like domain of Samba servers in a laboratory, worked in and attacked with real tools."""
