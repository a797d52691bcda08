"""One file a command, named as it is called; its function `run` is the command, found by scanning the room."""
