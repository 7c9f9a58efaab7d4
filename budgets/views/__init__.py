"""The pages that show money, by noun."""
