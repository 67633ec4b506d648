"""Find: embedders, the index of windows, and retrieval in which both languages are heard."""
