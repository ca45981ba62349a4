"""Several runs with different settings: which there are, processes for them, and what came out."""
