// NCCL between processes of one machine: arguments, groups, and what each call computes.
//
// A call is sending and receiving alone: whoever gets numbers of several ranks adds them up itself,
// in the order of the ranks, so that all have the same bits. Each message says first of which call
// it is, and a call that meets a message of another one fails; NCCL would wait for ever, or take it.
#include <algorithm>
#include <cstdlib>
#include <map>
#include <memory>
#include <thread>

#include "nccl_transport.h"
#include "numbers.h"

using namespace cuda_on_cpu;
using namespace cuda_on_cpu::nccl;

namespace {

enum Status {
  SUCCESS = 0, UNHANDLED_CUDA_ERROR = 1, SYSTEM_ERROR = 2, INTERNAL_ERROR = 3,
  INVALID_ARGUMENT = 4, INVALID_USAGE = 5, REMOTE_ERROR = 6,
};

constexpr int version = 22707;
constexpr int unique_id_bytes = 128;

struct UniqueId {
  char text[unique_id_bytes];
};

// ncclDataType_t, in order.
constexpr size_t sizes[] = {1, 1, 4, 4, 8, 8, 2, 4, 8, 2};
constexpr int types = 10;

enum Operation { SUM, PRODUCT, MAX, MIN, AVERAGE, operations };

enum class Kind { all_reduce, reduce, broadcast, all_gather, reduce_scatter, send, receive };

constexpr const char *names[] = {"ncclAllReduce", "ncclReduce",        "ncclBroadcast",
                                 "ncclAllGather", "ncclReduceScatter", "ncclSend", "ncclRecv"};

// One call. `root` is also the other side of a message.
struct Call {
  Kind kind;
  const char *from;
  char *to;
  size_t count;
  int type, operation, root;

  const char *name() const { return names[int(kind)]; }
  bool is_message() const { return kind == Kind::send || kind == Kind::receive; }
  size_t bytes() const { return count * sizes[type]; }
};

struct Communicator {
  std::unique_ptr<Transport> transport;
  int device;
  void *stream = nullptr;  // of the last call
};

// Never destroyed: a thread looks at them, and what is queued may need them.
std::mutex &lock = *new std::mutex;
std::map<void *, std::shared_ptr<Communicator>> &communicators =
    *new std::map<void *, std::shared_ptr<Communicator>>;

std::shared_ptr<Communicator> find(void *handle) {
  std::lock_guard<std::mutex> hold(lock);
  auto found = communicators.find(handle);
  return found == communicators.end() ? nullptr : found->second;
}

// A GPU does what it was given while its host does something else. Here nothing is done before
// somebody waits for it, and where that is another rank, this thread hears of it.
void do_what_others_wait_for() {
  while (true) {
    usleep(1000);
    std::vector<std::shared_ptr<Communicator>> all;
    {
      std::lock_guard<std::mutex> hold(lock);
      for (const auto &[handle, each] : communicators) all.push_back(each);
    }
    for (const auto &each : all)
      if (each->transport->is_waited_for()) catch_up(each->device);
  }
}

// Arithmetic.

template <typename T> T combined(T a, T b, int operation) {
  switch (operation) {
    case PRODUCT: return T(a * b);
    case MAX: return a < b ? b : a;
    case MIN: return b < a ? b : a;
    default: return T(a + b);
  }
}

template <> Bfloat16 combined(Bfloat16 a, Bfloat16 b, int operation) {
  return Bfloat16(combined(float(a), float(b), operation));
}

template <typename T> T divided(T x, int n) {
  if constexpr (std::is_same_v<T, Bfloat16>) return Bfloat16(float(x) / float(n));
  else return T(x / T(n));
}

template <typename T> void combine(const Call &call, const std::vector<const char *> &parts) {
  T *to = reinterpret_cast<T *>(call.to);
  for (size_t i = 0; i < call.count; ++i) {
    T x = reinterpret_cast<const T *>(parts[0])[i];
    for (size_t part = 1; part < parts.size(); ++part)
      x = combined(x, reinterpret_cast<const T *>(parts[part])[i], call.operation);
    to[i] = call.operation == AVERAGE ? divided(x, int(parts.size())) : x;
  }
}

void combine(const Call &call, const std::vector<const char *> &parts) {
  switch (call.type) {
    case 0: return combine<int8_t>(call, parts);
    case 1: return combine<uint8_t>(call, parts);
    case 2: return combine<int32_t>(call, parts);
    case 3: return combine<uint32_t>(call, parts);
    case 4: return combine<int64_t>(call, parts);
    case 5: return combine<uint64_t>(call, parts);
    case 6: return combine<Half>(call, parts);
    case 7: return combine<float>(call, parts);
    case 8: return combine<double>(call, parts);
    default: return combine<Bfloat16>(call, parts);
  }
}

// What a message says before its bytes.
struct Header {
  int kind, type, operation, root;
  uint64_t count;
};

std::string described(const Header &h) {
  return std::string(names[h.kind]) + " of " + std::to_string(h.count) + " of type " +
         std::to_string(h.type) + ", operation " + std::to_string(h.operation) + ", root " +
         std::to_string(h.root);
}

// A call as messages, and what it makes of them.
class Work {
 public:
  Work(const Communicator &comm, const Call &call)
      : transport_(*comm.transport), call_(call), rank_(comm.transport->rank()), size_(comm.transport->size()),
        mine_{int(call.kind), call.type, call.operation, call.root, call.count},
        headers_(size_t(size_), Header{}) {
    if (call.is_message()) mine_.kind = int(Kind::send), mine_.root = 0;
    check_memory();
  }

