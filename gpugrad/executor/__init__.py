"""How a graph is run: the eager reverse sweep, recording, plans, and the engines that run them."""
