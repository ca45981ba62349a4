// Watches over kernels that are compiled to tell of each of their accesses to memory (with
// `-fsanitize=thread`, whose callbacks are here): finds those that are out of bounds or misaligned,
// reads of shared memory that nobody has written, and races.
//
// Two accesses to a place, one of them a write, must be in an order that the program enforces:
//   - within a block by a barrier, in a warp also by a function of warps that both take part in;
//   - between blocks by a fence after the one, an atomic operation after that fence (by the same
//     thread, or by one that met it at a barrier), and an atomic operation on the same place that
//     comes before the other access.
// In which order they were in fact does not matter, so a race is found whichever way threads ran.

#include "races.h"

#include <dlfcn.h>
#include <link.h>

#include <cstdio>
#include <cstring>
#include <map>

#include "../interface.h"
#include "scheduler.h"
#include "shadow.h"

namespace cuda_on_cpu::races {

namespace {

Shadow shadow;
uint32_t now = 1, launch_begin, block_begin, last_barrier, launches;
uint32_t synced[1024][32];  // when a thread last met each lane of its warp
Range module_;              // in memory

// What a thread has made visible to other blocks: what was done before `own` by itself, before
// `all` by every thread of its block.
struct Fence { uint32_t own, all; };
Fence fences[1024];
uint32_t fenced;  // what of the block was made visible before the last barrier

// An atomic operation passes on what its thread knows to be visible.
struct Release {
  uint32_t thread, time;
  std::vector<uint32_t> before;  // for each thread of the block: until when; empty if for none
};
struct Location { std::map<uint64_t, std::vector<Release>> blocks; };
std::unordered_map<uintptr_t, Location> locations;
struct Acquired { const Location *location; uint32_t thread, time; };
std::vector<Acquired> acquired;  // by the threads of this block

uint32_t number(unsigned thread) { return uint32_t(running.block * running.threads + thread); }
uint32_t me() { return number(running.current); }

// What a kernel may touch where there is no runtime to ask.
std::vector<Range> allowed;

bool is_there(const void *p, size_t n) {
  for (const Range &range : allowed) {
    if (range.holds(p, n)) return true;
  }
  static const auto ask = [] {
    void *runtime = dlopen("libcuda.so.1", RTLD_NOW | RTLD_NOLOAD);
    void *found = runtime ? dlsym(runtime, "_ZN11cuda_on_cpu16is_device_memoryEPKvm") : nullptr;
    return reinterpret_cast<bool (*)(const void *, size_t)>(found);
  }();
  return ask && ask(p, n);
}

// Whether what that thread did is known to this block through an atomic operation.
bool passed_on(const Access &before) {
  const uint64_t block = before.thread / running.threads;
  const unsigned thread = before.thread % running.threads;
  for (const Acquired &one : acquired) {
    if (one.thread != running.current && one.time >= last_barrier) continue;
    const auto found = one.location->blocks.find(block);
    if (found == one.location->blocks.end()) continue;
    for (const Release &release : found->second) {
      if (release.time >= one.time) continue;
      const bool same = before.atomic && release.thread == before.thread;
      if (same && release.time >= before.time) return true;
      if (!release.before.empty() && before.time < release.before[thread]) return true;
    }
  }
  return false;
}

bool ordered(const Access &before) {
  if (before.time < launch_begin || before.thread == me()) return true;
  const unsigned other = before.thread % running.threads;
  if (before.thread / running.threads == running.block) {
    if (before.time < last_barrier) return true;
    if (other / 32 == running.current / 32 && before.time < synced[running.current][other % 32]) {
      return true;
    }
  }
  return passed_on(before);
}

// The line of the source, if the module has such information and `addr2line` is there.
std::string line(uint32_t code) {
  Dl_info info;
  if (!dladdr(module_.begin + code, &info)) return "?";
  char command[600], text[300] = "";
  // A return address: one byte less lies in the call.
  snprintf(command, sizeof command, "addr2line -s -e '%s' %#x 2>/dev/null", info.dli_fname,
           code - 1);
  if (FILE *output = popen(command, "r")) {
    if (!fgets(text, sizeof text, output)) *text = 0;
    pclose(output);
  }
  text[strcspn(text, " \n")] = 0;
  return *text ? text : "?";
}

std::string name(uint32_t thread) {
  return "thread " + std::to_string(thread % running.threads) + " of block " +
         std::to_string(thread / running.threads);
}

[[noreturn]] void found(const std::string &what, uintptr_t place, size_t size, uint32_t code) {
  const char *p = reinterpret_cast<const char *>(place);
  const bool shared = running.shared.holds(p, 1) || running.dynamic.holds(p, 1);
  const char *kind = shared ? "shared" : "global";
  running.problem = line(code) + ": " + what + ", " + std::to_string(size) + " bytes of " + kind +
                    " memory (by " + name(me()) + ")";
  fail("");
}

[[noreturn]] void race(const char *what, const Access &other, const char *did, uintptr_t place,
                       size_t size, uint32_t code) {
  const bool same = other.thread / running.threads == running.block;
  const char *missing = same ? "without a barrier between"
                             : "another block, without a fence and an atomic operation between";
  found(std::string("a race: ") + what + " what " + name(other.thread) + " " + did + " at " +
            line(other.code) + ", " + missing,
        place, size, code);
}

void check(uintptr_t place, size_t size, bool write, bool atomic, uint32_t code) {
  const void *p = reinterpret_cast<const void *>(place);
  const bool shared = running.shared.holds(p, size) || running.dynamic.holds(p, size);
  const Access access{me(), now, code, atomic};
  // Each block has its own shared memory, though it lies where that of the last one lay.
  const auto fine = [&](const Access &before) {
    return before.thread == nobody || (shared && before.time < block_begin) || ordered(before);
  };
  shadow.each(place, size, [&](Cell &cell) {
    if (!shared && cell.launch != launches) {
      if (!is_there(p, size)) found("an access out of bounds", place, size, code);
      cell.launch = launches;
    }
    if (shared && !write && cell.write.time < block_begin) {
      found("a read of what nobody has written", place, size, code);
    }
    if (!(atomic && cell.write.atomic) && !fine(cell.write)) {
      race(write ? "writes" : "reads", cell.write, "wrote", place, size, code);
    }
    if (write) {
      for (Access &read : cell.read) {
        if (!fine(read)) race("writes", read, "read", place, size, code);
        read.thread = nobody;
      }
      cell.write = access;
    } else {
      if (cell.read[0].thread != access.thread) cell.read[1] = cell.read[0];
      cell.read[0] = access;
    }
  });
}

void access(const volatile void *p, size_t size, bool write, bool aligned, const void *from) {
  const void *place = const_cast<const void *>(p);
  if (running.each.empty() || running.each[running.current].fibre->holds(place, size)) return;
  static const Range indices{reinterpret_cast<char *>(&here), reinterpret_cast<char *>(&here + 1)};
  if (module_.holds(place, size) || indices.holds(place, size)) return;
  const uint32_t code = uint32_t(static_cast<const char *>(from) - module_.begin) & 0x7fffffff;
  const uintptr_t address = reinterpret_cast<uintptr_t>(place);
  if (aligned && address % size) found("a misaligned access", address, size, code);
  check(address, size, write, false, code);
}

}  // namespace

void begin_launch(const void *code) {
  launch_begin = ++now;
  ++launches;
  shadow.begin_launch();
  locations.clear();
  module_ = {};
  Range search{static_cast<const char *>(code), nullptr};
  dl_iterate_phdr(
      [](dl_phdr_info *info, size_t, void *data) -> int {
        const Range &search = *static_cast<Range *>(data);
        Range all{reinterpret_cast<const char *>(info->dlpi_addr), nullptr};
        for (int i = 0; i < info->dlpi_phnum; ++i) {
          const ElfW(Phdr) &part = info->dlpi_phdr[i];
          if (part.p_type == PT_LOAD) all.end = all.begin + part.p_vaddr + part.p_memsz;
        }
        if (!all.end || !all.holds(search.begin, 1)) return 0;
        module_ = all;
        return 1;
      },
      &search);
}

void begin_block() {
  block_begin = last_barrier = ++now;
  fenced = 0;
  memset(synced, 0, sizeof synced);
  memset(fences, 0, sizeof fences);
  acquired.clear();
}

void barrier() {
  last_barrier = ++now;
  for (unsigned i = 0; i < running.threads; ++i) fenced = std::max(fenced, fences[i].all);
}

void met(unsigned first, unsigned there) {
  ++now;
  for (unsigned i = 0; i < 32; ++i) {
    for (unsigned k = 0; k < 32; ++k) {
      if ((there >> i & 1) && (there >> k & 1)) synced[first + i][k] = now;
    }
  }
}

void fence() { fences[running.current] = {++now, std::max(fenced, last_barrier)}; }

}  // namespace cuda_on_cpu::races

