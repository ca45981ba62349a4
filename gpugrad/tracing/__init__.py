"""What happens while a function is traced: its primitives become steps, or act on batches."""
