"""预警: what a rule, chance, a cluster or a matter points at; each with what a person said of it."""