  // Adds the messages, in the order in which each pair of ranks exchanges them.
  void add_to(std::vector<Flow> &flows) {
    char *from = const_cast<char *>(call_.from);
    const size_t n = call_.bytes();
    const bool is_root = call_.root == rank_;
    switch (call_.kind) {
      case Kind::send: return send(flows, call_.root, from);
      case Kind::receive: return receive(flows, call_.root, call_.to);
      case Kind::broadcast:
        if (!is_root) return receive(flows, call_.root, call_.to);
        return to_others(flows, [&](int) { return from; });
      case Kind::reduce:
        if (!is_root) return send(flows, call_.root, from);
        return from_others(flows, room(n));
      case Kind::all_gather:
        to_others(flows, [&](int) { return from; });
        return from_others(flows, call_.to);
      case Kind::all_reduce:
        to_others(flows, [&](int) { return from; });
        return from_others(flows, room(n));
      case Kind::reduce_scatter:
        to_others(flows, [&](int other) { return from + size_t(other) * n; });
        return from_others(flows, room(n));
    }
  }

  // When all messages have come.
  void finish() {
    const size_t n = call_.bytes();
    const bool is_root = call_.root == rank_;
    if (call_.kind == Kind::broadcast && is_root && call_.to) memmove(call_.to, call_.from, n);
    if (call_.kind == Kind::all_gather) memmove(call_.to + size_t(rank_) * n, call_.from, n);
    if (room_.empty()) return;
    std::vector<const char *> parts;
    for (int other = 0; other < size_; ++other)
      parts.push_back(other != rank_ ? room_.data() + size_t(other) * n
                      : call_.kind == Kind::reduce_scatter ? call_.from + size_t(rank_) * n
                                                           : call_.from);
    combine(call_, parts);
  }

 private:
  void check_memory() const {
    const size_t n = call_.bytes(), all = n * size_t(size_), alignment = sizes[call_.type];
    const bool is_root = call_.root == rank_;
    const auto reads = [&](size_t bytes) {
      touch(call_.name(), "the send buffer", call_.from, bytes, alignment);
    };
    const auto writes = [&](size_t bytes) {
      touch(call_.name(), "the receive buffer", call_.to, bytes, alignment);
    };
    switch (call_.kind) {
      case Kind::send: return reads(n);
      case Kind::receive: return writes(n);
      case Kind::broadcast: return is_root ? reads(n) : writes(n);
      case Kind::reduce: return reads(n), is_root ? writes(n) : void();
      case Kind::all_gather: return reads(n), writes(all);
      case Kind::all_reduce: return reads(n), writes(n);
      case Kind::reduce_scatter: return reads(all), writes(n);
    }
  }

  void send(std::vector<Flow> &flows, int to, char *bytes) {
    flows.push_back({to, true, reinterpret_cast<char *>(&mine_), sizeof mine_});
    flows.push_back({to, true, bytes, call_.bytes()});
  }

