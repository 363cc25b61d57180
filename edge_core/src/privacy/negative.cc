// The negative prompt: it is sent as it is, so it may name no attribute (edge_sdk/privacy/negative.py).
#include "privacy/negative.h"

#include "attributes/findings.h"
#include "attributes/reader.h"

namespace obclip {

Status check_negative(View negative_prompt, const Lexicons& lexicons) {
  const Document reading = read(negative_prompt, Scope(), lexicons);
  std::string told;
  for (const auto& word : explicit_words(reading)) {
    if (!told.empty()) told += ", ";
    told += repr(word);
  }
  if (told.empty()) return done();
  return privacy_error("the negative prompt says " + told +
                       ", which can give an attribute away; it is sent as it is, so leave that out. Nothing was sent");
}

}  // namespace obclip
