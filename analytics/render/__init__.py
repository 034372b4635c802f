"""Drawing an answer: on screen, as a table, as a document."""
