"""What is done to a cloud or its directory, by its own records: `amazon`, `microsoft`, `exchange`, `others`."""
