"""Proposals to change the pooling rules, and the responses to them."""