  void receive(std::vector<Flow> &flows, int from, char *bytes) {
    Header &found = headers_[size_t(from)];
    flows.push_back({from, false, reinterpret_cast<char *>(&found), sizeof mine_, [this, from, &found] {
      if (memcmp(&found, &mine_, sizeof mine_))
        transport_.fail(described(mine_) + " meets, of rank " + std::to_string(from) + ", " +
                        described(found));
    }});
    flows.push_back({from, false, bytes, call_.bytes()});
  }

  template <typename Bytes> void to_others(std::vector<Flow> &flows, Bytes bytes) {
    for (int other = 0; other < size_; ++other)
      if (other != rank_) send(flows, other, bytes(other));
  }

  void from_others(std::vector<Flow> &flows, char *parts) {
    for (int other = 0; other < size_; ++other)
      if (other != rank_) receive(flows, other, parts + size_t(other) * call_.bytes());
  }

  char *room(size_t part) {
    room_.resize(std::max<size_t>(part * size_t(size_), 1));
    return room_.data();
  }

  Transport &transport_;
  Call call_;
  int rank_, size_;
  Header mine_;
  std::vector<Header> headers_;  // by sender
  std::vector<char> room_;
};

// All calls of a group are on their way at the same time.
void run(const Communicator &comm, const std::vector<Call> &calls) {
  working_device = comm.device;
  std::vector<Work> works;
  works.reserve(calls.size());  // messages point into them
  std::vector<Flow> flows;
  for (const Call &call : calls) works.emplace_back(comm, call).add_to(flows);
  comm.transport->exchange(std::move(flows));
  for (Work &work : works) work.finish();
}

// Groups.

struct Queued {
  std::shared_ptr<Communicator> comm;
  void *stream;
  Call call;
};

thread_local int depth = 0;
thread_local std::vector<Queued> group;

// Inside, a device is the current one.
class OnDevice {
 public:
  explicit OnDevice(int device) : before_(current_device()) { cudaSetDevice(device); }
  ~OnDevice() { cudaSetDevice(before_); }

 private:
  int before_;
};

// NCCL lets the calls of a communicator run in the order in which they were made, on all streams.
void put_in_order(Communicator &comm, void *stream) {
  void *before = comm.stream;
  comm.stream = stream;
  if (before == stream || !before || is_capturing(stream) || is_capturing(before)) return;
  cudaEvent_t event;
  if (cudaEventCreateWithFlags(&event, cudaEventDisableTiming)) return;
  if (!cudaEventRecord(event, static_cast<cudaStream_t>(before)))
    cudaStreamWaitEvent(static_cast<cudaStream_t>(stream), event, 0);
  cudaEventDestroy(event);
}

int launch(const char *name, const std::shared_ptr<Communicator> &comm, void *stream,
           std::vector<Call> calls) {
  OnDevice there(comm->device);
  put_in_order(*comm, stream);
  const int failed =
      work(stream, name, [comm, calls = std::move(calls)] { run(*comm, calls); });
  return failed ? refuse(name, UNHANDLED_CUDA_ERROR, "the stream does not take it") : int(SUCCESS);
}

bool overlap(const char *a, size_t n, const char *b, size_t m) { return a < b + m && b < a + n; }

// Whether a call writes over what it reads, but for what is documented as in place.
bool is_mixed_up(const Call &call, int rank, int size) {
  const size_t n = call.bytes(), all = n * size_t(size);
  if (call.is_message() || !n || !call.to || !call.from) return false;
  if (call.kind == Kind::all_gather)
    return call.from != call.to + size_t(rank) * n && overlap(call.from, n, call.to, all);
  if (call.kind == Kind::reduce_scatter)
    return call.to != call.from + size_t(rank) * n && overlap(call.from, all, call.to, n);
  return call.from != call.to && overlap(call.from, n, call.to, n);
}

int submit(void *handle, void *stream, const Call &call) {
  const char *name = call.name();
  auto comm = find(handle);
  if (!comm) return refuse(name, INVALID_ARGUMENT, "no communicator, or one that was destroyed");
  const int rank = comm->transport->rank(), size = comm->transport->size();
  if (call.type < 0 || call.type >= types)
    return refuse(name, INVALID_ARGUMENT, "type " + std::to_string(call.type) + " is not there");
  if (call.operation < 0 || call.operation >= operations)
    return refuse(name, INVALID_ARGUMENT, "no such operation");
  if (call.root < 0 || call.root >= size)
    return refuse(name, INVALID_ARGUMENT,
                  "rank " + std::to_string(call.root) + " of " + std::to_string(size));
  const bool reads = call.kind != Kind::receive && (call.kind != Kind::broadcast || call.root == rank);
  const bool writes = call.kind != Kind::send && (call.kind != Kind::reduce || call.root == rank);
  if (call.count && ((reads && !call.from) || (writes && !call.to)))
    return refuse(name, INVALID_ARGUMENT, "a buffer is null");
  if (is_mixed_up(call, rank, size))
    return refuse(name, INVALID_USAGE, "buffers overlap, and it is not in place");
  if (comm->transport->has_failed()) return refuse(name, REMOTE_ERROR, "a call before it failed");
  if (depth) return group.push_back({comm, stream, call}), SUCCESS;
  if (call.is_message() && call.root == rank)
    return refuse(name, INVALID_USAGE, "a message to oneself has to be in a group");
  return launch(name, comm, stream, {call});
}

// Whether a rank sends itself as much as it receives of itself.
bool is_balanced(const Queued &first, const std::vector<Call> &calls) {
  int messages = 0;
  for (const Call &call : calls)
    if (call.is_message() && call.root == first.comm->transport->rank())
      messages += call.kind == Kind::send ? 1 : -1;
  return messages == 0;
}

}  // namespace

