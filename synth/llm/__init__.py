"""Asking a model: one call with its limits, what can go wrong with it, and what was paid for kept."""
