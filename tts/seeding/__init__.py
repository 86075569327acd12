"""Made-up tenants and history, to look at and to measure with."""
