"""The figures and tables of the section \"With whom\": what each shows, and the records behind it."""
