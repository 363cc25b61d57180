// Unicode as short tables: runs of code points, mappings, and what composes. Written by scripts/unicode_tables.
#ifndef OBCLIP_TEXT_TABLES_H
#define OBCLIP_TEXT_TABLES_H

#include <cstddef>
#include <cstdint>

namespace obclip::tables {

struct Range {
  char32_t first, last;
};
// Every `step`-th code point from first to last is mapped to itself plus `delta`.
struct Run {
  char32_t first, last;
  std::int32_t delta;
  std::uint32_t step;
};
// One code point is mapped to `count` of the pool.
struct Long {
  char32_t from;
  std::uint16_t at, count;
};
struct Class {
  char32_t first, last;
  int value;
};
struct Pair {
  char32_t first, second, both;
};

#define OBCLIP_RANGES(name)     \
  extern const Range name[];    \
  extern const std::size_t name##_SIZE;
#define OBCLIP_MAPPING(name)                 \
  extern const Run name##_RUNS[];            \
  extern const std::size_t name##_RUNS_SIZE; \
  extern const Long name##_LONG[];           \
  extern const std::size_t name##_LONG_SIZE; \
  extern const char32_t name##_POOL[];

OBCLIP_RANGES(SPACE)
OBCLIP_RANGES(ALPHA)
OBCLIP_RANGES(NUMERIC)
OBCLIP_RANGES(DECIMAL)
OBCLIP_RANGES(DIGIT)
OBCLIP_RANGES(UPPER)
OBCLIP_RANGES(LOWER)
OBCLIP_RANGES(TITLE)
OBCLIP_RANGES(UNPRINTABLE)
OBCLIP_RANGES(HIDDEN)
OBCLIP_RANGES(MARK)
OBCLIP_RANGES(FOREIGN)
OBCLIP_RANGES(WIDE_LATIN)
OBCLIP_RANGES(CASED)
OBCLIP_RANGES(IGNORABLE)
OBCLIP_MAPPING(TO_LOWER)
OBCLIP_MAPPING(TO_TITLE)
OBCLIP_MAPPING(CANONICAL)
OBCLIP_MAPPING(COMPATIBLE)
extern const Class COMBINING[];
extern const std::size_t COMBINING_SIZE;
extern const Pair PAIRS[];
extern const std::size_t PAIRS_SIZE;

#undef OBCLIP_RANGES
#undef OBCLIP_MAPPING

}  // namespace obclip::tables

#endif
