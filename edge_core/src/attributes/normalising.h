// The prompt's characters before anything is read (edge_sdk/attributes/normalising.py).
#ifndef OBCLIP_ATTRIBUTES_NORMALISING_H
#define OBCLIP_ATTRIBUTES_NORMALISING_H

#include <optional>
#include <utility>
#include <vector>

#include "attributes/document.h"
#include "lexicon/lexicon.h"
#include "text/text.h"

namespace obclip {

// Letters with their accents as one code point (NFC), and line ends and tabs as spaces.
Text compose(View prompt);
// Names of the format characters in a prompt ("U+200B, U+00AD") that belong to no emoji; "" if there are none.
Text hidden_characters(View prompt, const Lexicon& lex);
// The first word that mixes Latin letters with those of another alphabet; "" if none does.
Text mixed_script(View prompt);
// Emoji that show persons, tones, faiths or flags, said in words; other emoji stay.
Text without_emoji(View prompt, const Lexicon& lex);
// The first of words to choose from, where each says who or how old somebody is: "{old|young} {man|woman}".
Text without_choices(View text, const Lexicon& lex);
// The text without model tags whose name holds a sensitive word ("<lora:asianFace:0.6>"), and those tags.
std::pair<Text, std::vector<Text>> without_models(View text, const Lexicon& lex);
// The text with spaces for the weights around words about persons; nothing if there are none left.
std::optional<Text> without_weights(const Document& document);

}  // namespace obclip

#endif
