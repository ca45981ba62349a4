#include "journal.h"

#include <map>
#include <mutex>
#include <sstream>

namespace cuda_on_cpu {
namespace {

std::mutex mutex;
std::map<std::string, long> counts;
std::vector<Entry> entries;
bool watching = false;

}  // namespace

void note(const Entry &entry) {
  std::lock_guard lock(mutex);
  ++counts[entry.kind];
  if (watching) entries.push_back(entry);
}

void count(const char *kind) {
  Entry entry;
  entry.kind = kind;
  note(entry);
}

}  // namespace cuda_on_cpu

using namespace cuda_on_cpu;

extern "C" {

// Forgets all, and writes lines down from now on, or not.
void cuda_on_cpu_watch(int on) {
  std::lock_guard lock(mutex);
  counts.clear();
  entries.clear();
  watching = on;
}

// A line for each kind: kind, tabulator, number.
const char *cuda_on_cpu_counts() {
  static thread_local std::string text;
  std::lock_guard lock(mutex);
  std::ostringstream lines;
  for (const auto &[kind, number] : counts) lines << kind << '\t' << number << '\n';
  text = lines.str();
  return text.c_str();
}

// A line for each entry, in order, its fields separated by tabulators.
const char *cuda_on_cpu_entries() {
  static thread_local std::string text;
  std::lock_guard lock(mutex);
  std::ostringstream lines;
  for (const auto &e : entries) {
    lines << e.kind << '\t' << e.name << '\t' << e.device << '\t' << e.stream << '\t';
    for (unsigned n : e.grid) lines << n << ' ';
    lines << '\t';
    for (unsigned n : e.block) lines << n << ' ';
    lines << '\t' << e.bytes << '\t';
    for (const auto &argument : e.arguments) lines << argument << ' ';
    lines << '\n';
  }
  text = lines.str();
  return text.c_str();
}
}
