"""One file a command, named as it is called; its `run` is the click command, found by scanning the room."""
