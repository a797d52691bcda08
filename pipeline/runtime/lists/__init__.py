"""What the user gives: lists, feeds, rules, models and the inventory, read and kept current."""