namespace cuda_on_cpu {

using namespace races;

void note_atomic(const volatile void *p, unsigned size) {
  if (!running.checked) return;
  const void *from = __builtin_return_address(0);
  const uint32_t code = uint32_t(static_cast<const char *>(from) - module_.begin) & 0x7fffffff;
  const uintptr_t place = reinterpret_cast<uintptr_t>(p);
  if (place % size) found("a misaligned access", place, size, code);
  check(place, size, true, true, code);
  Location &location = locations[place];
  acquired.push_back({&location, running.current, ++now});
  Release release{me(), now, {}};
  const uint32_t all = std::max(fenced, fences[running.current].all);
  bool any = false;
  for (unsigned i = 0; i < running.threads; ++i) {
    const uint32_t own = fences[i].own;
    const uint32_t known = i == running.current ? own : std::min(own, last_barrier);
    release.before.push_back(std::max(known, all));
    any |= release.before.back() > 0;
  }
  if (!any) release.before.clear();
  location.blocks[running.block].push_back(std::move(release));
}

}  // namespace cuda_on_cpu

// Lets kernels touch these bytes; of none, takes back all that was allowed.
extern "C" void cuda_on_cpu_allow(const char *begin, size_t n) {
  if (n) cuda_on_cpu::races::allowed.push_back({begin, begin + n});
  else cuda_on_cpu::races::allowed.clear();
}

