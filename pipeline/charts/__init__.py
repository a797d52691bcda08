"""Why a chart was opened: relations of care per patient, what is usual among those who work here, and waiting."""
