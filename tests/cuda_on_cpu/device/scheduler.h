// What the scheduler of threads and the detection of races share.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "fibres.h"
#include "kernels.h"

namespace cuda_on_cpu {

enum class State { ready, at_barrier, at_exchange, done };

struct Thread {
  State state;
  Fibre *fibre;       // nullptr before it has begun, and after
  const char *place;  // where it waits: a file, or a function of warps
  int line;
  bool predicate;
  unsigned mask;      // of an exchange
  uint64_t given, *all;
  unsigned there;     // of an exchange that is done: who took part
};

struct Range {
  const char *begin, *end;
  bool holds(const void *place, size_t n) const {
    const char *p = static_cast<const char *>(place);
    return p >= begin && p + n <= end;
  }
};

// The launch that runs.
struct Running {
  void (*call)(const void *);
  const void *arguments;
  Range given, shared, dynamic;  // arguments, and shared memory
  unsigned threads;              // of a block
  uint64_t block;                // its number, in the order of indices
  unsigned current;              // the thread that runs
  std::vector<Thread> each;
  std::string problem;
};
extern Running running;

// Who watches over a launch whose module is compiled to tell of each access (`races.cpp`).
namespace races {
void begin_launch();
void begin_block();
void barrier();                                  // all threads of the block have met
void met(unsigned first, unsigned there);        // these lanes of a warp have met
void fence();
}  // namespace races

}  // namespace cuda_on_cpu
