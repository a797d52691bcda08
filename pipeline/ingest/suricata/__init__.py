"""Records of Suricata."""
