"""Engines: each turns a plan into something that can be called."""
