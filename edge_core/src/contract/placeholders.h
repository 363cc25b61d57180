// The placeholders and braces of a template, one by one: the pattern that grid.py, limits.py and tokens.py share.
#ifndef OBCLIP_CONTRACT_PLACEHOLDERS_H
#define OBCLIP_CONTRACT_PLACEHOLDERS_H

#include <optional>

#include "text/text.h"

namespace obclip {

// A doubled brace, a placeholder `{name}`, or a brace that is neither: [start, end) of the template.
struct Placeholder {
  enum Kind { DOUBLED, NAMED, LONE } kind;
  std::size_t start, end;
  View name;  // of NAMED: points into the template
};

// The first at `from` or behind it.
inline std::optional<Placeholder> next_placeholder(View text, std::size_t from) {
  const auto is_letter = [](char32_t c) { return (c >= U'a' && c <= U'z') || (c >= U'A' && c <= U'Z'); };
  for (std::size_t i = from; i < text.size(); ++i) {
    const char32_t c = text[i];
    if (c != U'{' && c != U'}') continue;
    if (i + 1 < text.size() && text[i + 1] == c) return Placeholder{Placeholder::DOUBLED, i, i + 2, {}};
    if (c == U'{' && i + 1 < text.size() && is_letter(text[i + 1])) {
      std::size_t j = i + 2;
      while (j < text.size() && (is_letter(text[j]) || (text[j] >= U'0' && text[j] <= U'9') || text[j] == U'_')) ++j;
      if (j < text.size() && text[j] == U'}') {
        return Placeholder{Placeholder::NAMED, i, j + 1, text.substr(i + 1, j - i - 1)};
      }
    }
    return Placeholder{Placeholder::LONE, i, i + 1, {}};
  }
  return std::nullopt;
}

}  // namespace obclip

#endif
