"""Reports: their statuses, the one table of moves, how they are filed, joined, moved and read."""
