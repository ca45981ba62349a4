"""What an op is, and what a Tensor is: application, rules, views, writes, protocols."""
