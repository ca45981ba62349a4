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
  void (*call)(void *const *);
  void *const *arguments;
  Range shared, dynamic;         // memory, of static variables and as launched
  bool checked;                  // its module tells of each access
  unsigned threads;              // of a block
  uint64_t block;                // its number, in the order of indices
  unsigned current;              // the thread that runs
  std::vector<Thread> each;
  std::string problem;
};
extern Running running;

}  // namespace cuda_on_cpu
