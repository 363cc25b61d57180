// Normal forms (Unicode annex 15), as Python's `unicodedata` gives them (text.h).
#include <algorithm>

#include "text/tables.h"
#include "text/text.h"

namespace obclip {
namespace {

constexpr char32_t HANGUL = 0xac00, LEADING = 0x1100, VOWEL = 0x1161, TRAILING = 0x11a7;
constexpr char32_t LEADINGS = 19, VOWELS = 21, TRAILINGS = 28;
// No character in front of the tables' first one decomposes or composes.
constexpr char32_t PLAIN_BELOW = 0xc0;

bool is_syllable(char32_t c) { return c >= HANGUL && c < HANGUL + LEADINGS * VOWELS * TRAILINGS; }

// The row of a table for `c`; null if there is none.
template <class Row>
const Row* row_of(const Row* rows, std::size_t size, char32_t c) {
  const Row* at = std::lower_bound(rows, rows + size, c, [](const Row& row, char32_t x) { return row.from < x; });
  return at != rows + size && at->from == c ? at : nullptr;
}

// What a character decomposes to can decompose again; it never does for long.
void decompose_to(char32_t c, Text& out) {
  if (c < PLAIN_BELOW) {
    out += c;
  } else if (is_syllable(c)) {
    const char32_t i = c - HANGUL;
    out += LEADING + i / (VOWELS * TRAILINGS);
    out += VOWEL + i % (VOWELS * TRAILINGS) / TRAILINGS;
    if (i % TRAILINGS != 0) out += TRAILING + i % TRAILINGS;
  } else if (const auto* pair = row_of(tables::PAIRS, tables::PAIRS_SIZE, c)) {
    decompose_to(pair->first, out);
    decompose_to(pair->second, out);
  } else if (const auto* single = row_of(tables::SINGLES, tables::SINGLES_SIZE, c)) {
    decompose_to(single->to, out);
  } else {
    out += c;
  }
}

char32_t composed_pair(char32_t a, char32_t b) {
  if (a >= LEADING && a < LEADING + LEADINGS && b >= VOWEL && b < VOWEL + VOWELS) {
    return HANGUL + ((a - LEADING) * VOWELS + (b - VOWEL)) * TRAILINGS;
  }
  if (is_syllable(a) && (a - HANGUL) % TRAILINGS == 0 && b > TRAILING && b < TRAILING + TRAILINGS) {
    return a + (b - TRAILING);
  }
  const std::uint16_t* end = tables::COMPOSED + tables::COMPOSED_SIZE;
  const std::uint16_t* at = std::lower_bound(tables::COMPOSED, end, 0, [a, b](std::uint16_t i, int) {
    const tables::Pair& pair = tables::PAIRS[i];
    return pair.first < a || (pair.first == a && pair.second < b);
  });
  if (at == end) return 0;
  const tables::Pair& pair = tables::PAIRS[*at];
  return pair.first == a && pair.second == b ? pair.from : 0;
}

Text composed(const Text& s) {
  Text out;
  std::size_t starter = Text::npos;
  int last = 0;  // the class of what was put out last behind the starter; 0 if nothing was
  for (char32_t c : s) {
    const int own = combining(c);
    const bool blocked = starter != Text::npos && out.size() > starter + 1 && (last == 0 || last >= own);
    if (starter != Text::npos && !blocked) {
      if (const char32_t both = composed_pair(out[starter], c)) {
        out[starter] = both;
        continue;
      }
    }
    if (own == 0) {
      starter = out.size();
      last = 0;
    } else {
      last = own;
    }
    out += c;
  }
  return out;
}

}  // namespace

Text nfd(View s) {
  Text out;
  for (char32_t c : s) decompose_to(c, out);
  // Marks behind one letter stand in the order of their classes.
  const auto at = [&out](std::size_t i) { return out.begin() + static_cast<std::ptrdiff_t>(i); };
  for (std::size_t i = 0; i < out.size();) {
    std::size_t end = i;
    while (end < out.size() && combining(out[end]) != 0) ++end;
    if (end > i + 1) {
      std::stable_sort(at(i), at(end), [](char32_t a, char32_t b) { return combining(a) < combining(b); });
    }
    i = std::max(end, i + 1);
  }
  return out;
}

Text nfc(View s) {
  return std::all_of(s.begin(), s.end(), [](char32_t c) { return c < PLAIN_BELOW; }) ? Text(s) : composed(nfd(s));
}

char32_t bare(char32_t c) {
  if (c < 0x80) return c;
  if (const auto* odd = row_of(tables::BARE, tables::BARE_SIZE, c)) return odd->to;
  const Text parts = nfd(View(&c, 1));
  const bool marked = parts.size() > 1 && std::all_of(parts.begin() + 1, parts.end(), [](char32_t part) {
    return combining(part) != 0;
  });
  return marked ? parts[0] : c;
}

}  // namespace obclip
