// Whole strings: white space, splitting, UTF-8 and repr(), as Python's `str` has them (text.h).
#include "text/text.h"

namespace obclip {

View remove_prefix(View s, View head) { return starts_with(s, head) ? s.substr(head.size()) : s; }
View remove_suffix(View s, View tail) {
  return !tail.empty() && ends_with(s, tail) ? s.substr(0, s.size() - tail.size()) : s;
}

View lstrip(View s) {
  std::size_t i = 0;
  while (i < s.size() && is_space(s[i])) ++i;
  return s.substr(i);
}
View rstrip(View s) {
  std::size_t n = s.size();
  while (n > 0 && is_space(s[n - 1])) --n;
  return s.substr(0, n);
}
View strip(View s) { return rstrip(lstrip(s)); }

View lstrip(View s, View signs) {
  std::size_t i = 0;
  while (i < s.size() && contains(signs, s[i])) ++i;
  return s.substr(i);
}
View rstrip(View s, View signs) {
  std::size_t n = s.size();
  while (n > 0 && contains(signs, s[n - 1])) --n;
  return s.substr(0, n);
}
View strip(View s, View signs) { return rstrip(lstrip(s, signs), signs); }

std::vector<View> split(View s) {
  std::vector<View> out;
  for (std::size_t i = 0; i < s.size();) {
    if (is_space(s[i])) {
      ++i;
      continue;
    }
    std::size_t end = i;
    while (end < s.size() && !is_space(s[end])) ++end;
    out.push_back(s.substr(i, end - i));
    i = end;
  }
  return out;
}

std::vector<View> split(View s, View separator) {
  std::vector<View> out;
  std::size_t from = 0;
  for (std::size_t at; (at = s.find(separator, from)) != View::npos; from = at + separator.size()) {
    out.push_back(s.substr(from, at - from));
  }
  out.push_back(s.substr(from));
  return out;
}

namespace {

template <class Part>
Text joined(View separator, const std::vector<Part>& parts) {
  Text out;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) out += separator;
    out += parts[i];
  }
  return out;
}

void append_utf8(std::string& out, char32_t c) {
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xc0 | (c >> 6));
    out += static_cast<char>(0x80 | (c & 0x3f));
  } else if (c < 0x10000) {
    out += static_cast<char>(0xe0 | (c >> 12));
    out += static_cast<char>(0x80 | ((c >> 6) & 0x3f));
    out += static_cast<char>(0x80 | (c & 0x3f));
  } else {
    out += static_cast<char>(0xf0 | (c >> 18));
    out += static_cast<char>(0x80 | ((c >> 12) & 0x3f));
    out += static_cast<char>(0x80 | ((c >> 6) & 0x3f));
    out += static_cast<char>(0x80 | (c & 0x3f));
  }
}

void append_escape(std::string& out, char letter, char32_t c, int digits) {
  out += '\\';
  out += letter;
  for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) out += "0123456789abcdef"[(c >> shift) & 0xf];
}

}  // namespace

Text join(View separator, const std::vector<Text>& parts) { return joined(separator, parts); }
Text join(View separator, const std::vector<View>& parts) { return joined(separator, parts); }

Text replace(View s, View what, View with) {
  if (what.empty()) return Text(s);
  Text out;
  std::size_t from = 0;
  for (std::size_t at; (at = s.find(what, from)) != View::npos; from = at + what.size()) {
    out += s.substr(from, at - from);
    out += with;
  }
  return out += s.substr(from);
}

Text text_of(std::int64_t number) { return ascii(std::to_string(number)); }

std::string utf8(View s) {
  std::string out;
  out.reserve(s.size());
  for (char32_t c : s) append_utf8(out, c);
  return out;
}

std::optional<Text> from_utf8(std::string_view bytes) {
  Text out;
  out.reserve(bytes.size());
  for (std::size_t i = 0; i < bytes.size();) {
    const auto first = static_cast<unsigned char>(bytes[i++]);
    if (first < 0x80) {
      out += first;
      continue;
    }
    const int more = first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
    if (first < 0xc2 || first > 0xf4 || bytes.size() - i < static_cast<std::size_t>(more)) return std::nullopt;
    char32_t c = first & (0x3fu >> more);
    for (int k = 0; k < more; ++k) {
      const auto next = static_cast<unsigned char>(bytes[i++]);
      if ((next & 0xc0) != 0x80) return std::nullopt;
      c = (c << 6) | (next & 0x3f);
    }
    const char32_t least = more == 1 ? 0x80 : more == 2 ? 0x800 : 0x10000;
    if (c < least || c > 0x10ffff || (c >= 0xd800 && c < 0xe000)) return std::nullopt;
    out += c;
  }
  return out;
}

std::string repr(View s) {
  const char quote = contains(s, U'\'') && !contains(s, U'"') ? '"' : '\'';
  std::string out(1, quote);
  for (char32_t c : s) {
    if (c == static_cast<char32_t>(quote) || c == U'\\') {
      out += '\\';
      out += static_cast<char>(c);
    } else if (c == U'\n') {
      out += "\\n";
    } else if (c == U'\r') {
      out += "\\r";
    } else if (c == U'\t') {
      out += "\\t";
    } else if (is_printable(c)) {
      append_utf8(out, c);
    } else if (c < 0x100) {
      append_escape(out, 'x', c, 2);
    } else if (c < 0x10000) {
      append_escape(out, 'u', c, 4);
    } else {
      append_escape(out, 'U', c, 8);
    }
  }
  return out + quote;
}

}  // namespace obclip
