// Launches: their limits, their arguments, and how many blocks fit.
#include <cuda.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <vector>

#include "../interface.h"
#include "capture.h"
#include "devices.h"
#include "errors.h"
#include "memory.h"
#include "modules.h"

namespace cuda_on_cpu {
namespace {

std::atomic<uint64_t> seeds{
    getenv("CUDA_ON_CPU_SEED") ? strtoull(getenv("CUDA_ON_CPU_SEED"), nullptr, 10) : 1};

// Arguments as they were when the kernel was launched.
struct Arguments {
  std::vector<std::vector<uint64_t>> words;  // of each, so that it is aligned
  std::vector<void *> places;

  Arguments(const Kernel &kernel, void **given) : words(kernel.arguments) {
    for (unsigned i = 0; i < kernel.arguments; ++i) {
      words[i].resize((kernel.sizes[i] + 7) / 8 + 1);  // and one, for arguments of 16
      void *place = words[i].data();
      if (kernel.sizes[i] % 16 == 0 && uintptr_t(place) % 16) place = words[i].data() + 1;
      memcpy(place, given[i], kernel.sizes[i]);
      places.push_back(place);
    }
  }
};

std::string hexadecimal(const void *p, size_t n) {
  static const char digits[] = "0123456789abcdef";
  std::string text;
  for (size_t i = 0; i < n; ++i) {
    unsigned char byte = static_cast<const unsigned char *>(p)[i];
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

cudaError_t check(const Function &function, const unsigned grid[3], const unsigned block[3],
                  unsigned shared) {
  const Kernel &kernel = *function.kernel;
  auto wrong = [&](const std::string &why) {
    return fail(cudaErrorInvalidValue, function.name + ": " + why);
  };
  uint64_t threads = 1;
  for (int i = 0; i < 3; ++i) {
    if (grid[i] == 0 || grid[i] > largest_grid[i])
      return wrong("a grid of " + std::to_string(grid[i]) + " in dimension " + std::to_string(i));
    if (block[i] == 0 || block[i] > largest_block[i])
      return wrong("a block of " + std::to_string(block[i]) + " in dimension " + std::to_string(i));
    threads *= block[i];
  }
  if (threads > threads_of_a_block)
    return wrong("a block of " + std::to_string(threads) + " threads");
  if (threads > kernel.max_threads)
    return fail(cudaErrorLaunchOutOfResources, function.name + ": " + std::to_string(threads) +
                                                   " threads, but its launch bounds say " +
                                                   std::to_string(kernel.max_threads));
  if (shared + kernel.static_shared > function.dynamic_shared)
    return wrong(std::to_string(shared) + " bytes of dynamic shared memory and " +
                 std::to_string(kernel.static_shared) + " of static are more than the " +
                 std::to_string(function.dynamic_shared) + " that it may have");
  size_t bytes = 0;
  for (unsigned i = 0; i < kernel.arguments; ++i) bytes += kernel.sizes[i];
  if (bytes > argument_bytes) return wrong(std::to_string(bytes) + " bytes of arguments");
  return cudaSuccess;
}

int blocks_that_fit(const Function &function, int threads, size_t shared) {
  if (threads <= 0 || unsigned(threads) > function.kernel->max_threads) return 0;
  size_t warps = (size_t(threads) + 31) / 32;
  size_t fit =
      std::min<size_t>(blocks_of_a_multiprocessor, threads_of_a_multiprocessor / 32 / warps);
  size_t each = shared + function.kernel->static_shared + shared_that_a_block_costs;
  return int(std::min(fit, shared_of_a_multiprocessor / each));
}

}  // namespace

int work(void *stream, const char *name, std::function<void()> what) {
  if (auto error = refused()) return error;
  Lock lock(mutex);
  Work work;
  work.entry.kind = "launch";
  work.entry.name = name;
  work.run = std::move(what);
  return submit(lock, static_cast<cudaStream_t>(stream), std::move(work));
}

}  // namespace cuda_on_cpu

using namespace cuda_on_cpu;

extern "C" {

void cuda_on_cpu_seed(uint64_t seed) { seeds = seed; }

CUresult cuLaunchKernel(CUfunction handle, unsigned grid_x, unsigned grid_y, unsigned grid_z,
                        unsigned block_x, unsigned block_y, unsigned block_z, unsigned shared,
                        CUstream stream, void **given, void **extra) {
  if (auto error = refused()) return CUresult(error);
  Function *function = find_function(handle);
  if (!function) return CUresult(fail(cudaErrorInvalidResourceHandle, "there is no such function"));
  if (extra)
    return CUresult(fail(cudaErrorNotSupported, "cuLaunchKernel: `extra` is not implemented"));
  if (function->device != current_device())
    return CUresult(fail(cudaErrorInvalidResourceHandle,
                         function->name + " was loaded for another device than the current one"));
  const Kernel &kernel = *function->kernel;
  Launch launch{{grid_x, grid_y, grid_z}, {block_x, block_y, block_z}, shared, seeds++};
  if (auto error = check(*function, launch.grid, launch.block, shared)) return CUresult(error);
  Lock lock(mutex);
  auto where = find_stream(stream);
  if (where && where->device != function->device)
    return CUresult(fail(cudaErrorInvalidResourceHandle,
                         function->name + " is launched in a stream of another device"));
  auto arguments = std::make_shared<Arguments>(kernel, given);
  Work work;
  work.entry.kind = "launch";
  work.entry.name = function->name;
  work.entry.bytes = shared;
  std::copy(launch.grid, launch.grid + 3, work.entry.grid);
  std::copy(launch.block, launch.block + 3, work.entry.block);
  for (unsigned i = 0; i < kernel.arguments; ++i) {
    work.entry.arguments.push_back(hexadecimal(arguments->places[i], kernel.sizes[i]));
    // A pointer, or an array of CuPy, which begins with one. Other words may be old and unused.
    if (kernel.sizes[i] >= 8) work.words.push_back(*static_cast<uint64_t *>(arguments->places[i]));
  }
  work.run = [=, name = function->name, &kernel] {
    const char *problem = kernel.run(arguments->places.data(), launch);
    if (problem) throw std::runtime_error(name + ": " + problem);
  };
  return CUresult(submit(lock, stream, std::move(work)));
}

CUresult cuOccupancyMaxActiveBlocksPerMultiprocessor(int *blocks, CUfunction handle, int threads,
                                                     size_t shared) {
  if (auto error = refused()) return CUresult(error);
  Function *function = find_function(handle);
  if (!function) return CUresult(fail(cudaErrorInvalidResourceHandle, "there is no such function"));
  *blocks = blocks_that_fit(*function, threads, shared);
  return CUDA_SUCCESS;
}

CUresult cuOccupancyMaxPotentialBlockSize(int *grid, int *block, CUfunction handle,
                                          CUoccupancyB2DSize shared_for, size_t shared, int limit) {
  if (auto error = refused()) return CUresult(error);
  Function *function = find_function(handle);
  if (!function) return CUresult(fail(cudaErrorInvalidResourceHandle, "there is no such function"));
  int most = int(std::min(function->kernel->max_threads, threads_of_a_block));
  if (limit > 0) most = std::min(most, limit);
  int best = 0;
  for (int threads = most; threads > 0; threads -= threads % 32 ? threads % 32 : 32) {
    int fit = blocks_that_fit(*function, threads, shared_for ? shared_for(threads) : shared);
    if (fit * threads > best)
      best = fit * threads, *block = threads, *grid = fit * int(multiprocessors);
  }
  return best ? CUDA_SUCCESS : CUresult(fail(cudaErrorInvalidValue, "no block fits"));
}
}
