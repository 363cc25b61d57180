// Prompts that are not English (edge_sdk/attributes/language.py).
#ifndef OBCLIP_ATTRIBUTES_LANGUAGE_H
#define OBCLIP_ATTRIBUTES_LANGUAGE_H

#include <optional>
#include <utility>
#include <vector>

#include "lexicon/lexicon.h"
#include "text/text.h"

namespace obclip {

// The language or script a prompt seems to be written in, and the words that say so; nothing for English.
std::optional<std::pair<Text, std::vector<Text>>> other_language(View prompt, const Lexicon& lex);

}  // namespace obclip

#endif
