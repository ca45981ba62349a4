// What the runtime, compiled kernels and the libraries share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

namespace cuda_on_cpu {

struct Launch {
  unsigned grid[3], block[3];
  size_t shared;  // dynamic, in bytes
  uint64_t seed;  // of the order in which blocks, warps and threads run
};

// A module is a shared object that exports one of these for each kernel, as
// `extern "C" const cuda_on_cpu::Kernel NAME__kernel`.
struct Kernel {
  unsigned arguments;
  const unsigned *sizes;  // of each argument, in bytes
  size_t static_shared;
  unsigned max_threads;  // of __launch_bounds__, or what a block can have
  // Runs all blocks; returns nullptr, or what went wrong.
  const char *(*run)(void *const *arguments, const Launch &launch);
};

// Queues work on a stream, to be done when something waits for it; in a capture it becomes a node
// of the graph. Returns a cudaError_t. What `what` throws as a std::exception breaks the device.
int work(void *stream, const char *name, std::function<void()> what);

// Does all that a device was given up to now, as a GPU does by itself: for a thread of a library's
// own, when somebody waits who is not in this process.
void catch_up(int device);

// Whether [p, p + n) lies inside of one allocation of a device that is still in use.
bool is_device_memory(const void *p, size_t n);

// The device whose memory `p` is, or -1.
int device_of(const void *p);

}  // namespace cuda_on_cpu
