"""A small hospital of network namespaces, in which real tools make captures of attacks and of honest work."""
