#include "graphs.h"

#include <fstream>
#include <map>

#include "errors.h"
#include "memory.h"

namespace cuda_on_cpu {
namespace {

// A graph that can be launched. Its launches come one after another, whatever their streams.
struct Executable {
  std::shared_ptr<const Graph> graph;
  Point last;
};

std::map<uintptr_t, std::shared_ptr<Graph>> graphs;
std::map<uintptr_t, Executable> executables;
uintptr_t handles = 0x20000;

template <typename Handle, typename Map>
auto *find(Map &map, Handle handle) {
  auto found = map.find(uintptr_t(handle));
  return found == map.end() ? nullptr : &found->second;
}

cudaError_t unknown() {
  return fail(cudaErrorInvalidValue, "there is no such graph, or it was destroyed");
}

// Each node when those are done that it comes after: of those that could be, the youngest first.
void run(const Graph &graph) {
  std::vector<size_t> missing;
  std::vector<std::vector<size_t>> then(graph.nodes.size());
  std::set<size_t> ready;
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    const auto &after = graph.nodes[i].after;
    missing.push_back(after.size());
    for (size_t before : after) then[before].push_back(i);
    if (after.empty()) ready.insert(i);
  }
  while (!ready.empty()) {
    size_t node = *ready.rbegin();
    ready.erase(node);
    if (graph.nodes[node].work.run) graph.nodes[node].work.run();
    for (size_t next : then[node])
      if (--missing[next] == 0) ready.insert(next);
  }
}

bool is_alike(const Graph &a, const Graph &b) {
  if (a.nodes.size() != b.nodes.size()) return false;
  for (size_t i = 0; i < a.nodes.size(); ++i)
    if (a.nodes[i].after != b.nodes[i].after ||
        a.nodes[i].work.entry.name != b.nodes[i].work.entry.name)
      return false;
  return true;
}

// In a capture, the nodes of the graph become nodes of the other.
void add_nodes(const std::shared_ptr<Stream> &stream, const Graph &graph) {
  auto &nodes = stream->capture->graph.nodes;
  size_t first = nodes.size();
  std::set<size_t> ends;
  for (const Node &node : graph.nodes) {
    std::set<size_t> after;
    for (size_t before : node.after) after.insert(first + before), ends.erase(first + before);
    ends.insert(nodes.size());
    nodes.push_back({node.work, node.after.empty() ? stream->last : after});
  }
  if (!ends.empty()) stream->last = ends;
}

}  // namespace

cudaGraph_t keep_graph(std::shared_ptr<Graph> graph) {
  graphs[handles += 16] = std::move(graph);
  return reinterpret_cast<cudaGraph_t>(handles);
}

}  // namespace cuda_on_cpu

using namespace cuda_on_cpu;

extern "C" {

cudaError_t cudaGraphInstantiate(cudaGraphExec_t *executable, cudaGraph_t graph,
                                 unsigned long long) {
  if (auto error = refused()) return error;
  Lock lock(mutex);
  auto *found = find(graphs, graph);
  if (!found) return unknown();
  executables[handles += 16] = {std::make_shared<const Graph>(**found), {}};
  *executable = reinterpret_cast<cudaGraphExec_t>(handles);
  return cudaSuccess;
}

cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  Lock lock(mutex);
  return graphs.erase(uintptr_t(graph)) ? cudaSuccess : unknown();
}

// What is queued is done all the same.
cudaError_t cudaGraphExecDestroy(cudaGraphExec_t executable) {
  Lock lock(mutex);
  return executables.erase(uintptr_t(executable)) ? cudaSuccess : unknown();
}

cudaError_t cudaGraphUpload(cudaGraphExec_t executable, cudaStream_t handle) {
  if (auto error = refused()) return error;
  Lock lock(mutex);
  if (!find(executables, executable)) return unknown();
  auto stream = find_stream(handle);
  if (!stream) return fail(cudaErrorInvalidResourceHandle, "there is no such stream");
  return stream->capture ? spoil(stream->capture, cudaErrorStreamCaptureUnsupported,
                                 "a graph is uploaded by a stream that is capturing")
                         : cudaSuccess;
}

cudaError_t cudaGraphLaunch(cudaGraphExec_t executable, cudaStream_t handle) {
  if (auto error = refused()) return error;
  Lock lock(mutex);
  auto *found = find(executables, executable);
  if (!found) return unknown();
  auto stream = find_stream(handle);
  if (!stream) return fail(cudaErrorInvalidResourceHandle, "there is no such stream");
  if (auto error = forbid_legacy(*stream)) return error;
  auto graph = found->graph;
  if (auto capture = stream->capture) {
    if (!capture->spoiled.empty()) return fail(cudaErrorStreamCaptureInvalidated, capture->spoiled);
    add_nodes(stream, *graph);
    return cudaSuccess;
  }
  if (without_work()) return cudaSuccess;
  if (stream->device != graph->device)
    return fail(cudaErrorInvalidValue, "a graph is launched on another device than its own");
  Entry entry;
  entry.kind = "graph launch";
  entry.name = "graph";
  entry.stream = stream->handle;
  entry.device = stream->device;
  note(entry);
  for (const Node &node : graph->nodes) {
    std::string problem = misuse(node.work.words, graph->device);
    if (!problem.empty())
      return break_context(cudaErrorIllegalAddress, node.work.entry.name + " is " + problem);
    Entry line = node.work.entry;
    line.kind = "node";
    note(line);
  }
  std::vector<Point> after;
  if (found->last.stream) after.push_back(found->last);
  found->last = enqueue(stream, [=] { run(*graph); }, std::move(after));
  hold_back(lock, stream);
  return cudaSuccess;
}

// Takes over arguments: the new graph must have the same nodes in the same order.
cudaError_t cudaGraphExecUpdate(cudaGraphExec_t executable, cudaGraph_t graph,
                                cudaGraphExecUpdateResultInfo *info) {
  if (auto error = refused()) return error;
  Lock lock(mutex);
  auto *old = find(executables, executable);
  auto *found = find(graphs, graph);
  if (!old || !found) return unknown();
  bool alike = is_alike(*old->graph, **found);
  info->result = alike ? cudaGraphExecUpdateSuccess : cudaGraphExecUpdateErrorTopologyChanged;
  if (!alike) return fail(cudaErrorGraphExecUpdateFailure, "the graphs differ in their nodes");
  old->graph = std::make_shared<const Graph>(**found);
  return cudaSuccess;
}

cudaError_t cudaGraphDebugDotPrint(cudaGraph_t graph, const char *path, unsigned) {
  Lock lock(mutex);
  auto *found = find(graphs, graph);
  if (!found) return unknown();
  std::ofstream file(path);
  file << "digraph dot {\n";
  const auto &nodes = (*found)->nodes;
  for (size_t i = 0; i < nodes.size(); ++i) {
    const Entry &entry = nodes[i].work.entry;
    file << "  node" << i << " [label=\"" << entry.kind << " " << entry.name << "\"];\n";
    for (size_t before : nodes[i].after) file << "  node" << before << " -> node" << i << ";\n";
  }
  file << "}\n";
  return file ? cudaSuccess : fail(cudaErrorInvalidValue, "the file cannot be written");
}
}
