"""The Zalo Bot platform: another product than the Official Account, with its own address and token."""
