"""What analysts and time teach: verdicts, drift, candidates."""
