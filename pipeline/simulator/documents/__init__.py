"""Documents: one function an event model, fields in the model's order. Benign and hostile events share them."""
