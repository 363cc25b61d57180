// libFuzzer: the second look over any prompt, with its own table or with one of any content.
#include "given.h"

namespace {

using namespace obclip;

void put(std::string& out, std::uint32_t value) {
  for (int i = 0; i < 4; ++i) out += static_cast<char>(value >> 8 * i & 255);
}

// A table whose sizes fit its content, so that what stands in it is read; now and then they do not.
std::string made_table(fuzz::Bytes& in) {
  std::string out = "OBSL";
  const std::uint32_t entries = in.byte(), buckets = 1 + in.byte();
  put(out, in.byte() == 255 ? in.word() : 1);
  put(out, in.byte() == 255 ? in.word() : entries);
  put(out, in.byte() == 255 ? in.word() : buckets);
  put(out, in.byte() == 255 ? in.word() : 3);
  for (int i = 0; i < 2; ++i) put(out, in.word());
  std::uint32_t hash = 0;
  for (std::uint32_t i = 0; i < entries; ++i) put(out, in.flag() ? in.word() : hash += in.word() / entries);
  for (std::uint32_t i = 0; i < 2 * entries + 3 * buckets; ++i) out += static_cast<char>(in.byte());
  return out;
}

void look(const SecondLook& table, View prompt) {
  const int size = static_cast<int>(prompt.size());
  for (const Span& s : table.find(prompt)) {
    if (s.start < 0 || s.start >= s.end || s.end > size) std::abort();
  }
  for (const auto& [start, end] : table.artists(prompt)) {
    if (start < 0 || start > end || end > size) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Bytes in(data, size);
  const std::uint8_t way = in.byte();
  if (way < 192) {
    look(fuzz::second_look(), fuzz::text_of(in.rest()));
    return 0;
  }
  const Text prompt = fuzz::text_of(in.some());
  const auto table = SecondLook::open(way < 250 ? made_table(in) : std::string(in.rest()));
  if (table) look(**table, prompt);
  return 0;
}
