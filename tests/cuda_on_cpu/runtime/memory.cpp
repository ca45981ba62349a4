#include "memory.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <map>
#include <mutex>

#include "../interface.h"
#include "devices.h"
#include "errors.h"

namespace cuda_on_cpu {
namespace {

constexpr unsigned char poison =
    0xA5;                      // finite in every dtype, but no number that a test could want
constexpr size_t guard = 512;  // also what addresses are a multiple of, as in CuPy's pool
constexpr size_t kept = size_t(32) << 20;  // bytes of freed blocks that are watched

constexpr size_t large = 64 << 10;

enum class State { live, given_back, buried };

struct Block {
  char *start;
  size_t size;
  char *whole;  // with the guard zones; nullptr for memory of a module
  size_t whole_size;
  Place place;
  int device;
  State state;
};

std::mutex mutex;
std::map<uintptr_t, Block> blocks;  // by their first address
std::deque<uintptr_t> buried;
size_t buried_bytes = 0;
size_t in_use[most_devices] = {};
size_t given_back = 0;  // bytes

Block *find(const void *p) {
  auto next = blocks.upper_bound(uintptr_t(p));
  if (next == blocks.begin()) return nullptr;
  Block &block = std::prev(next)->second;
  const char *at = static_cast<const char *>(p);
  return at < block.start + std::max<size_t>(block.size, 1) ? &block : nullptr;
}

// Large blocks go back to the system: glibc before 2.38 does not find the aligned ones again.
char *take(size_t size) {
  if (size < large) return static_cast<char *>(aligned_alloc(guard, size));
  void *p = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return p == MAP_FAILED ? nullptr : static_cast<char *>(p);
}

void drop(char *p, size_t size) {
  if (size < large)
    free(p);
  else
    munmap(p, size);
}

bool is_poisoned(const char *p, size_t n) {
  // Equal to itself one byte further, and so everywhere.
  return n == 0 || ((unsigned char)*p == poison && memcmp(p, p + 1, n - 1) == 0);
}

std::string bytes(const Block &block) {
  return "a block of " + std::to_string(block.size) + " bytes";
}

void check_guards(Block &block) {
  char *end = block.start + block.size;
  size_t before = size_t(block.start - block.whole),
         behind = block.whole_size - before - block.size;
  if (is_poisoned(block.whole, before) && is_poisoned(end, behind)) return;
  fault("something was written outside of " + bytes(block));
  memset(block.whole, poison, before);
  memset(end, poison, behind);
}

void forget(uintptr_t at) {
  Block block = blocks.at(at);
  if (!is_poisoned(block.whole, block.whole_size))
    fault("something was written into " + bytes(block) + " that had been freed");
  blocks.erase(at);
  buried_bytes -= block.whole_size;
  drop(block.whole, block.whole_size);
}

}  // namespace

Location locate(const void *p, size_t n) {
  std::lock_guard lock(mutex);
  Location found;
  Block *block = find(p);
  if (!block) return found;
  found.place = block->place;
  found.device = block->device;
  found.is_there = block->state != State::buried;
  size_t offset = size_t(static_cast<const char *>(p) - block->start);
  if (block->state != State::live)
    found.misuse = bytes(*block) + " is used that had been freed";
  else if (offset + n > block->size)
    found.misuse = std::to_string(n) + " bytes from byte " + std::to_string(offset) +
                   " go beyond " + bytes(*block);
  return found;
}

void *allocate(Place place, int device, size_t n) {
  size_t size = (n + 2 * guard + 2 * guard - 1) / guard * guard;
  char *whole = take(size);
  if (!whole) return nullptr;
  memset(whole, poison, size);
  char *start = whole + guard;
  std::lock_guard lock(mutex);
  blocks[uintptr_t(start)] = {start, n, whole, size, place, device, State::live};
  if (place == Place::device) in_use[device] += n;
  return start;
}

bool give_back(const void *p, int *device) {
  std::lock_guard lock(mutex);
  auto found = blocks.find(uintptr_t(p));
  if (found == blocks.end() || found->second.state != State::live || !found->second.whole)
    return false;
  Block &block = found->second;
  block.state = State::given_back;
  given_back += block.size;
  if (block.place == Place::device) in_use[block.device] -= block.size;
  *device = block.device;
  return true;
}

void bury(void *p) {
  std::lock_guard lock(mutex);
  Block &block = blocks.at(uintptr_t(p));
  check_guards(block);
  memset(block.start, poison, block.size);
  block.state = State::buried;
  given_back -= block.size;
  buried.push_back(uintptr_t(p));
  buried_bytes += block.whole_size;
  while (buried_bytes > kept) {
    forget(buried.front());
    buried.pop_front();
  }
}

void adopt(void *p, size_t n, int device) {
  std::lock_guard lock(mutex);
  blocks[uintptr_t(p)] = {static_cast<char *>(p), n,      nullptr,    0,
                          Place::device,          device, State::live};
}

std::string misuse(const std::vector<uint64_t> &words, int device) {
  std::lock_guard lock(mutex);
  for (uint64_t word : words) {
    Block *block = find(reinterpret_cast<void *>(word));
    if (!block || (block->place == Place::device && !block->whole)) continue;
    if (block->state != State::live) return "launched on memory that was freed";
    if (block->place == Place::device && block->device != device)
      return "launched on device " + std::to_string(device) + " with memory of device " +
             std::to_string(block->device);
  }
  return "";
}

void check_memory() {
  std::lock_guard lock(mutex);
  for (auto &[at, block] : blocks)
    if (block.whole && block.state != State::buried) check_guards(block);
  for (uintptr_t at : buried) forget(at);
  buried.clear();
}

size_t memory_given_back() {
  std::lock_guard lock(mutex);
  return given_back;
}

size_t memory_in_use(int device) {
  std::lock_guard lock(mutex);
  return in_use[device];
}

bool is_device_memory(const void *p, size_t n) {
  std::lock_guard lock(mutex);
  Block *block = find(p);
  return block && block->place == Place::device && block->state != State::buried &&
         static_cast<const char *>(p) + n <= block->start + block->size;
}

int device_of(const void *p) {
  std::lock_guard lock(mutex);
  Block *block = find(p);
  return block && block->place == Place::device ? block->device : -1;
}

}  // namespace cuda_on_cpu
