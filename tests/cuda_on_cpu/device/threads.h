// What a thread of a kernel knows of itself, and how it waits for the others of its block.
#pragma once
#pragma GCC system_header

#include "vectors.h"

namespace cuda_on_cpu {

// Of the thread that runs; changed whenever another one does.
struct Here {
  uint3 thread, block;
  dim3 threads, blocks;
};
extern Here here;

// Dynamic shared memory; the bytes that a launch asked for are its first ones.
extern char dynamic_shared[];

// Waits until all threads of the block are there, and returns for how many the predicate held, with
// the number of threads above it.
uint64_t barrier(bool predicate, const char *file, int line);

// Waits for the lanes of the warp that `mask` names. `all` gets what each has given; returned are
// those that took part, which are the ones that have not ended.
unsigned exchange(const char *function, unsigned mask, uint64_t mine, uint64_t *all);

// What all have stored before it, other blocks see after it.
void fence();

unsigned lane();

// Ends the launch with an error.
[[noreturn]] void fail(const char *what);

template <typename T> inline T *shared_array() { return reinterpret_cast<T *>(dynamic_shared); }

}  // namespace cuda_on_cpu

static const uint3 &threadIdx = cuda_on_cpu::here.thread, &blockIdx = cuda_on_cpu::here.block;
static const dim3 &blockDim = cuda_on_cpu::here.threads, &gridDim = cuda_on_cpu::here.blocks;
static const int warpSize = 32;

inline void __syncthreads(const char *file = __builtin_FILE(), int line = __builtin_LINE()) {
  cuda_on_cpu::barrier(true, file, line);
}
inline int __syncthreads_count(int predicate, const char *file = __builtin_FILE(),
                               int line = __builtin_LINE()) {
  return static_cast<int>(cuda_on_cpu::barrier(predicate, file, line) & 0xffffffff);
}
inline int __syncthreads_or(int predicate, const char *file = __builtin_FILE(),
                            int line = __builtin_LINE()) {
  return __syncthreads_count(predicate, file, line) != 0;
}
inline int __syncthreads_and(int predicate, const char *file = __builtin_FILE(),
                             int line = __builtin_LINE()) {
  return __syncthreads_count(!predicate, file, line) == 0;
}

inline void __threadfence() { cuda_on_cpu::fence(); }
inline void __threadfence_system() { cuda_on_cpu::fence(); }
inline void __threadfence_block() {}

inline void __trap() { cuda_on_cpu::fail("a trap in a kernel"); }
inline void __nanosleep(unsigned) {}
inline long long clock64() { return 0; }
