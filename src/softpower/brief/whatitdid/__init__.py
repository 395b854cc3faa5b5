"""The figure and tables of the section "What it did": what each shows, and the records behind it."""
