// A reader of JSON that is taken apart as it is read: what Python's json.loads accepts, and no more.
//
// It serves the response's header, the health report, the error envelope and the tokenizer's file. Two differences to
// Python: it refuses values that are nested deeper than MAX_DEPTH, and it never makes a number.
#ifndef OBCLIP_CONTRACT_JSON_H
#define OBCLIP_CONTRACT_JSON_H

#include <cstdint>
#include <optional>

#include "text/text.h"

namespace obclip::json {

inline constexpr int MAX_DEPTH = 100;

enum class Kind { OBJECT, ARRAY, STRING, NUMBER, BOOL, NONE, BAD };

// Each call reads one value and moves behind it, or gives nothing and leaves the reader broken for good.
class Reader {
 public:
  // `text` must outlive the reader.
  explicit Reader(View text) : text_(text) {}

  // What comes next; BAD at the end, before a sign that begins no value, and once something was wrong.
  Kind peek();
  std::optional<Text> string();
  // A whole number that fits 63 bits; nothing for others.
  std::optional<std::int64_t> whole();
  std::optional<bool> boolean();
  // Any value.
  bool skip();
  // Nothing but white space is left, and nothing was wrong.
  bool at_end();

  // {"key": value, ...}: `member(key)` reads the value and returns whether to go on.
  template <class Member>
  bool object(Member member) {
    if (!open(U'{')) return false;
    if (closes(U'}')) return leave();
    do {
      const std::optional<Text> key = string();
      if (!key || !takes(U':') || !member(*key) || broken_) return fail();
    } while (takes_comma());
    return takes(U'}') && leave();
  }
  // [value, ...]: `element()` reads one value and returns whether to go on.
  template <class Element>
  bool array(Element element) {
    if (!open(U'[')) return false;
    if (closes(U']')) return leave();
    do {
      if (!element() || broken_) return fail();
    } while (takes_comma());
    return takes(U']') && leave();
  }

 private:
  bool fail() {
    broken_ = true;
    return false;
  }
  bool leave() {
    --depth_;
    return !broken_;
  }
  void space();
  bool open(char32_t sign);
  bool takes(char32_t sign);
  bool closes(char32_t sign);
  bool takes_comma();
  bool word(View letters);
  std::optional<View> number();
  std::optional<char32_t> unit();

  View text_;
  std::size_t at_ = 0;
  int depth_ = 0;
  bool broken_ = false;
};

}  // namespace obclip::json

#endif
