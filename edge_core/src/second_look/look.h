// The second look: open classes of words that the lexicon cannot list to the end (edge_sdk/second_look/look.py).
#ifndef OBCLIP_SECOND_LOOK_LOOK_H
#define OBCLIP_SECOND_LOOK_LOOK_H

#include <memory>

#include "attributes/detector.h"
#include "result.h"
#include "second_look/table.h"

namespace obclip {

// The value of a span that the lists or a rule are certain of, whatever else the word may be.
inline constexpr View LISTED = U"listed";

class SecondLook : public Detector {
 public:
  // Copies the bytes of second_look.bin; refused (LEXICON) if they are no such table.
  static Result<std::unique_ptr<SecondLook>> open(std::string_view bytes);
  std::vector<Span> find(View prompt) const override;
  std::vector<std::pair<int, int>> artists(View prompt) const override;

 private:
  explicit SecondLook(std::unique_ptr<second_look::Table> table) : table_(std::move(table)) {}
  second_look::Known listed(const second_look::Tokens& tokens) const;
  second_look::Phrases phrases(const second_look::Tokens& tokens, const second_look::Known& known) const;
  Text glued(const second_look::Token& token, second_look::Bits known) const;
  Text judged(const second_look::Tokens& tokens, const second_look::Known& known, int i, char32_t written) const;

  std::unique_ptr<second_look::Table> table_;
};

}  // namespace obclip

#endif
