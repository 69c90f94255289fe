"""Rasa 3.6 as an engine behind the port of understanding: components of its pipeline, training data for it,
and the client that asks it.

`tokenizer`, `featurizer`, `heads` and `places` run in Rasa's own Python 3.10 and import `rasa`; `marker`,
`tokens` and `beliefs` run in both; the rest runs in ours.
"""
