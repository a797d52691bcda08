"""The engine in motion: the Faust app, chunk transport, checkpoints, and the offline scan."""
