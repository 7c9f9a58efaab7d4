"""The schemas in the API documentation of partnerships, each with an example."""
