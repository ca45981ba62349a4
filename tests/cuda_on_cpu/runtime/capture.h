// Captures: streams whose work becomes the nodes of a graph, and what CUDA refuses meanwhile.
#pragma once

#include <cuda_runtime_api.h>

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "streams.h"

namespace cuda_on_cpu {

struct Node {
  Work work;
  std::set<size_t> after;  // earlier nodes
};

struct Graph {
  int device = 0;
  std::vector<Node> nodes;
};

struct Capture {
  cudaStreamCaptureMode mode;
  std::thread::id thread;
  std::shared_ptr<Stream> origin;
  std::vector<std::shared_ptr<Stream>> streams;  // the origin and those that joined
  Graph graph;
  std::string spoiled;  // empty, or why no graph will come of it
  bool ended = false;
};

// What follows is called with the lock held.

// No graph will come of the capture. Returns `code`, with the reason.
cudaError_t spoil(const std::shared_ptr<Capture> &capture, cudaError_t code,
                  const std::string &why);

// Refuses waits for a stream that is capturing, and for the legacy stream while one that takes
// turns with it is.
cudaError_t forbid_waiting(const Stream &stream);
cudaError_t forbid_waiting_for_device(int device);

// Refuses the legacy stream while a stream that takes turns with it is capturing.
cudaError_t forbid_legacy(const Stream &stream);

// Refuses what CUDA calls unsafe, where the mode of a capture forbids it.
cudaError_t forbid_unsafe(const std::string &what);

// Ends it without a graph.
void abandon(const std::shared_ptr<Capture> &capture);

// Abandons all; tells of each that it was not ended.
void abandon_captures();

// Adds a node behind those that the stream came to.
void add_node(const std::shared_ptr<Stream> &stream, Work work);

// Makes a stream part of a capture, behind these nodes.
cudaError_t join(const std::shared_ptr<Stream> &stream, const std::shared_ptr<Capture> &capture,
                 const std::set<size_t> &nodes);

}  // namespace cuda_on_cpu
