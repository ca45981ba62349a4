// Runs the blocks of a launch one after another, and the threads of a block in turns: a thread runs
// until it waits for others or ends. Which block and which thread comes next is drawn by the seed
// of the launch, so that what depends on their order shows.
//
// A thread needs a fibre of its own only if it waits: a fibre whose thread has ended takes the next
// one that has not begun, so a kernel without barriers is a plain loop on one fibre.

#include "scheduler.h"

#include <link.h>
#include <signal.h>

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <numeric>

#include "races.h"

namespace cuda_on_cpu {

Here here;
Running running;

namespace {

constexpr size_t most_dynamic = 256 << 10, guard_size = 256;
constexpr unsigned char poison = 0xA5;

}  // namespace

alignas(128) char dynamic_shared[most_dynamic + guard_size];

namespace {

std::vector<std::unique_ptr<Fibre>> fibres;
std::vector<Fibre *> idle;
Fibre *active;
void *scheduler;  // where it was left
std::vector<unsigned> ready;
std::vector<uint3> indices;
unsigned ended, at_barrier;
uint64_t predicates;  // of the last barrier: above how many came, below for how many it held
uint64_t random_state;

uint64_t random_number() {  // splitmix64
  uint64_t z = random_state += 0x9e3779b97f4a7c15;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
  z = (z ^ z >> 27) * 0x94d049bb133111eb;
  return z ^ z >> 31;
}
unsigned below(unsigned n) { return static_cast<unsigned>((random_number() >> 32) * n >> 32); }

std::string text(uint3 i) {
  return "(" + std::to_string(i.x) + ", " + std::to_string(i.y) + ", " + std::to_string(i.z) + ")";
}

std::string name(unsigned thread) { return "thread " + text(indices[thread]); }

std::string place(const Thread &thread) {
  if (thread.state == State::at_exchange) return thread.place;
  return std::string(thread.place) + ":" + std::to_string(thread.line);
}

// Takes one that can run, by chance.
unsigned take_ready() {
  std::swap(ready[below(static_cast<unsigned>(ready.size()))], ready.back());
  const unsigned next = ready.back();
  ready.pop_back();
  return next;
}

void release(unsigned thread) {
  running.each[thread].state = State::ready;
  ready.push_back(thread);
}

void become(unsigned thread) {
  running.current = thread;
  here.thread = indices[thread];
}

// Lets the lanes of a warp go on whose whole mask has come. `lane` waits there.
void try_exchange(unsigned lane) {
  const unsigned first = lane / 32 * 32, mask = running.each[lane].mask;
  unsigned there = 0;
  for (unsigned i = 0; i < 32; ++i) {
    if (!(mask >> i & 1) || first + i >= running.threads) continue;
    const Thread &other = running.each[first + i];
    if (other.state == State::done) continue;
    if (other.state != State::at_exchange || other.mask != mask) return;
    if (other.place != running.each[lane].place) return;
    there |= 1u << i;
  }
  for (unsigned i = 0; i < 32; ++i) {
    if (!(there >> i & 1)) continue;
    Thread &taker = running.each[first + i];
    for (unsigned k = 0; k < 32; ++k) {
      if (there >> k & 1) taker.all[k] = running.each[first + k].given;
    }
    taker.there = there;
  }
  if (running.checked) races::met(first, there);
  for (unsigned i = 0; i < 32; ++i) {
    if (there >> i & 1) release(first + i);
  }
}

// Lets the threads of the block go on if all are at one barrier. On a device those that have ended
// are not waited for, which a checked kernel may not count on.
void try_barrier() {
  if (at_barrier == 0 || at_barrier + (running.checked ? 0 : ended) < running.threads) return;
  const Thread *first = nullptr;
  uint64_t held = 0;
  for (const Thread &thread : running.each) {
    if (thread.state != State::at_barrier) continue;
    if (!first) first = &thread;
    if (thread.line != first->line || strcmp(thread.place, first->place)) {
      running.problem = "threads of a block wait at different barriers: " + place(*first) +
                        " and " + place(thread);
      return;
    }
    held += thread.predicate;
  }
  predicates = uint64_t(at_barrier) << 32 | held;
  at_barrier = 0;
  if (running.checked) races::barrier();
  for (unsigned i = 0; i < running.threads; ++i) {
    if (running.each[i].state == State::at_barrier) release(i);
  }
}

// The end of a thread may be what others wait for.
void end() {
  const unsigned thread = running.current, first = thread / 32 * 32;
  running.each[thread].state = State::done;
  running.each[thread].fibre = nullptr;
  ++ended;
  for (unsigned i = first; i < std::min(first + 32, running.threads); ++i) {
    if (running.each[i].state == State::at_exchange) try_exchange(i);
  }
  try_barrier();
}

// What a fibre does: one thread after another, while those that come have not begun.
void work() {
  for (;;) {
    running.call(running.arguments);
    end();
    if (!ready.empty() && running.problem.empty()) {
      const unsigned next = take_ready();
      if (!running.each[next].fibre) {
        running.each[next].fibre = active;
        become(next);
        continue;
      }
      ready.push_back(next);
    }
    idle.push_back(active);
    cuda_on_cpu_switch(&active->pointer, scheduler);
  }
}

void pause() { cuda_on_cpu_switch(&running.each[running.current].fibre->pointer, scheduler); }

void resume(unsigned thread) {
  Fibre *&fibre = running.each[thread].fibre;
  if (!fibre) {
    if (idle.empty()) {
      fibres.push_back(std::make_unique<Fibre>(fibres.size()));
      idle.push_back(fibres.back().get());
    }
    fibre = idle.back();
    idle.pop_back();
    fibre->start(work);
  }
  active = fibre;
  become(thread);
  cuda_on_cpu_switch(&scheduler, fibre->pointer);
}

std::string stuck() {
  for (unsigned i = 0; i < running.threads; ++i) {
    const Thread &one = running.each[i];
    if (one.state != State::at_barrier && one.state != State::at_exchange) continue;
    for (unsigned k = 0; k < running.threads; ++k) {
      const Thread &other = running.each[k];
      const bool waits = other.state == State::at_barrier || other.state == State::at_exchange;
      if (waits && (other.state != one.state || place(other) != place(one))) {
        return "threads wait for others that never come: " + name(i) + " at " + place(one) + ", " +
               name(k) + " at " + place(other);
      }
    }
    return "threads wait for others that never come: " + name(i) + " at " + place(one);
  }
  return "threads wait for others that never come";
}

void run_block() {
  for (const Range &range : {running.shared, running.dynamic}) {
    memset(const_cast<char *>(range.begin), poison, range.end - range.begin + guard_size);
  }
  running.each.assign(running.threads, Thread{});
  ready.resize(running.threads);
  std::iota(ready.begin(), ready.end(), 0);
  ended = at_barrier = 0;
  if (running.checked) races::begin_block();
  while (!ready.empty() && running.problem.empty()) resume(take_ready());
  if (running.problem.empty() && ended < running.threads) running.problem = stuck();
  for (const Range &range : {running.shared, running.dynamic}) {
    for (size_t i = 0; i < guard_size && running.problem.empty(); ++i) {
      if (static_cast<unsigned char>(range.end[i]) == poison) continue;
      running.problem = "written beyond the end of shared memory";
    }
  }
}

// The shared variables of a module are all of its thread-local ones, up to the guard.
Range shared_before(const char *guard) {
  Range found{guard, guard};
  dl_iterate_phdr(
      [](dl_phdr_info *module, size_t, void *data) -> int {
        Range &found = *static_cast<Range *>(data);
        const char *begin = static_cast<const char *>(module->dlpi_tls_data);
        for (int i = 0; begin && i < module->dlpi_phnum; ++i) {
          const ElfW(Phdr) &part = module->dlpi_phdr[i];
          const Range range{begin, begin + part.p_memsz};
          if (part.p_type != PT_TLS || !range.holds(found.end, 1)) continue;
          found.begin = begin;
          return 1;
        }
        return 0;
      },
      &found);
  return found;
}

// That a kernel touches what is no memory ends the launch, not the process.
void segmentation_fault(int, siginfo_t *info, void *) {
  char text[80];
  snprintf(text, sizeof text, "an illegal memory access, at %p", info->si_addr);
  fail(text);
}

class FaultHandler {
  struct sigaction before_[2];

