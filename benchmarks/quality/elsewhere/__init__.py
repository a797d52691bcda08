"""A second hospital, made in another way than `pipeline.simulator` and told as another record system would export it.

It shares no code and no habit with the simulator: what is tuned on the one is tried on the other. See `__main__`.
"""
