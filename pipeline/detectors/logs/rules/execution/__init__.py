"""Code is run: by known ways (`launches`), under parents that start no such thing (`odd_children`)."""