 public:
  FaultHandler() {
    static thread_local char stack[64 << 10];
    static thread_local bool ready = false;
    if (!ready) {
      stack_t alternative{};
      alternative.ss_sp = stack;
      alternative.ss_size = sizeof stack;
      ready = sigaltstack(&alternative, nullptr) == 0;
    }
    struct sigaction action{};
    action.sa_sigaction = segmentation_fault;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;  // the handler does not return
    sigaction(SIGSEGV, &action, &before_[0]);
    sigaction(SIGBUS, &action, &before_[1]);
  }
  ~FaultHandler() {
    sigaction(SIGSEGV, &before_[0], nullptr);
    sigaction(SIGBUS, &before_[1], nullptr);
  }
};

}  // namespace

unsigned lane() { return running.current % 32; }

void fail(const char *what) {
  if (running.problem.empty()) running.problem = name(running.current) + ": " + what;
  void *never;
  cuda_on_cpu_switch(&never, scheduler);
  abort();
}

uint64_t barrier(bool predicate, const char *file, int line) {
  Thread &thread = running.each[running.current];
  thread.state = State::at_barrier;
  thread.place = file;
  thread.line = line;
  thread.predicate = predicate;
  ++at_barrier;
  try_barrier();
  pause();
  return predicates;
}

unsigned exchange(const char *function, unsigned mask, uint64_t mine, uint64_t *all) {
  if (!(mask >> lane() & 1)) {
    fail("a lane calls a function of warps with a mask that leaves it out");
  }
  Thread &thread = running.each[running.current];
  thread.state = State::at_exchange;
  thread.place = function;
  thread.mask = mask;
  thread.given = mine;
  thread.all = all;
  try_exchange(running.current);
  pause();
  return thread.there;
}

void fence() {
  if (running.checked) races::fence();
}

const char *run(void (*call)(void *const *), void *const *arguments, const Launch &launch,
                char *(*guard)(), bool checked) {
  static std::mutex mutex;
  std::lock_guard<std::mutex> lock(mutex);
  static thread_local std::string problem;
  if (launch.shared > most_dynamic) return "more dynamic shared memory than there is";
  FaultHandler handler;
  running.call = call;
  running.arguments = arguments;
  running.checked = checked;
  running.shared = shared_before(guard());
  running.dynamic = {dynamic_shared, dynamic_shared + launch.shared};
  running.problem.clear();
  here.blocks = {launch.grid[0], launch.grid[1], launch.grid[2]};
  const dim3 block{launch.block[0], launch.block[1], launch.block[2]};
  running.threads = block.x * block.y * block.z;
  if (indices.size() != running.threads || memcmp(&block, &here.threads, sizeof block)) {
    here.threads = block;
    indices.clear();
    for (unsigned z = 0; z < block.z; ++z)
      for (unsigned y = 0; y < block.y; ++y)
        for (unsigned x = 0; x < block.x; ++x) indices.push_back({x, y, z});
  }
  random_state = launch.seed;
  const uint64_t blocks = uint64_t(here.blocks.x) * here.blocks.y * here.blocks.z;
  uint64_t step = 1;
  if (blocks > 1) do step = random_number() % blocks; while (std::gcd(step, blocks) != 1);
  uint64_t at = blocks ? random_number() % blocks : 0;
  if (checked) races::begin_launch(reinterpret_cast<const void *>(call));
  for (uint64_t i = 0; i < blocks && running.problem.empty(); ++i) {
    running.block = at;
    here.block = {unsigned(at % here.blocks.x), unsigned(at / here.blocks.x % here.blocks.y),
                   unsigned(at / here.blocks.x / here.blocks.y)};
    run_block();
    at = (at + step) % blocks;
  }
  idle.clear();
  for (const auto &fibre : fibres) idle.push_back(fibre.get());  // also where a launch failed
  if (running.problem.empty()) return nullptr;
  problem = "block " + text(here.block) + ": " + running.problem;
  return problem.c_str();
}

}  // namespace cuda_on_cpu
