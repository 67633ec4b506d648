"""The prompts of the llm engine, one file a task. This version writes without a model and has none."""
