"""The hospital itself: people, machines, patients and their care, drawn once from the seed."""
