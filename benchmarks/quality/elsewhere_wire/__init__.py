"""A community hospital's network as its sensors tell it, which shares no code and no habit with `pipeline.simulator`.

`elsewhere` is the same for records. What is tuned on the one is tried on the other. See `__main__`.
"""
