"""Statistics of a petition bureau: from an export file to the numbers of the meeting."""
