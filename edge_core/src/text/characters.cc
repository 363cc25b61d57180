// Characters and their cases, as Python's `str` has them (text.h).
#include <algorithm>

#include "text/tables.h"
#include "text/text.h"

namespace obclip {
namespace {

using tables::Long;
using tables::Range;
using tables::Run;

bool in_ranges(const Range* ranges, std::size_t size, char32_t c) {
  const Range* end = ranges + size;
  const Range* at = std::upper_bound(ranges, end, c, [](char32_t x, const Range& r) { return x < r.first; });
  return at != ranges && c <= (at - 1)->last;
}

struct Mapping {
  const Run* runs;
  std::size_t runs_size;
  const Long* long_ones;
  std::size_t long_size;
  const char32_t* pool;
};

#define OBCLIP_MAPPING_OF(name)                                                                             \
  Mapping {                                                                                                 \
    tables::name##_RUNS, tables::name##_RUNS_SIZE, tables::name##_LONG, tables::name##_LONG_SIZE, tables::name##_POOL \
  }

void map_to(const Mapping& m, char32_t c, Text& out) {
  const Long* last = m.long_ones + m.long_size;
  const Long* at = std::lower_bound(m.long_ones, last, c, [](const Long& row, char32_t x) { return row.from < x; });
  if (at != last && at->from == c) {
    out.append(m.pool + at->at, at->count);
    return;
  }
  const Run* end = m.runs + m.runs_size;
  const Run* run = std::upper_bound(m.runs, end, c, [](char32_t x, const Run& r) { return x < r.first; });
  // Runs of every second code point may lie in each other: two neighbours can hold it.
  for (int back = 0; back < 3 && run != m.runs; ++back) {
    --run;
    if (c <= run->last && (c - run->first) % run->step == 0) {
      out += static_cast<char32_t>(static_cast<std::int32_t>(c) + run->delta);
      return;
    }
  }
  out += c;
}

// Whether the capital sigma at `i` ends a word: a cased letter before it, none behind, ignorable characters apart.
bool is_final_sigma(View s, std::size_t i) {
  std::size_t j = i;
  while (j > 0 && in_ranges(tables::IGNORABLE, tables::IGNORABLE_SIZE, s[j - 1])) --j;
  if (j == 0 || !in_ranges(tables::CASED, tables::CASED_SIZE, s[j - 1])) return false;
  j = i + 1;
  while (j < s.size() && in_ranges(tables::IGNORABLE, tables::IGNORABLE_SIZE, s[j])) ++j;
  return j == s.size() || !in_ranges(tables::CASED, tables::CASED_SIZE, s[j]);
}

template <class Test>
bool all(View s, Test test) {
  return !s.empty() && std::all_of(s.begin(), s.end(), test);
}

}  // namespace

#define OBCLIP_IN(name, c) in_ranges(tables::name, tables::name##_SIZE, c)

bool is_space(char32_t c) { return OBCLIP_IN(SPACE, c); }
bool is_alpha(char32_t c) {
  if (c < 0x80) return (c | 0x20) >= U'a' && (c | 0x20) <= U'z';
  return OBCLIP_IN(ALPHA, c);
}
bool is_alnum(char32_t c) { return is_alpha(c) || OBCLIP_IN(NUMERIC, c); }
bool is_decimal(char32_t c) { return c < 0x80 ? c >= U'0' && c <= U'9' : OBCLIP_IN(DECIMAL, c); }
bool is_digit(char32_t c) { return is_decimal(c) || OBCLIP_IN(DIGIT, c); }
bool is_upper(char32_t c) { return c < 0x80 ? c >= U'A' && c <= U'Z' : OBCLIP_IN(UPPER, c); }
bool is_lower(char32_t c) { return c < 0x80 ? c >= U'a' && c <= U'z' : OBCLIP_IN(LOWER, c); }
bool is_hidden(char32_t c) { return OBCLIP_IN(HIDDEN, c); }
bool is_mark(char32_t c) { return OBCLIP_IN(MARK, c); }
bool is_printable(char32_t c) { return !OBCLIP_IN(UNPRINTABLE, c); }
bool is_latin(char32_t c) { return !OBCLIP_IN(FOREIGN, c); }
bool is_wide_latin(char32_t c) { return OBCLIP_IN(WIDE_LATIN, c); }

bool is_ascii(View s) {
  return std::all_of(s.begin(), s.end(), [](char32_t c) { return c < 0x80; });
}
bool is_alpha(View s) {
  return all(s, [](char32_t c) { return is_alpha(c); });
}
bool is_alnum(View s) {
  return all(s, [](char32_t c) { return is_alnum(c); });
}
bool is_decimal(View s) {
  return all(s, [](char32_t c) { return is_decimal(c); });
}
bool is_digit(View s) {
  return all(s, [](char32_t c) { return is_digit(c); });
}
bool is_space(View s) {
  return all(s, [](char32_t c) { return is_space(c); });
}

bool is_upper(View s) {
  bool cased = false;
  for (char32_t c : s) {
    if (is_lower(c) || OBCLIP_IN(TITLE, c)) return false;
    cased = cased || is_upper(c);
  }
  return cased;
}

bool is_lower(View s) {
  bool cased = false;
  for (char32_t c : s) {
    if (is_upper(c) || OBCLIP_IN(TITLE, c)) return false;
    cased = cased || is_lower(c);
  }
  return cased;
}

Text lower(View s) {
  Text out;
  out.reserve(s.size());
  for (std::size_t i = 0; i < s.size(); ++i) {
    const char32_t c = s[i];
    if (c < 0x80) {
      out += c >= U'A' && c <= U'Z' ? c + 0x20 : c;
    } else if (c == U'\u03a3') {
      out += is_final_sigma(s, i) ? U'\u03c2' : U'\u03c3';
    } else {
      map_to(OBCLIP_MAPPING_OF(TO_LOWER), c, out);
    }
  }
  return out;
}

Text capitalize(View s) {
  Text out;
  if (s.empty()) return out;
  map_to(OBCLIP_MAPPING_OF(TO_TITLE), s[0], out);
  // The rest is lowered as part of the whole: a sigma at its end is a final one.
  return out += lower(s).substr(lower(s.substr(0, 1)).size());
}

// -- normal forms (Unicode annex 15)
namespace {

constexpr char32_t HANGUL = 0xac00, LEADING = 0x1100, VOWEL = 0x1161, TRAILING = 0x11a7;
constexpr char32_t LEADINGS = 19, VOWELS = 21, TRAILINGS = 28;

Text decomposed(View s, bool compatible) {
  Text out;
  for (char32_t c : s) {
    if (c >= HANGUL && c < HANGUL + LEADINGS * VOWELS * TRAILINGS) {
      const char32_t i = c - HANGUL;
      out += LEADING + i / (VOWELS * TRAILINGS);
      out += VOWEL + i % (VOWELS * TRAILINGS) / TRAILINGS;
      if (i % TRAILINGS != 0) out += TRAILING + i % TRAILINGS;
    } else if (c < 0x80) {
      out += c;
    } else if (compatible) {
      map_to(OBCLIP_MAPPING_OF(COMPATIBLE), c, out);
    } else {
      map_to(OBCLIP_MAPPING_OF(CANONICAL), c, out);
    }
  }
  // Marks behind one letter stand in the order of their classes.
  for (std::size_t i = 0; i < out.size();) {
    std::size_t end = i;
    while (end < out.size() && combining(out[end]) != 0) ++end;
    if (end > i + 1) {
      std::stable_sort(out.begin() + static_cast<std::ptrdiff_t>(i), out.begin() + static_cast<std::ptrdiff_t>(end),
                       [](char32_t a, char32_t b) { return combining(a) < combining(b); });
    }
    i = std::max(end, i + 1);
  }
  return out;
}

char32_t composed_pair(char32_t a, char32_t b) {
  if (a >= LEADING && a < LEADING + LEADINGS && b >= VOWEL && b < VOWEL + VOWELS) {
    return HANGUL + ((a - LEADING) * VOWELS + (b - VOWEL)) * TRAILINGS;
  }
  const bool syllable = a >= HANGUL && a < HANGUL + LEADINGS * VOWELS * TRAILINGS && (a - HANGUL) % TRAILINGS == 0;
  if (syllable && b > TRAILING && b < TRAILING + TRAILINGS) return a + (b - TRAILING);
  const tables::Pair* end = tables::PAIRS + tables::PAIRS_SIZE;
  const tables::Pair* at = std::lower_bound(tables::PAIRS, end, std::pair(a, b), [](const tables::Pair& p, auto key) {
    return std::pair(p.first, p.second) < key;
  });
  return at != end && at->first == a && at->second == b ? at->both : 0;
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

int combining(char32_t c) {
  if (c < 0x300) return 0;
  const tables::Class* end = tables::COMBINING + tables::COMBINING_SIZE;
  const tables::Class* at =
      std::upper_bound(tables::COMBINING, end, c, [](char32_t x, const tables::Class& r) { return x < r.first; });
  return at != tables::COMBINING && c <= (at - 1)->last ? (at - 1)->value : 0;
}

Text nfd(View s) { return decomposed(s, false); }
Text nfkd(View s) { return decomposed(s, true); }
Text nfc(View s) { return is_ascii(s) ? Text(s) : composed(decomposed(s, false)); }
Text nfkc(View s) { return is_ascii(s) ? Text(s) : composed(decomposed(s, true)); }

}  // namespace obclip
