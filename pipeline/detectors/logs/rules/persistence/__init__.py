"""What stays: what starts by itself (`starts`), settings (`registry`), accounts and the directory (`accounts`)."""
