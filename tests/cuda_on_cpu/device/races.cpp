#include "scheduler.h"
namespace cuda_on_cpu {
void note_atomic(const volatile void *, unsigned) {}
namespace races {
void begin_launch() {}
void begin_block() {}
void barrier() {}
void met(unsigned, unsigned) {}
void fence() {}
}  // namespace races
}
