// Who watches over a launch whose module tells of each of its accesses to memory.
#pragma once

namespace cuda_on_cpu::races {

void begin_launch(const void *code);  // a function of the module
void begin_block();
void barrier();                            // all threads of the block have met
void met(unsigned first, unsigned there);  // these lanes of the warp that begins there have met
void fence();

}  // namespace cuda_on_cpu::races
