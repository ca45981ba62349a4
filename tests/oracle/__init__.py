"""An oracle of arbitrary precision for elementwise functions and their derivatives."""
