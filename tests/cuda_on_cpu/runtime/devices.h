// The devices: two of one kind, or more, which cannot reach each other's memory.
#pragma once

#include <cstddef>

namespace cuda_on_cpu {

constexpr int most_devices = 8;
constexpr unsigned threads_of_a_block = 1024;
constexpr unsigned threads_of_a_multiprocessor = 2048;
constexpr unsigned blocks_of_a_multiprocessor = 32;
constexpr unsigned multiprocessors = 132;
constexpr unsigned largest_block[3] = {1024, 1024, 64};
constexpr unsigned largest_grid[3] = {2147483647, 65535, 65535};
constexpr size_t shared_of_a_block = 48 << 10;  // without being asked for more
constexpr size_t shared_of_a_block_at_most = 227 << 10;
constexpr size_t shared_of_a_multiprocessor = 228 << 10;
constexpr size_t shared_that_a_block_costs = 1 << 10;
constexpr size_t argument_bytes = 32764;
constexpr size_t memory_of_a_device = size_t(80) << 30;

// How many there are: two, or what CUDA_ON_CPU_DEVICES says.
int device_count();

// The device of this thread.
int current_device();

}  // namespace cuda_on_cpu
