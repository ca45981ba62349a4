// Memory: blocks between guard zones, poisoned before they are written and after they are freed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace cuda_on_cpu {

enum class Place { device, pinned, pageable };

// Where [p, p + n) lies.
struct Location {
  Place place = Place::pageable;
  int device = -1;
  std::string misuse;    // empty, or why nothing may be done with it
  bool is_there = true;  // what is queued may use it, though it may have been given back
};
Location locate(const void *p, size_t n);

// New memory of a device, or pinned memory of the host; nullptr if there is none.
void *allocate(Place place, int device, size_t n);

// Marks a block as given back: what is queued before may still use it. False if there is none.
bool give_back(const void *p, int *device);

// Poisons a block that was given back. Writes that come later are found by `check_memory`.
void bury(void *p);

// Memory of a module, which has no guard zones and lives as long as the process.
void adopt(void *p, size_t n, int device);

// Why a launch on `device` may not have these words as its arguments; empty if it may. A word
// counts as an address if it lies in a block.
std::string misuse(const std::vector<uint64_t> &words, int device);

// Tells of all that was written outside of blocks, or into those that had been freed.
void check_memory();

size_t memory_in_use(int device);

// Bytes that were given back and not buried yet, because work that is queued may use them.
size_t memory_given_back();

}  // namespace cuda_on_cpu
