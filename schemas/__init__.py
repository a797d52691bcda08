"""The wire: what moves through topics and lands in tables. Everything else in wardwatch may import this room."""
