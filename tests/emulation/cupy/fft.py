"""Nothing of `cupy.fft` is emulated yet."""
