// Boxes in shared memory, by which the processes of a communicator on one machine exchange bytes.
#pragma once

#include <unistd.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace cuda_on_cpu::nccl {

constexpr size_t box_bytes = 64 << 10;
constexpr int most_ranks = 16;

// What one rank sends another: `written` and `read` count all bytes that ever went through.
struct Box {
  alignas(64) std::atomic<uint64_t> written;
  alignas(64) std::atomic<uint64_t> read;
  alignas(64) char bytes[box_bytes];
};

struct Member {
  std::atomic<int> joined, waits;
  pid_t process;
  int device;
};

// The beginning of the memory; then come the boxes, those of sender 0 first.
struct Shared {
  std::atomic<int> ready, failed;
  int size;
  char why[400];  // it failed
  Member members[most_ranks];
};

// Bytes on their way to another rank or from it; when all have come, `then` looks at them.
struct Flow {
  int peer;
  bool sends;
  char *bytes;
  size_t size;
  std::function<void()> then = nullptr;
  size_t done = 0;
};

class Transport {
 public:
  // Called by all ranks of a communicator: rank 0 makes the memory of that name, and all wait for
  // one another. Throws std::runtime_error.
  Transport(const std::string &name, int size, int rank, int device);
  ~Transport();

  int size() const { return size_; }
  int rank() const { return rank_; }
  int device_of(int rank) const { return shared_->members[rank].device; }

  // Returns when all of it has come and gone. Those of a rank go one after another, in order.
  // Throws where others have failed or ended, or do not come in time.
  void exchange(std::vector<Flow> flows);

  // Lets the others know that nothing will come of it, and throws.
  [[noreturn]] void fail(const std::string &why);

  bool has_failed() const { return shared_->failed != 0; }

  // Whether another rank waits.
  bool is_waited_for() const;

 private:
  class Patience;

  Box &box(int from, int to);
  size_t move(Flow &flow);

  int size_, rank_;
  size_t bytes_;
  Shared *shared_;
};

// A name that no other communicator has had. Memory that killed processes left behind is removed.
std::string fresh_name();

}  // namespace cuda_on_cpu::nccl
