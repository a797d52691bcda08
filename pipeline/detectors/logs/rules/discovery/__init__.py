"""Somebody looks around: on a machine (`looking_around`), from another one (`from_afar`)."""