extern "C" {

int ncclGetVersion(int *found) {
  if (!found) return INVALID_ARGUMENT;
  *found = version;
  return SUCCESS;
}

const char *ncclGetErrorString(int status) {
  static const char *const words[] = {
      "no error", "unhandled cuda error", "unhandled system error", "internal error",
      "invalid argument", "invalid usage", "remote process exited or there was a network error"};
  return status >= 0 && status <= REMOTE_ERROR ? words[status] : "unknown result code";
}

int ncclGetUniqueId(UniqueId *id) {
  if (!id) return refuse(__func__, INVALID_ARGUMENT, "no room for it");
  std::memset(id, 0, sizeof *id);
  const std::string name = fresh_name();
  std::memcpy(id->text, name.c_str(), std::min(name.size(), sizeof id->text - 1));
  return SUCCESS;
}

int ncclCommInitRankConfig(void **handle, int size, UniqueId id, int rank, void *) {
  if (!handle) return refuse(__func__, INVALID_ARGUMENT, "no room for it");
  *handle = nullptr;
  if (size < 1 || size > most_ranks || rank < 0 || rank >= size)
    return refuse(__func__, INVALID_ARGUMENT,
                  "rank " + std::to_string(rank) + " of " + std::to_string(size));
  if (depth) return refuse(__func__, INVALID_USAGE, "a communicator in a group is not there");
  void *memory = nullptr;  // NCCL allocates, which a capture does not take
  if (cudaMalloc(&memory, 1) || cudaFree(memory))
    return refuse(__func__, UNHANDLED_CUDA_ERROR, "it cannot allocate");
  id.text[unique_id_bytes - 1] = 0;
  auto made = std::make_shared<Communicator>();
  made->device = current_device();
  try {
    made->transport = std::make_unique<Transport>(id.text, size, rank, made->device);
  } catch (const std::exception &error) {
    return refuse(__func__, SYSTEM_ERROR, error.what());
  }
  for (int a = 0; a < size; ++a)
    for (int b = 0; b < a; ++b)
      if (made->transport->device_of(a) == made->transport->device_of(b))
        return refuse(__func__, INVALID_USAGE,
                      "Duplicate GPU detected : rank " + std::to_string(b) + " and rank " +
                          std::to_string(a) + " both on CUDA device " +
                          std::to_string(made->transport->device_of(a)));
  std::lock_guard<std::mutex> hold(lock);
  static const bool looks = (std::thread(do_what_others_wait_for).detach(), true);
  static_cast<void>(looks);
  communicators[made.get()] = made;
  *handle = made.get();
  return SUCCESS;
}

int ncclCommDestroy(void *handle) {
  std::shared_ptr<Communicator> gone;  // whose end may wait
  std::lock_guard<std::mutex> hold(lock);
  auto found = communicators.find(handle);
  if (found == communicators.end())
    return refuse(__func__, INVALID_ARGUMENT, "no communicator, or one that was destroyed");
  gone = found->second;
  communicators.erase(found);
  return SUCCESS;
}

int ncclCommAbort(void *handle) {
  if (auto comm = find(handle)) {
    try {
      comm->transport->fail("the communicator was aborted");
    } catch (const std::exception &) {
    }
  }
  return ncclCommDestroy(handle);
}

int ncclCommGetAsyncError(void *handle, int *status) {
  auto comm = find(handle);
  if (!comm || !status) return refuse(__func__, INVALID_ARGUMENT, "no communicator");
  *status = comm->transport->has_failed() ? REMOTE_ERROR : SUCCESS;
  return SUCCESS;
}

int ncclCommCount(void *handle, int *found) {
  auto comm = find(handle);
  if (!comm || !found) return refuse(__func__, INVALID_ARGUMENT, "no communicator");
  *found = comm->transport->size();
  return SUCCESS;
}

int ncclCommUserRank(void *handle, int *found) {
  auto comm = find(handle);
  if (!comm || !found) return refuse(__func__, INVALID_ARGUMENT, "no communicator");
  *found = comm->transport->rank();
  return SUCCESS;
}

int ncclCommCuDevice(void *handle, int *found) {
  auto comm = find(handle);
  if (!comm || !found) return refuse(__func__, INVALID_ARGUMENT, "no communicator");
  *found = comm->device;
  return SUCCESS;
}

int ncclAllReduce(const char *from, char *to, size_t count, int type, int operation, void *comm,
                  void *stream) {
  return submit(comm, stream, {Kind::all_reduce, from, to, count, type, operation, 0});
}

int ncclReduce(const char *from, char *to, size_t count, int type, int operation, int root,
               void *comm, void *stream) {
  return submit(comm, stream, {Kind::reduce, from, to, count, type, operation, root});
}

int ncclBroadcast(const char *from, char *to, size_t count, int type, int root, void *comm,
                  void *stream) {
  return submit(comm, stream, {Kind::broadcast, from, to, count, type, 0, root});
}

int ncclBcast(char *buffer, size_t count, int type, int root, void *comm, void *stream) {
  return ncclBroadcast(buffer, buffer, count, type, root, comm, stream);
}

int ncclAllGather(const char *from, char *to, size_t count, int type, void *comm, void *stream) {
  return submit(comm, stream, {Kind::all_gather, from, to, count, type, 0, 0});
}

int ncclReduceScatter(const char *from, char *to, size_t count, int type, int operation,
                      void *comm, void *stream) {
  return submit(comm, stream, {Kind::reduce_scatter, from, to, count, type, operation, 0});
}

int ncclSend(const char *from, size_t count, int type, int peer, void *comm, void *stream) {
  return submit(comm, stream, {Kind::send, from, nullptr, count, type, 0, peer});
}

int ncclRecv(char *to, size_t count, int type, int peer, void *comm, void *stream) {
  return submit(comm, stream, {Kind::receive, nullptr, to, count, type, 0, peer});
}

int ncclGroupStart() {
  ++depth;
  return SUCCESS;
}

int ncclGroupEnd() {
  if (!depth) return refuse(__func__, INVALID_USAGE, "no group was begun");
  if (--depth || group.empty()) return SUCCESS;
  const std::vector<Queued> queued = std::move(group);
  group.clear();
  std::vector<Call> calls;
  for (const Queued &each : queued) {
    if (each.comm != queued[0].comm || each.stream != queued[0].stream)
      return refuse(__func__, INVALID_USAGE,
                    "a group of several communicators or streams is not there");
    calls.push_back(each.call);
  }
  if (!is_balanced(queued[0], calls))
    return refuse(__func__, INVALID_USAGE, "a message to oneself is not received, or not sent");
  const char *name = calls.size() == 1 ? calls[0].name() : "ncclGroupEnd";
  return launch(name, queued[0].comm, queued[0].stream, std::move(calls));
}

}  // extern "C"
