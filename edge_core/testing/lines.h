// Lines between a test program and the test that drives it: JSON strings in ASCII, and numbers.
#ifndef OBCLIP_TESTING_LINES_H
#define OBCLIP_TESTING_LINES_H

#include <cstdio>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "text/text.h"

namespace obclip::testing {

// A text as a JSON string in ASCII, as json.dumps writes it.
inline std::string quote(View text) {
  std::string out = "\"";
  const auto unit = [&out](unsigned code) {
    char escaped[12];
    std::snprintf(escaped, sizeof escaped, "\\u%04x", code);
    out += escaped;
  };
  for (char32_t c : text) {
    if (c == U'"' || c == U'\\') {
      out += '\\';
      out += static_cast<char>(c);
    } else if (c == U'\n') {
      out += "\\n";
    } else if (c == U'\r') {
      out += "\\r";
    } else if (c == U'\t') {
      out += "\\t";
    } else if (c == U'\b') {
      out += "\\b";
    } else if (c == U'\f') {
      out += "\\f";
    } else if (c >= 0x20 && c < 0x7f) {
      out += static_cast<char>(c);
    } else if (c < 0x10000) {
      unit(c);
    } else {
      unit(0xd800 + ((c - 0x10000) >> 10));
      unit(0xdc00 + ((c - 0x10000) & 0x3ff));
    }
  }
  return out + '"';
}

// The JSON string that begins at `at` of a line (which moves behind it); nothing if there is none.
inline std::optional<Text> unquote(std::string_view line, std::size_t& at) {
  if (at >= line.size() || line[at] != '"') return std::nullopt;
  Text out;
  for (++at; at < line.size() && line[at] != '"'; ++at) {
    if (line[at] != '\\') {
      out += static_cast<unsigned char>(line[at]);
      continue;
    }
    const char kind = line[++at];
    if (kind != 'u') {
      out += static_cast<char32_t>(kind == 'n' ? '\n' : kind == 't' ? '\t' : kind == 'r' ? '\r' : kind == 'b' ? '\b' : kind == 'f' ? '\f' : kind);
      continue;
    }
    char32_t code = 0;
    for (int i = 0; i < 4; ++i) {
      const char digit = line[++at];
      code = code * 16 + static_cast<char32_t>(digit <= '9' ? digit - '0' : (digit | 32) - 'a' + 10);
    }
    const bool low = code >= 0xdc00 && code < 0xe000;
    if (low && !out.empty() && out.back() >= 0xd800 && out.back() < 0xdc00) {
      code = 0x10000 + ((out.back() - 0xd800) << 10) + (code - 0xdc00);
      out.pop_back();
    }
    out += code;
  }
  ++at;
  return out;
}
inline std::optional<Text> unquote(std::string_view line) {
  std::size_t at = 0;
  return unquote(line, at);
}

// Answer each line of standard input with one line.
inline int serve(const std::function<std::string(std::string_view)>& answer) {
  std::string line;
  for (int c = std::getchar(); c != EOF; c = std::getchar()) {
    if (c != '\n') {
      line += static_cast<char>(c);
      continue;
    }
    const std::string said = answer(line);
    std::fwrite(said.data(), 1, said.size(), stdout);
    std::putchar('\n');
    std::fflush(stdout);
    line.clear();
  }
  return 0;
}

// The whole file, for the word lists that a test program is given by its arguments; "" if it cannot be read.
inline std::string read_file(const char* path) {
  std::string out;
  if (std::FILE* file = std::fopen(path, "rb")) {
    char block[65536];
    for (std::size_t n; (n = std::fread(block, 1, sizeof block, file)) > 0;) out.append(block, n);
    std::fclose(file);
  }
  return out;
}

}  // namespace obclip::testing

#endif
