// The fields of one line of a test program: numbers, words and JSON strings, set off by spaces.
#ifndef OBCLIP_TESTING_FIELDS_H
#define OBCLIP_TESTING_FIELDS_H

#include <string>
#include <string_view>
#include <vector>

#include "lines.h"

namespace obclip::testing {

class Fields {
 public:
  explicit Fields(std::string_view line) : line_(line) {}
  std::string word() {
    skip();
    std::string out;
    while (at_ < line_.size() && line_[at_] != ' ') out += line_[at_++];
    return out;
  }
  int number() {
    const std::string digits = word();
    bool minus = false;
    int out = 0;
    for (char c : digits) {
      if (c == '-') minus = true;
      if (c >= '0' && c <= '9') out = out * 10 + (c - '0');
    }
    return minus ? -out : out;
  }
  Text text() {
    skip();
    auto found = unquote(line_, at_);
    return found ? *found : Text();
  }
  std::vector<int> numbers() {
    std::vector<int> out(static_cast<std::size_t>(number()));
    for (int& n : out) n = number();
    return out;
  }
  std::vector<Text> texts() {
    std::vector<Text> out(static_cast<std::size_t>(number()));
    for (Text& t : out) t = text();
    return out;
  }

 private:
  void skip() {
    while (at_ < line_.size() && line_[at_] == ' ') ++at_;
  }
  std::string_view line_;
  std::size_t at_ = 0;
};

}  // namespace obclip::testing

#endif
