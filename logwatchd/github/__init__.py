"""GitHub: issues, and what they need."""
