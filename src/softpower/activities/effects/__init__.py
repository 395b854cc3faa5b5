"""What changed when something was done: estimators on arrays, with tests against chance."""
