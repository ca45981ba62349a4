// Fibres: stacks between which a thread of the host goes back and forth.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>

#if !defined(__x86_64__)
#error "the switch between fibres is written for x86-64"
#endif

// Leaves the stack whose pointer goes to *from, and goes on on the one that was left at `to`. The
// registers that a function has to keep are on the stack in between.
extern "C" void cuda_on_cpu_switch(void **from, void *to);

asm(R"(
.text
.type cuda_on_cpu_switch, @function
cuda_on_cpu_switch:
  endbr64
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size cuda_on_cpu_switch, . - cuda_on_cpu_switch
)");

namespace cuda_on_cpu {

class Fibre {
  static constexpr size_t size = 256 << 10;  // what is not touched costs nothing
  char *stack_;
  size_t offset_;  // of the top: tops that lie alike would drive each other out of the caches

 public:
  void *pointer = nullptr;  // where it was left

  explicit Fibre(size_t number) : offset_(number % 128 * 320) {
    void *found = mmap(nullptr, size, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (found == MAP_FAILED) abort();
    stack_ = static_cast<char *>(found);
    mprotect(stack_, sysconf(_SC_PAGESIZE), PROT_NONE);  // one that runs over is found
  }
  Fibre(const Fibre &) = delete;
  ~Fibre() { munmap(stack_, size); }

  // The next switch to it calls `body`, which must not return.
  void start(void (*body)()) {
    void **top = reinterpret_cast<void **>(stack_ + size - offset_);
    *--top = nullptr;  // where `body` would return to; its stack is aligned as after a call
    *--top = reinterpret_cast<void *>(body);
    pointer = top - 6;  // the registers, of any value
  }

  bool holds(const void *place, size_t n) const {
    const char *p = static_cast<const char *>(place);
    return p >= stack_ && p + n <= stack_ + size;
  }
};

}  // namespace cuda_on_cpu
