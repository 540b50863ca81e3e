"""Pure judgement: city pack, taxonomy, duty list, SLA clock, emergency rules, duplicates."""
