// What the tokenizer's library takes from other versions of Unicode (see the header).
#include "device/tokenizer_unicode.h"

#include <algorithm>
#include <iterator>

namespace obclip::tokens {
namespace {

struct Range {
  char32_t first, last;
};
struct Shift {
  char32_t first, last;
  int by;
};

constexpr Range NEW_LETTERS[] = {
    {0x1c89, 0x1c8a}, {0xa7cb, 0xa7cd}, {0xa7da, 0xa7dc}, {0x105c0, 0x105f3}, {0x10d4a, 0x10d65}, {0x10d6f, 0x10d85},
    {0x10ec2, 0x10ec4}, {0x1123f, 0x11240}, {0x11380, 0x11389}, {0x1138b, 0x1138b}, {0x1138e, 0x1138e},
    {0x11390, 0x113b5}, {0x113b7, 0x113b7}, {0x113d1, 0x113d1}, {0x113d3, 0x113d3}, {0x11bc0, 0x11be0},
    {0x11f02, 0x11f02}, {0x11f04, 0x11f10}, {0x11f12, 0x11f33}, {0x1342f, 0x1342f}, {0x13441, 0x13446},
    {0x13460, 0x143fa}, {0x16100, 0x1611d}, {0x16d40, 0x16d6c}, {0x18cff, 0x18cff}, {0x1b132, 0x1b132},
    {0x1b155, 0x1b155}, {0x1df25, 0x1df2a}, {0x1e030, 0x1e06d}, {0x1e4d0, 0x1e4eb}, {0x1e5d0, 0x1e5ed},
    {0x1e5f0, 0x1e5f0}, {0x2b739, 0x2b739}, {0x2ebf0, 0x2ee5d}, {0x31350, 0x323af}};
constexpr Range NEW_NUMBERS[] = {
    {0x10d40, 0x10d49}, {0x116d0, 0x116e3}, {0x11bf0, 0x11bf9}, {0x11f50, 0x11f59}, {0x16130, 0x16139},
    {0x16d70, 0x16d79}, {0x1ccf0, 0x1ccf9}, {0x1d2c0, 0x1d2d3}, {0x1e4f0, 0x1e4f9}, {0x1e5f1, 0x1e5fa}};
constexpr Shift NEW_CAPITALS[] = {
    {0x1c89, 0x1c89, 1}, {0xa7cb, 0xa7cb, -42343}, {0xa7cc, 0xa7cc, 1}, {0xa7ce, 0xa7ce, 1}, {0xa7d2, 0xa7d2, 1},
    {0xa7d4, 0xa7d4, 1}, {0xa7da, 0xa7da, 1}, {0xa7dc, 0xa7dc, -42561}, {0x10d50, 0x10d65, 32},
    {0x16ea0, 0x16eb8, 27}};
// Characters that the library's NFC neither reorders nor composes.
constexpr Range NEW_MARKS[] = {
    {0x7fd, 0x7fd}, {0x898, 0x89f}, {0x8ca, 0x8d3}, {0x9fe, 0x9fe}, {0xc3c, 0xc3c}, {0xd3b, 0xd3c}, {0xeba, 0xeba},
    {0x1715, 0x1715}, {0x1abf, 0x1ace}, {0x1df6, 0x1dfa}, {0xa82c, 0xa82c}, {0x10d24, 0x10d27}, {0x10eab, 0x10eac},
    {0x10f46, 0x10f50}, {0x10f82, 0x10f85}, {0x11070, 0x11070}, {0x1133b, 0x1133b}, {0x1145e, 0x1145e},
    {0x11839, 0x1183a}, {0x11930, 0x11930}, {0x11935, 0x11935}, {0x11938, 0x11938}, {0x1193d, 0x1193e},
    {0x11943, 0x11943}, {0x119e0, 0x119e0}, {0x11a34, 0x11a34}, {0x11a47, 0x11a47}, {0x11a99, 0x11a99},
    {0x11d42, 0x11d42}, {0x11d44, 0x11d45}, {0x11d97, 0x11d97}, {0x16ff0, 0x16ff1}, {0x1e130, 0x1e136},
    {0x1e2ae, 0x1e2ae}, {0x1e2ec, 0x1e2ef}};

// Ranges rise.
template <class Rows>
auto find(const Rows& rows, char32_t c) {
  auto at = std::lower_bound(std::begin(rows), std::end(rows), c, [](const auto& row, char32_t x) { return row.last < x; });
  return at != std::end(rows) && at->first <= c ? at : std::end(rows);
}
template <class Rows>
bool holds(const Rows& rows, char32_t c) {
  return find(rows, c) != std::end(rows);
}

Text compose(View text) {
  Text out;
  std::size_t from = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && !holds(NEW_MARKS, text[i])) continue;
    out += nfc(text.substr(from, i - from));
    if (i < text.size()) out += text[i];
    from = i + 1;
  }
  return out;
}

}  // namespace

bool is_space(char32_t c) { return obclip::is_space(c) && !(c >= 0x1c && c <= 0x1f); }
bool is_letter(char32_t c) { return is_alpha(c) || holds(NEW_LETTERS, c); }
bool is_number(char32_t c) { return (is_alnum(c) && !is_alpha(c)) || holds(NEW_NUMBERS, c); }

Text normalize(View text) {
  Text out;
  bool spaced = false;
  for (char32_t c : compose(text)) {
    const bool space = is_space(c);
    if (space && !spaced) out += U' ';
    spaced = space;
    if (space) continue;
    // One by one: the library does not know the capital sigma at the end of a word.
    const auto* shift = find(NEW_CAPITALS, c);
    if (shift != std::end(NEW_CAPITALS)) {
      out += static_cast<char32_t>(static_cast<int>(c) + shift->by);
    } else {
      out += lower(View(&c, 1));
    }
  }
  return out;
}

}  // namespace obclip::tokens
