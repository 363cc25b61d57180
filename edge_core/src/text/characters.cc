// Characters and their cases, as Python's `str` has them (text.h).
#include <algorithm>

#include "text/tables.h"
#include "text/text.h"

namespace obclip {
namespace {

using tables::Long;
using tables::Run;

std::uint32_t kind_of(char32_t c) {
  if (c < 0x100) return tables::KINDS[tables::FIRST_KINDS[c]];
  const std::uint32_t* end = tables::STARTS + tables::STARTS_SIZE;
  const std::uint32_t* at =
      std::upper_bound(tables::STARTS, end, c, [](char32_t x, std::uint32_t row) { return x < row >> 8; });
  return tables::KINDS[*(at - 1) & 0xff];
}

bool has(char32_t c, tables::Trait trait) { return (kind_of(c) & trait) != 0; }

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
  const Run* run = std::upper_bound(m.runs, end, c, [](char32_t x, const Run& r) { return x < r.at >> 8; });
  if (run != m.runs) {
    --run;
    const bool second = (run->distance & 1) != 0;
    const std::uint32_t behind = c - (run->at >> 8);
    if ((second ? behind / 2 : behind) <= (run->at & 0xff) && !(second && behind % 2 != 0)) {
      c = static_cast<char32_t>(static_cast<std::int32_t>(c) + (run->distance - second) / 2);
    }
  }
  out += c;
}

// Whether the capital sigma at `i` ends a word: a cased letter before it, none behind, ignorable characters apart.
bool is_final_sigma(View s, std::size_t i) {
  std::size_t j = i;
  while (j > 0 && has(s[j - 1], tables::IGNORABLE)) --j;
  if (j == 0 || !has(s[j - 1], tables::CASED)) return false;
  j = i + 1;
  while (j < s.size() && has(s[j], tables::IGNORABLE)) ++j;
  return j == s.size() || !has(s[j], tables::CASED);
}

// The lower case of s[i], which is in its place.
void lower_to(View s, std::size_t i, Text& out) {
  const char32_t c = s[i];
  if (c < 0x80) {
    out += c >= U'A' && c <= U'Z' ? c + 0x20 : c;
  } else if (c == U'\u03a3') {
    out += is_final_sigma(s, i) ? U'\u03c2' : U'\u03c3';
  } else {
    map_to(OBCLIP_MAPPING_OF(TO_LOWER), c, out);
  }
}

template <class Test>
bool all(View s, Test test) {
  return !s.empty() && std::all_of(s.begin(), s.end(), test);
}

bool all_are(View s, tables::Trait trait) {
  return all(s, [trait](char32_t c) { return has(c, trait); });
}

// At least one cased letter, and none of another case.
bool all_cased_are(View s, tables::Trait trait) {
  constexpr std::uint32_t ANY = tables::UPPER | tables::LOWER | tables::TITLE;
  bool cased = false;
  for (char32_t c : s) {
    const std::uint32_t kind = kind_of(c) & ANY;
    if ((kind & ~trait) != 0) return false;
    cased = cased || kind != 0;
  }
  return cased;
}

}  // namespace

bool is_space(char32_t c) { return has(c, tables::SPACE); }
bool is_alpha(char32_t c) { return has(c, tables::ALPHA); }
bool is_alnum(char32_t c) { return has(c, tables::ALNUM); }
bool is_decimal(char32_t c) { return has(c, tables::DECIMAL); }
int digit_value(char32_t c) {
  int behind = 0;  // digits stand in tens that begin with zero, and tens may follow tens
  while (c > 0 && is_decimal(c - 1)) {
    --c;
    ++behind;
  }
  return behind % 10;
}
bool is_digit(char32_t c) { return has(c, tables::DIGIT); }
bool is_upper(char32_t c) { return has(c, tables::UPPER); }
bool is_lower(char32_t c) { return has(c, tables::LOWER); }
bool is_hidden(char32_t c) { return has(c, tables::HIDDEN); }
bool is_mark(char32_t c) { return has(c, tables::MARK); }
bool is_printable(char32_t c) { return has(c, tables::PRINTABLE); }
bool is_latin(char32_t c) { return has(c, tables::LATIN); }
bool is_wide_latin(char32_t c) { return has(c, tables::WIDE_LATIN); }
int combining(char32_t c) { return static_cast<int>(kind_of(c) >> tables::CLASS_SHIFT); }

bool is_ascii(View s) {
  return std::all_of(s.begin(), s.end(), [](char32_t c) { return c < 0x80; });
}
bool is_alpha(View s) { return all_are(s, tables::ALPHA); }
bool is_alnum(View s) { return all_are(s, tables::ALNUM); }
bool is_decimal(View s) { return all_are(s, tables::DECIMAL); }
bool is_digit(View s) { return all_are(s, tables::DIGIT); }
bool is_space(View s) { return all_are(s, tables::SPACE); }
bool is_upper(View s) { return all_cased_are(s, tables::UPPER); }
bool is_lower(View s) { return all_cased_are(s, tables::LOWER); }

bool is_title(View s) {
  bool cased = false, inside = false;
  for (char32_t c : s) {
    const std::uint32_t kind = kind_of(c);
    const bool begins = (kind & (tables::UPPER | tables::TITLE)) != 0;
    const bool goes_on = !begins && (kind & tables::LOWER) != 0;
    if ((begins && inside) || (goes_on && !inside)) return false;
    inside = begins || goes_on;
    cased = cased || inside;
  }
  return cased;
}

Text lower(View s) {
  Text out;
  out.reserve(s.size());
  for (std::size_t i = 0; i < s.size(); ++i) lower_to(s, i, out);
  return out;
}

Text upper(View s) {
  Text out;
  for (char32_t c : s) map_to(OBCLIP_MAPPING_OF(TO_UPPER), c, out);
  return out;
}

Text capitalize(View s) {
  Text out;
  if (!s.empty()) map_to(OBCLIP_MAPPING_OF(TO_TITLE), s[0], out);
  for (std::size_t i = 1; i < s.size(); ++i) lower_to(s, i, out);
  return out;
}

char32_t styled(char32_t c) {
  if (c < 0x80) return c;
  Text out;
  map_to(OBCLIP_MAPPING_OF(STYLED), c, out);
  return out[0];
}

}  // namespace obclip
