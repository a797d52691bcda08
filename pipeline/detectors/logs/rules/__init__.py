"""Rules about single events of a host, a family a module or package; `host_rule_set` compiles them together.

After the public knowledge of ATT&CK, LOLBAS and Microsoft's documentation of events, in our own words. They speak of
behaviour (who reads the logon service's memory, what a service starts), never of one tool's file hash or address.
"""
