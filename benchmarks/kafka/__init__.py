"""The house on real Kafka, beside the embedded one: a worker's core, the way to a page, what a gateway bears."""
