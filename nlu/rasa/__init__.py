"""Rasa 3.6 as an engine behind the port of understanding: components of its pipeline, training data for it,
and the client that asks it.

`tokenizer`, `featurizer` and `heads` run in Rasa's own Python 3.10 and import `rasa`; `marker` and `tokens`
run in both; the rest runs in ours.
"""
