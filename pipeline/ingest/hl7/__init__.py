"""HL7 version 2 messages to clinical context: cut, taken apart, and mapped segment by segment."""
