"""Say: from the contributions to a consolidated reply in English and French, every sentence with its source."""

__version__ = "0.2.0"
