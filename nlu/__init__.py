"""Vietnamese understanding: training data in Rasa's form, the in-process interpreter, its measurement."""
