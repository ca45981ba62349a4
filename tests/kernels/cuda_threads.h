// The threads of a block on one thread of the host: what a generated kernel needs beside the
// functions of `cuda_shim.h`. Each thread is a fiber, which runs until it waits for others.
//
// What is caught: threads that wait at a barrier which others have passed by (CUDA calls that
// undefined), and, because the order in which threads run can be turned round, most barriers that
// are missing. What is not: races between blocks, which run one after another.

#include <ucontext.h>

#include <functional>
#include <vector>

#define __global__
#define __shared__ static
#define __launch_bounds__(...)
#define __grid_constant__

struct dim3 { unsigned x, y, z; };
static dim3 threadIdx, blockIdx, blockDim, gridDim;

namespace shim {

enum State { ready, at_barrier, at_exchange, done };

struct Fiber {
  ucontext_t context;
  std::vector<char> stack;
  State state;
  int line;        // of the barrier at which it waits
  uint64_t given;  // to the other threads of its warp
};

static std::vector<Fiber> fibers;
static ucontext_t scheduler;
static int current;
static std::function<void()> kernel;

static void enter() {
  kernel();
  fibers[current].state = done;
  swapcontext(&fibers[current].context, &scheduler);
}

static void wait(State state) {
  fibers[current].state = state;
  swapcontext(&fibers[current].context, &scheduler);
}

static void barrier(int line) {
  fibers[current].line = line;
  wait(at_barrier);
}

// Whether all of the fibers [from, to) are in that state, at one place; if so they go on.
static bool release(int from, int to, State state) {
  for (int i = from; i < to; ++i) {
    if (fibers[i].state != state) return false;
    if (state == at_barrier && fibers[i].line != fibers[from].line) return false;
  }
  for (int i = from; i < to; ++i) fibers[i].state = ready;
  return true;
}

// The error, if there was one. With `backwards`, threads and blocks run in the opposite order.
static const char *launch(int grid, int block, bool backwards, std::function<void()> body) {
  kernel = body;
  gridDim = {unsigned(grid), 1, 1};
  blockDim = {unsigned(block), 1, 1};
  fibers.resize(block);
  for (int b = 0; b < grid; ++b) {
    blockIdx = {unsigned(backwards ? grid - 1 - b : b), 0, 0};
    for (int i = 0; i < block; ++i) {
      Fiber &fiber = fibers[i];
      fiber.stack.resize(1 << 14);
      fiber.state = ready;
      getcontext(&fiber.context);
      fiber.context.uc_stack.ss_sp = fiber.stack.data();
      fiber.context.uc_stack.ss_size = fiber.stack.size();
      fiber.context.uc_link = &scheduler;
      makecontext(&fiber.context, enter, 0);
    }
    for (bool running = true; running;) {
      bool moved = false;
      for (int k = 0; k < block; ++k) {
        const int i = backwards ? block - 1 - k : k;
        if (fibers[i].state != ready) continue;
        moved = true;
        current = i;
        threadIdx = {unsigned(i), 0, 0};
        swapcontext(&scheduler, &fibers[i].context);
      }
      for (int warp = 0; warp < block; warp += 32) {
        moved |= release(warp, warp + 32 < block ? warp + 32 : block, at_exchange);
      }
      moved |= release(0, block, at_barrier);
      running = false;
      for (const Fiber &fiber : fibers) running |= fiber.state != done;
      if (running && !moved) return "threads wait for others that never come";
    }
  }
  return nullptr;
}

// For kernels in which no thread waits.
static const char *launch_apart(int grid, int block, bool backwards, std::function<void()> body) {
  gridDim = {unsigned(grid), 1, 1};
  blockDim = {unsigned(block), 1, 1};
  for (long k = 0; k < long(grid) * block; ++k) {
    const long i = backwards ? long(grid) * block - 1 - k : k;
    blockIdx = {unsigned(i / block), 0, 0};
    threadIdx = {unsigned(i % block), 0, 0};
    body();
  }
  return nullptr;
}

}  // namespace shim

#define __syncthreads() shim::barrier(__LINE__)

static inline void __threadfence() {}

static inline float __int_as_float(int bits) {
  float value;
  memcpy(&value, &bits, 4);
  return value;
}

static inline double __longlong_as_double(long long bits) {
  double value;
  memcpy(&value, &bits, 8);
  return value;
}

template <typename T> static T __shfl_xor_sync(unsigned, T value, int mask) {
  static_assert(sizeof(T) <= 8, "exchanged bit by bit");
  uint64_t bits = 0;
  memcpy(&bits, &value, sizeof(T));
  shim::fibers[shim::current].given = bits;
  shim::wait(shim::at_exchange);
  bits = shim::fibers[(shim::current / 32) * 32 + ((shim::current % 32) ^ mask)].given;
  shim::wait(shim::at_exchange);  // until all have taken
  memcpy(&value, &bits, sizeof(T));
  return value;
}

static inline unsigned atomicAdd(unsigned *place, unsigned value) {
  const unsigned before = *place;
  *place += value;
  return before;
}
