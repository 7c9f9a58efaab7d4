"""The shapes that the API of partnerships documents, by noun, each with an example."""
