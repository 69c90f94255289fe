"""Zalo: the Official Account as a channel, and the smaller Bot platform beside it."""
