// What a fuzz target is given: bytes that decide one thing after the other, and the files that the product ships.
#ifndef OBCLIP_FUZZ_GIVEN_H
#define OBCLIP_FUZZ_GIVEN_H

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "lines.h"
#include "lexicon/loading.h"
#include "second_look/look.h"

namespace obclip::fuzz {

// Decisions from the front; zeros when the bytes have run out.
class Bytes {
 public:
  Bytes(const std::uint8_t* data, std::size_t size) : left_(reinterpret_cast<const char*>(data), size) {}
  bool empty() const { return left_.empty(); }
  std::size_t size() const { return left_.size(); }
  std::uint8_t byte() {
    if (left_.empty()) return 0;
    const auto out = static_cast<std::uint8_t>(left_[0]);
    left_.remove_prefix(1);
    return out;
  }
  bool flag() { return (byte() & 1) != 0; }
  // 0 <= below most, which is at least 1 and at most 256.
  std::size_t below(std::size_t most) { return byte() % most; }
  std::uint32_t word() {
    std::uint32_t out = 0;
    for (int i = 0; i < 4; ++i) out = out << 8 | byte();
    return out;
  }
  std::string_view take(std::size_t size) {
    const std::string_view out = left_.substr(0, size);
    left_.remove_prefix(out.size());
    return out;
  }
  // As many bytes as one of them says.
  std::string_view some() { return take(byte()); }
  std::string_view rest() { return take(left_.size()); }
  template <class T, std::size_t n>
  const T& one_of(const T (&choices)[n]) {
    return choices[below(n)];
  }

 private:
  std::string_view left_;
};

// Bytes that are no UTF-8 stand for one character each, so that no input is lost.
inline Text text_of(std::string_view bytes) {
  if (auto read = from_utf8(bytes)) return *read;
  Text out;
  for (char c : bytes) out += static_cast<unsigned char>(c);
  return out;
}

inline std::string file(const char* path) {
  std::string out = testing::read_file((std::string(OBCLIP_FUZZ_ROOT "/") + path).c_str());
  if (out.empty()) {
    std::fprintf(stderr, "%s/%s cannot be read: the fuzz targets work with the checkout that they were built in\n",
                 OBCLIP_FUZZ_ROOT, path);
    std::exit(2);
  }
  return out;
}
inline std::string lexicon_file() { return file("edge_sdk/attributes/lexicon.bin"); }
inline std::string second_look_file() { return file("edge_sdk/second_look/data/second_look.bin"); }

inline const Lexicons& lexicons() {
  static const auto OPENED = Lexicons::open(lexicon_file());
  return **OPENED;
}
inline const SecondLook& second_look() {
  static const auto OPENED = SecondLook::open(second_look_file());
  return **OPENED;
}

}  // namespace obclip::fuzz

#endif
