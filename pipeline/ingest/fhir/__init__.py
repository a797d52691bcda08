"""FHIR resources, as JSON, to event fields (DSTU2 to R5 spellings)."""
