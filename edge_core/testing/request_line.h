// What stands on a line that a test sends: words, numbers and JSON strings, one after the other.
#ifndef OBCLIP_TESTING_REQUEST_LINE_H
#define OBCLIP_TESTING_REQUEST_LINE_H

#include <cstring>
#include <string>
#include <string_view>

#include "lines.h"

namespace obclip::testing {

class Request {
 public:
  explicit Request(std::string_view line) : line_(line) {}
  bool at_end() {
    while (at_ < line_.size() && line_[at_] == ' ') ++at_;
    return at_ >= line_.size();
  }
  std::string_view word() {
    at_end();
    const std::size_t from = at_;
    while (at_ < line_.size() && line_[at_] != ' ') ++at_;
    return line_.substr(from, at_ - from);
  }
  std::int64_t number() {
    const std::string_view digits = word();
    const bool negative = !digits.empty() && digits[0] == '-';
    std::uint64_t out = 0;
    for (char c : digits.substr(negative ? 1 : 0)) out = out * 10 + static_cast<std::uint64_t>(c - '0');
    return static_cast<std::int64_t>(negative ? 0 - out : out);
  }
  // A double as the 16 hexadecimal digits of its bits.
  double real() {
    std::uint64_t bits = 0;
    for (char c : word()) bits = bits * 16 + static_cast<std::uint64_t>(c <= '9' ? c - '0' : c - 'a' + 10);
    double out = 0;
    std::memcpy(&out, &bits, sizeof out);
    return out;
  }
  Text text() {
    at_end();
    return unquote(line_, at_).value_or(Text());
  }
  // Bytes in hexadecimal digits; "-" are none.
  std::string bytes() {
    const std::string_view digits = word();
    const auto value = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
    std::string out;
    for (std::size_t i = 0; i + 1 < digits.size(); i += 2)
      out += static_cast<char>(value(digits[i]) * 16 + value(digits[i + 1]));
    return out;
  }

 private:
  std::string_view line_;
  std::size_t at_ = 0;
};

inline std::string hex(std::string_view bytes) {
  std::string out;
  for (char c : bytes) {
    out += "0123456789abcdef"[static_cast<unsigned char>(c) >> 4];
    out += "0123456789abcdef"[static_cast<unsigned char>(c) & 15];
  }
  return out;
}
// The bits of a double, in a JSON string.
inline std::string bits(double value) {
  std::uint64_t number = 0;
  std::memcpy(&number, &value, sizeof number);
  std::string out = "\"";
  for (int i = 60; i >= 0; i -= 4) out += "0123456789abcdef"[(number >> i) & 15];
  return out + '"';
}
// A UTF-8 message as a JSON string.
inline std::string quoted(const std::string& message) {
  const auto text = from_utf8(message);
  return text ? quote(*text) : "\"(no UTF-8)\"";
}

// Items, each made by `make`, as a JSON list.
template <class Items, class Make>
std::string list(const Items& items, Make make) {
  std::string out = "[";
  for (const auto& item : items) out += (out.size() > 1 ? "," : "") + make(item);
  return out + "]";
}

}  // namespace obclip::testing

#endif
