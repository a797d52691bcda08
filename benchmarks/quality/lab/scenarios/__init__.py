"""What is played, a file a kind."""
