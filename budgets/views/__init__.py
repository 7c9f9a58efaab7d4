"""The pages that show money."""
