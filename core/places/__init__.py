"""Places: a point or some words → the commune, candidates, or "outside". Wrong is worse than asking."""
