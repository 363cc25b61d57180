// A reader of JSON that is taken apart as it is read: what Python's json.loads accepts, and no more.
#include "contract/json.h"

namespace obclip::json {
namespace {

bool is_digit_sign(char32_t c) { return c >= U'0' && c <= U'9'; }

std::optional<char32_t> escape_of(char32_t sign) {
  switch (sign) {
    case U'"': return U'"';
    case U'\\': return U'\\';
    case U'/': return U'/';
    case U'b': return U'\b';
    case U'f': return U'\f';
    case U'n': return U'\n';
    case U'r': return U'\r';
    case U't': return U'\t';
    default: return std::nullopt;
  }
}

int hex_digit(char32_t c) {
  if (is_digit_sign(c)) return static_cast<int>(c - U'0');
  if (c >= U'a' && c <= U'f') return static_cast<int>(c - U'a') + 10;
  if (c >= U'A' && c <= U'F') return static_cast<int>(c - U'A') + 10;
  return -1;
}

}  // namespace

void Reader::space() {
  while (at_ < text_.size() && (text_[at_] == U' ' || text_[at_] == U'\t' || text_[at_] == U'\n' || text_[at_] == U'\r')) ++at_;
}

bool Reader::takes(char32_t sign) {
  space();
  if (broken_ || at_ >= text_.size() || text_[at_] != sign) return fail();
  ++at_;
  return true;
}

bool Reader::open(char32_t sign) {
  if (depth_ >= MAX_DEPTH) return fail();
  if (!takes(sign)) return false;
  ++depth_;
  return true;
}

bool Reader::closes(char32_t sign) {
  space();
  if (broken_ || at_ >= text_.size() || text_[at_] != sign) return false;
  ++at_;
  return true;
}

bool Reader::takes_comma() { return closes(U','); }

bool Reader::word(View letters) {
  if (text_.substr(at_, letters.size()) != letters) return fail();
  at_ += letters.size();
  return true;
}

Kind Reader::peek() {
  space();
  if (broken_ || at_ >= text_.size()) return Kind::BAD;
  switch (text_[at_]) {
    case U'{': return Kind::OBJECT;
    case U'[': return Kind::ARRAY;
    case U'"': return Kind::STRING;
    case U't':
    case U'f': return Kind::BOOL;
    case U'n': return Kind::NONE;
    case U'N':
    case U'I':
    case U'-': return Kind::NUMBER;
    default: return is_digit_sign(text_[at_]) ? Kind::NUMBER : Kind::BAD;
  }
}

// Four hexadecimal digits.
std::optional<char32_t> Reader::unit() {
  if (text_.size() - at_ < 4) return std::nullopt;
  char32_t code = 0;
  for (int i = 0; i < 4; ++i) {
    const int digit = hex_digit(text_[at_ + static_cast<std::size_t>(i)]);
    if (digit < 0) return std::nullopt;
    code = code * 16 + static_cast<char32_t>(digit);
  }
  at_ += 4;
  return code;
}

std::optional<Text> Reader::string() {
  if (!takes(U'"')) return std::nullopt;
  Text out;
  while (at_ < text_.size()) {
    char32_t c = text_[at_++];
    if (c == U'"') return out;
    if (c < 0x20 || (c == U'\\' && at_ >= text_.size())) break;
    if (c == U'\\' && text_[at_] == U'u') {
      ++at_;
      auto code = unit();
      if (!code) break;
      // A pair is one character; half a pair stays, as in Python.
      if (*code >= 0xD800 && *code < 0xDC00 && text_.substr(at_, 2) == U"\\u") {
        const std::size_t behind = at_;
        at_ += 2;
        const auto second = unit();
        if (second && *second >= 0xDC00 && *second < 0xE000) {
          code = 0x10000 + ((*code - 0xD800) << 10) + (*second - 0xDC00);
        } else {
          at_ = behind;
        }
      }
      c = *code;
    } else if (c == U'\\') {
      const auto meant = escape_of(text_[at_++]);
      if (!meant) break;
      c = *meant;
    }
    out += c;
  }
  fail();
  return std::nullopt;
}

// -?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?, or NaN, Infinity, -Infinity. As in Python, what follows the longest match is
// the next thing's matter.
std::optional<View> Reader::number() {
  if (peek() != Kind::NUMBER) {
    fail();
    return std::nullopt;
  }
  const std::size_t first = at_;
  const auto digits = [this](std::size_t from) {
    while (from < text_.size() && is_digit_sign(text_[from])) ++from;
    return from;
  };
  for (View name : {View(U"NaN"), View(U"Infinity"), View(U"-Infinity")}) {
    if (text_.substr(at_, name.size()) == name) {
      at_ += name.size();
      return text_.substr(first, name.size());
    }
  }
  std::size_t at = at_ + (text_[at_] == U'-' ? 1 : 0);
  const std::size_t whole = at < text_.size() && text_[at] == U'0' ? at + 1 : digits(at);
  if (whole == at) {
    fail();
    return std::nullopt;
  }
  at = whole;
  if (at < text_.size() && text_[at] == U'.' && digits(at + 1) > at + 1) at = digits(at + 1);
  if (at < text_.size() && (text_[at] == U'e' || text_[at] == U'E')) {
    const std::size_t sign = at + 1 < text_.size() && (text_[at + 1] == U'-' || text_[at + 1] == U'+') ? at + 2 : at + 1;
    if (digits(sign) > sign) at = digits(sign);
  }
  at_ = at;
  return text_.substr(first, at - first);
}

std::optional<std::int64_t> Reader::whole() {
  const auto found = number();
  if (!found) return std::nullopt;
  const bool minus = (*found)[0] == U'-';
  std::int64_t out = 0;
  for (char32_t c : found->substr(minus ? 1 : 0)) {
    if (!is_digit_sign(c) || out > (INT64_MAX - 9) / 10) {
      fail();
      return std::nullopt;
    }
    out = out * 10 + static_cast<std::int64_t>(c - U'0');
  }
  return minus ? -out : out;
}

std::optional<bool> Reader::boolean() {
  if (peek() != Kind::BOOL) {
    fail();
    return std::nullopt;
  }
  const bool value = text_[at_] == U't';
  if (!word(value ? U"true" : U"false")) return std::nullopt;
  return value;
}

bool Reader::skip() {
  switch (peek()) {
    case Kind::OBJECT: return object([this](const Text&) { return skip(); });
    case Kind::ARRAY: return array([this] { return skip(); });
    case Kind::STRING: return string().has_value();
    case Kind::NUMBER: return number().has_value();
    case Kind::BOOL: return boolean().has_value();
    case Kind::NONE: return word(U"null");
    default: return fail();
  }
}

bool Reader::at_end() {
  space();
  return !broken_ && at_ == text_.size();
}

}  // namespace obclip::json
