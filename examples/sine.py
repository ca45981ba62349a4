"""
A sine
======
"""
import gpugrad as gg
print(gg.grad(gg.sin)(0.0))
