"""Activities: what was done, and whether anything changed."""
