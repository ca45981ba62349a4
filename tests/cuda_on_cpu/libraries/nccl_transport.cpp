// The name of the memory is gone as soon as all ranks have it, so nothing is left behind by those
// that are killed later; what earlier ones left is removed by the next one who makes a name.
#include "nccl_transport.h"

#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <random>
#include <stdexcept>

namespace cuda_on_cpu::nccl {
namespace {

using Clock = std::chrono::steady_clock;

const std::string prefix = "cuda_on_cpu_nccl-";

// Seconds for which a rank waits for the others: NCCL waits for ever.
double limit() {
  const char *said = getenv("CUDA_ON_CPU_NCCL_SECONDS");
  return said ? atof(said) : 30;
}

// Not of a process that has ended, also where its parent has not heard of it.
bool is_alive(pid_t process) {
  if (kill(process, 0) && errno == ESRCH) return false;
  std::ifstream file("/proc/" + std::to_string(process) + "/stat");
  std::string text;
  getline(file, text);
  const size_t name = text.rfind(')');  // which may hold anything
  return name == std::string::npos || name + 2 >= text.size() || !strchr("ZX", text[name + 2]);
}

size_t memory(int size) { return sizeof(Shared) + alignof(Box) + sizeof(Box) * size_t(size * size); }

Shared *mapped(int file, size_t bytes) {
  void *p = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close(file);
  if (p == MAP_FAILED) throw std::runtime_error("shared memory cannot be mapped");
  return static_cast<Shared *>(p);
}

}  // namespace

// Waits in small steps; throws when it has taken too long, or somebody has failed or ended.
class Transport::Patience {
 public:
  explicit Patience(Transport &transport) : transport_(transport) {}
  ~Patience() { mine().waits = 0; }

  void wait(const std::string &what) {
    if (++steps_ < 200) {
      sched_yield();
      return;
    }
    mine().waits = 1;  // so that the others do what they were given
    usleep(100);
    Shared &shared = *transport_.shared_;
    if (shared.failed) throw std::runtime_error(std::string("another rank has failed: ") + shared.why);
    for (int rank = 0; rank < transport_.size_; ++rank)
      if (shared.members[rank].joined && !is_alive(shared.members[rank].process))
        transport_.fail(what + ": the process of rank " + std::to_string(rank) + " has ended");
    if (std::chrono::duration<double>(Clock::now() - began_).count() > limit())
      transport_.fail(what + " for longer than CUDA_ON_CPU_NCCL_SECONDS says");
  }

  void has_moved() { steps_ = 0, began_ = Clock::now(), mine().waits = 0; }

 private:
  Member &mine() { return transport_.shared_->members[transport_.rank_]; }

  Transport &transport_;
  int steps_ = 0;
  Clock::time_point began_ = Clock::now();
};

Transport::Transport(const std::string &name, int size, int rank, int device)
    : size_(size), rank_(rank), bytes_(memory(size)) {
  const std::string path = "/" + name;
  if (rank == 0) {
    int file = shm_open(path.c_str(), O_CREAT | O_EXCL | O_RDWR, 0600);
    if (file < 0) throw std::runtime_error("shared memory cannot be made: " + name);
    if (posix_fallocate(file, 0, off_t(bytes_))) {
      close(file);
      shm_unlink(path.c_str());
      throw std::runtime_error("/dev/shm has no " + std::to_string(bytes_) + " bytes left");
    }
    shared_ = mapped(file, bytes_);  // zeros
    shared_->size = size;
    shared_->ready = 1;
  } else {
    const auto began = Clock::now();
    int file = -1;
    struct stat found;
    while (file < 0 || fstat(file, &found) || found.st_size < off_t(sizeof(Shared))) {
      if (file >= 0) close(file);
      if (std::chrono::duration<double>(Clock::now() - began).count() > limit())
        throw std::runtime_error("rank 0 has not made the communicator in time");
      usleep(500);
      file = shm_open(path.c_str(), O_RDWR, 0600);
    }
    shared_ = mapped(file, std::min(bytes_, size_t(found.st_size)));
    while (!shared_->ready) usleep(100);
    if (shared_->size != size) fail("ranks give communicators of different sizes");
  }
  Member &mine = shared_->members[rank];
  mine.process = getpid();
  mine.device = device;
  if (mine.joined.exchange(1)) fail("two processes give rank " + std::to_string(rank));
  struct Unlinked {
    std::string path;
    ~Unlinked() { shm_unlink(path.c_str()); }
  } unlinked{rank == 0 ? path : ""};
  Patience patience(*this);
  for (int other = 0; other < size; ++other)
    while (!shared_->members[other].joined)
      patience.wait("a communicator: rank " + std::to_string(other) + " has been waited for");
}

Transport::~Transport() { munmap(shared_, bytes_); }

Box &Transport::box(int from, int to) {
  uintptr_t first = uintptr_t(shared_ + 1) + alignof(Box) - 1;
  return reinterpret_cast<Box *>(first / alignof(Box) * alignof(Box))[from * size_ + to];
}

void Transport::fail(const std::string &why) {
  const std::string said = "rank " + std::to_string(rank_) + ": " + why;
  if (!shared_->failed) strncpy(shared_->why, said.c_str(), sizeof shared_->why - 1);
  shared_->failed = 1;
  throw std::runtime_error(said);
}

bool Transport::is_waited_for() const {
  for (int rank = 0; rank < size_; ++rank)
    if (rank != rank_ && shared_->members[rank].waits) return true;
  return false;
}

// As much as fits, or is there; returns how much.
size_t Transport::move(Flow &flow) {
  Box &box = flow.sends ? this->box(rank_, flow.peer) : this->box(flow.peer, rank_);
  const uint64_t written = box.written, read = box.read;
  const size_t there = size_t(written - read);
  const size_t at = size_t(flow.sends ? written : read) % box_bytes;
  const size_t n = std::min({flow.size - flow.done, flow.sends ? box_bytes - there : there,
                             box_bytes - at});
  if (!n) return 0;
  if (flow.sends) {
    memcpy(box.bytes + at, flow.bytes + flow.done, n);
    box.written += n;
  } else {
    memcpy(flow.bytes + flow.done, box.bytes + at, n);
    box.read += n;
  }
  flow.done += n;
  return n;
}

void Transport::exchange(std::vector<Flow> flows) {
  Patience patience(*this);
  while (true) {
    bool open = false, moved = false;
    std::vector<char> busy(size_t(2 * size_));  // with an earlier one, by direction and rank
    int waited = -1;
    for (Flow &flow : flows) {
      char &is_busy = busy[size_t(flow.peer + flow.sends * size_)];
      if (flow.done == flow.size || is_busy) continue;
      moved |= move(flow) > 0;
      if (flow.done == flow.size) {
        if (flow.then) flow.then();
        continue;
      }
      is_busy = 1;
      open = true;
      waited = flow.peer;
    }
    if (!open) return;
    if (moved)
      patience.has_moved();
    else
      patience.wait("rank " + std::to_string(waited) + " has been waited for");
  }
}

std::string fresh_name() {
  if (DIR *folder = opendir("/dev/shm")) {
    while (dirent *file = readdir(folder)) {
      const std::string name = file->d_name;
      if (name.compare(0, prefix.size(), prefix)) continue;
      if (!is_alive(atoi(name.c_str() + prefix.size()))) shm_unlink(("/" + name).c_str());
    }
    closedir(folder);
  }
  static std::atomic<int> count{0};
  return prefix + std::to_string(getpid()) + "-" + std::to_string(count++) + "-" +
         std::to_string(std::random_device{}());
}

}  // namespace cuda_on_cpu::nccl
