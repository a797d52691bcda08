"""Packet captures told in the words of Zeek's logs: connections, names asked for, requests, handshakes, leases."""