// What the compiler calls.

using cuda_on_cpu::races::access;

extern "C" {

void __tsan_init() {}
void __tsan_func_entry(void *) {}
void __tsan_func_exit() {}
void __tsan_vptr_update(void **, void *) {}
void __tsan_vptr_read(void **) {}

#define CUDA_ON_CPU_SIZE(N)                                                                    \
  void __tsan_read##N(void *p) { access(p, N, false, true, __builtin_return_address(0)); }     \
  void __tsan_write##N(void *p) { access(p, N, true, true, __builtin_return_address(0)); }     \
  void __tsan_unaligned_read##N(void *p) {                                                     \
    access(p, N, false, false, __builtin_return_address(0));                                   \
  }                                                                                            \
  void __tsan_unaligned_write##N(void *p) {                                                    \
    access(p, N, true, false, __builtin_return_address(0));                                    \
  }                                                                                            \
  void __tsan_volatile_read##N(void *p) {                                                      \
    access(p, N, false, true, __builtin_return_address(0));                                    \
  }                                                                                            \
  void __tsan_volatile_write##N(void *p) {                                                     \
    access(p, N, true, true, __builtin_return_address(0));                                     \
  }
CUDA_ON_CPU_SIZE(1)
CUDA_ON_CPU_SIZE(2)
CUDA_ON_CPU_SIZE(4)
CUDA_ON_CPU_SIZE(8)
CUDA_ON_CPU_SIZE(16)
#undef CUDA_ON_CPU_SIZE

// These come where a pointer is used, before the access is taken apart into smaller ones.
// Their data begins with a file, a line and a column.
struct Place { const char *file; unsigned line, column; };

static void wrong(const Place *place, const std::string &what) {
  const char *name = strrchr(place->file, '/');
  const std::string file = name ? name + 1 : place->file;
  cuda_on_cpu::fail((file + ":" + std::to_string(place->line) + ": " + what).c_str());
}

void __ubsan_handle_type_mismatch_v1(const Place *place, uintptr_t) {
  wrong(place, "a misaligned access");
}
void __ubsan_handle_out_of_bounds(const Place *place, uintptr_t index) {
  wrong(place, "an access out of bounds: index " + std::to_string(index) + " of an array");
}

void __tsan_read_range(void *p, size_t n) {
  access(p, n, false, false, __builtin_return_address(0));
}
void __tsan_write_range(void *p, size_t n) {
  access(p, n, true, false, __builtin_return_address(0));
}
}
