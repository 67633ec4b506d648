"""Text in: a discussion on disk, its contributions, the questions they answer and the passages they are made of."""
