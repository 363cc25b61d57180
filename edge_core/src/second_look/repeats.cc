// Words that repeat the name of a model: "koharu" beside "<lora:BlueArchivea_koharuV10:1>" (edge_sdk/second_look/repeats.py).
#include "second_look/repeats.h"

#include <algorithm>

#include "second_look/company.h"
#include "second_look/glued.h"

namespace obclip::second_look {
namespace {

constexpr std::size_t LEAST = 4;

bool any(Bits bits) { return bits != 0; }

bool is_new(const Token& token, Bits bits, const Table& look) {
  if (any(bits & (WORD | RARE | PLACE | STYLE | FICTION | PERSON))) return false;
  if (in_context(U"triggers", token.folded) || is_style_trigger(token.text)) return false;
  return !(is_alpha(View(token.folded)) && bits == 0 && mistyped(token.folded, look));
}

// Whether a part of a model's name is the word, or the word but for a common one: "ionojacket" of "iono3".
bool repeats_part(const Token& token, const std::set<Text>& parts, const Table& look) {
  for (const Text& piece : pieces(token.text)) {
    const Text word = fold(piece);
    if (parts.count(word) != 0 && word.size() >= LEAST && !made_of_words(word, look)) return true;
  }
  const View word = token.folded;
  return std::any_of(parts.begin(), parts.end(), [&](const Text& p) {
    if (p.size() < LEAST || word == p || !starts_with(word, p)) return false;
    return !any(look.known(p) & DICTIONARY) && any(look.known(word.substr(p.size())) & WORD);
  });
}

}  // namespace

std::pair<Marked, Stretches> repeated(View prompt, const Table& look, const Tokens& tokens, const Known& known,
                                     const Flags& is_public) {
  Stretches stretches;
  if (contains(prompt, U':')) stretches = tags(prompt);
  if (stretches.empty() || somebody(tokens, known).empty()) return {};
  const Flags within = inside(tokens, stretches);
  const std::set<Text> things = things_named(tokens, known);
  Marked words;
  Stretches models;
  for (const auto& [start, end] : stretches) {
    const View tag = slice(prompt, start, end);
    std::set<Text> parts;
    for (Text& p : pieces(name_in(tag))) {
      if (!in_context(U"model_words", p)) parts.insert(std::move(p));
    }
    const bool person = names_person(tag, look);
    bool found = false;
    for (int i = 0; i < static_cast<int>(tokens.size()); ++i) {
      if (within[i] || things.count(tokens[i].folded) != 0) continue;
      const bool character = any(known[i] & FICTION) && !any(known[i] & STYLE);
      const bool counts = (!is_public[i] && is_new(tokens[i], known[i], look)) || (person && character);
      if (!counts || !repeats_part(tokens[i], parts, look)) continue;
      words.insert(i);
      found = true;
    }
    if (found) models.emplace_back(start, end);
  }
  return {std::move(words), std::move(models)};
}

}  // namespace obclip::second_look
