// What the word lists say of a word, and the weights that judge the unknown ones (edge_sdk/second_look/table.py).
#ifndef OBCLIP_SECOND_LOOK_TABLE_H
#define OBCLIP_SECOND_LOOK_TABLE_H

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string_view>
#include <vector>

#include "result.h"
#include "second_look/letters.h"

namespace obclip::second_look {

using Bits = std::uint32_t;
using Known = std::vector<Bits>;

// What the lists say of a word (`Known` of the reference).
inline constexpr Bits WORD = 1, RARE = 2, GIVEN = 4, SCARCE = 8, SURNAME = 16, TOP = 32, PLACE = 64, PERSON = 128,
                      QUALITY = 256, STYLE = 512, FICTION = 1024, AXIS = 7u << 11, BEGINS = 1u << 14, DOUBTFUL = 1u << 15;
inline constexpr Bits ALSO_SURNAME = AXIS;
inline constexpr Bits NAME = GIVEN | SCARCE | SURNAME;
inline constexpr Bits DICTIONARY = WORD | RARE;

// The axis of a word for a person, or "".
View axis_of(Bits known);

class Table {
 public:
  // Copies the bytes. Refused (LEXICON): no such table, of another version, cut short, or not sorted.
  static Result<std::unique_ptr<Table>> open(std::string_view bytes);
  // The bits of a word or phrase, 0 for one on no list.
  Bits known(View word) const;
  // The sum of the features' weights for each class.
  std::vector<std::int64_t> scores(const std::vector<Text>& features) const;
  const std::vector<std::int64_t>& thresholds() const { return thresholds_; }

 private:
  Table() = default;
  std::vector<std::uint32_t> hashes_;
  std::vector<std::uint16_t> bits_;
  std::vector<std::int8_t> weights_;
  std::vector<std::int64_t> thresholds_;
  std::size_t buckets_ = 0, classes_ = 0;
};

// Whether a word is on one of the lists of data/context.json.
bool in_context(View list, View word);
const std::vector<View>& context(View list);

// The first word, the word behind the last, list bits.
struct Phrase {
  int first, behind;
  Bits bits;
};
using Phrases = std::vector<Phrase>;
// Indexed by word: std::vector<bool> has no references, and this is as small as matters here.
using Flags = std::vector<char>;
using Axes = std::vector<Text>;

}  // namespace obclip::second_look

#endif
