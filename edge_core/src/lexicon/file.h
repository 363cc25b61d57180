// The tables of an opened `lexicon.bin`, every number checked before it is used (LEXICON_BIN.md says what stands where).
#ifndef OBCLIP_LEXICON_FILE_H
#define OBCLIP_LEXICON_FILE_H

#include <cstdint>
#include <string_view>
#include <vector>

#include "result.h"
#include "text/text.h"

namespace obclip {

// What a reference is to: its upper four bits.
enum class Ref : std::uint32_t { STRING, INT, CONST, TUPLE, SET, DICT, RECORD, ENUM, TRIE, PATCH };
inline constexpr std::uint32_t NO_VALUE = 0, FALSE_VALUE = 1, TRUE_VALUE = 2, NOTHING_VALUE = 3;

// The references in one row.
struct Row {
  const std::uint32_t* begin = nullptr;
  std::size_t size = 0;
  std::uint32_t operator[](std::size_t i) const { return begin[i]; }  // i < size
};

class LexiconFile {
 public:
  // Digest, sizes, and that rows, children and strings lie in order within their tables.
  static Result<LexiconFile> open(std::string_view bytes);

  static Ref kind(std::uint32_t ref) { return static_cast<Ref>(ref >> 28); }
  static std::uint32_t number(std::uint32_t ref) { return ref & 0x0fffffff; }
  static bool is_nothing(std::uint32_t ref) { return ref == (static_cast<std::uint32_t>(Ref::CONST) << 28 | NOTHING_VALUE); }

  std::uint32_t root() const { return root_; }
  // An empty row, and `damaged` set, for a reference of another kind or outside its table; so all of these.
  Row row(std::uint32_t ref, Ref expected) const;
  Row row(std::uint32_t ref) const;
  View string(std::uint32_t ref) const;
  int integer(std::uint32_t ref) const;
  bool boolean(std::uint32_t ref) const;
  bool is_none(std::uint32_t ref) const;
  std::uint32_t nodes() const { return static_cast<std::uint32_t>(meanings_.size()); }
  std::uint32_t token(std::uint32_t node) const { return tokens_[node]; }  // node < nodes()
  std::uint32_t first_child(std::uint32_t node) const { return children_[node]; }
  std::uint32_t behind_children(std::uint32_t node) const { return children_[node + 1]; }
  std::uint32_t meaning(std::uint32_t node) const { return meanings_[node]; }

  void fail() const { damaged_ = true; }
  bool is_damaged() const { return damaged_; }

 private:
  Text pool_;  // all strings, one behind the other
  std::vector<std::uint32_t> string_starts_;
  std::vector<std::uint32_t> row_starts_, items_, tokens_, children_, meanings_;
  std::uint32_t root_ = 0;
  mutable bool damaged_ = false;
};

}  // namespace obclip

#endif
