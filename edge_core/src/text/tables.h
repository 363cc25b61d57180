// Unicode as short tables: kinds of characters, mappings, and what decomposes. Written by scripts/unicode_tables.
#ifndef OBCLIP_TEXT_TABLES_H
#define OBCLIP_TEXT_TABLES_H

#include <cstddef>
#include <cstdint>

namespace obclip::tables {

// Bits of a kind of characters; its combining class stands above them.
enum Trait : std::uint32_t {
  SPACE = 1u << 0,
  ALPHA = 1u << 1,
  ALNUM = 1u << 2,
  DECIMAL = 1u << 3,
  DIGIT = 1u << 4,
  UPPER = 1u << 5,
  LOWER = 1u << 6,
  TITLE = 1u << 7,
  HIDDEN = 1u << 8,
  MARK = 1u << 9,
  PRINTABLE = 1u << 10,
  LATIN = 1u << 11,
  WIDE_LATIN = 1u << 12,
  // Beside a capital sigma: as lower() sees them.
  CASED = 1u << 13,
  IGNORABLE = 1u << 14,
};
inline constexpr int CLASS_SHIFT = 16;

// Code point << 8 | index into KINDS: characters from there on are of that kind.
extern const std::uint32_t STARTS[];
extern const std::size_t STARTS_SIZE;
// The kinds of the first 256 characters, which need no search.
extern const std::uint8_t FIRST_KINDS[];
extern const std::uint32_t KINDS[];

// The code points from `at >> 8` on, `at & 255` more, each or every second, are mapped to themselves plus a distance.
struct Run {
  std::uint32_t at;
  std::int32_t distance;  // twice; odd for every second one
};
// One code point is mapped to `count` of the pool.
struct Long {
  char32_t from;
  std::uint16_t at, count;
};
#define OBCLIP_MAPPING(name)                 \
  extern const Run name##_RUNS[];            \
  extern const std::size_t name##_RUNS_SIZE; \
  extern const Long name##_LONG[];           \
  extern const std::size_t name##_LONG_SIZE; \
  extern const char32_t name##_POOL[];
OBCLIP_MAPPING(TO_LOWER)
OBCLIP_MAPPING(TO_UPPER)
OBCLIP_MAPPING(TO_TITLE)
OBCLIP_MAPPING(STYLED)
#undef OBCLIP_MAPPING

// One step of canonical decomposition.
struct Pair {
  char32_t from, first, second;
};
struct Single {
  char32_t from, to;
};
extern const Pair PAIRS[];
extern const std::size_t PAIRS_SIZE;
extern const Single SINGLES[];
extern const std::size_t SINGLES_SIZE;
// Indices of the pairs that compose, in the order of their two parts.
extern const std::uint16_t COMPOSED[];
extern const std::size_t COMPOSED_SIZE;
// bare(c) where the canonical decomposition does not give it.
extern const Single BARE[];
extern const std::size_t BARE_SIZE;

}  // namespace obclip::tables

#endif
