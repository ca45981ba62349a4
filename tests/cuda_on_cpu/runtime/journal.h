// What the device was asked to do: counted always, and written down line by line while watched.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace cuda_on_cpu {

struct Entry {
  std::string kind;  // "launch", "malloc", "to device", "wait event", ...
  std::string name;  // of a kernel or a library's function
  int device = 0;
  uintptr_t stream = 0;
  unsigned grid[3] = {0, 0, 0}, block[3] = {0, 0, 0};
  uint64_t bytes = 0;  // copied or allocated; of a launch, the dynamic shared memory
  std::vector<std::string> arguments;  // of a launch, as they lie in memory, in hexadecimal
};

void note(const Entry &entry);
void count(const char *kind);

}  // namespace cuda_on_cpu
