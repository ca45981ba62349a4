"""Every file-system operation fails in turn: the tools, and the tests of what gpugrad writes."""
