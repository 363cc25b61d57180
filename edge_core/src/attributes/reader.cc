// From a prompt to its document: every pass, once, in order (edge_sdk/attributes/reader.py).
#include "attributes/reader.h"

#include <optional>
#include <utility>

#include "attributes/joining.h"
#include "attributes/normalising.h"
#include "attributes/parting.h"
#include "attributes/passes/passes.h"
#include "attributes/spelling.h"

namespace obclip {
namespace {

using Pass = void (*)(Document&);

// From tokens to marks, and from marks to persons and verdicts.
constexpr Pass MARKING[] = {passes::years,   passes::letters, passes::codes, passes::skins,  passes::origins,
                            passes::match,   passes::pairs,   passes::people, passes::quotes, passes::models};
constexpr Pass PASSES[] = {passes::cases,  passes::animals, passes::scoping, passes::palettes,
                           passes::stand_ins, passes::neutral, passes::mentions, passes::nouns,
                           passes::traits, passes::names,   passes::ages,    passes::tones,
                           passes::lists,  passes::pronouns, passes::presence, passes::numbering};

Document marked(const Text& typed, const Text& prompt, const Lexicon& lex, const Scope& scope) {
  Text text = plain(prompt);
  Tokens found = spell(tokens(text), lex);
  Document document(typed, prompt, std::move(text), std::move(found), lex, scope);
  for (Pass run : MARKING) run(document);
  return document;
}

}  // namespace

Document read(View prompt, const Scope& scope, const Lexicons& lexicons) {
  const Lexicon& lex = lexicons.get(scope.opt_in, scope.unspecified.count(U"gender"sv) != 0);
  const Text parted = without_glue(without_emoji(compose(prompt), lex), lex);
  auto [said, models] = without_models(without_choices(parted, lex), lex);
  const Text typed = without_joins(said, lex);
  std::optional<Document> document(marked(typed, typed, lex, scope));
  while (auto bare = without_weights(*document)) document.emplace(marked(typed, *bare, lex, scope));
  document->lexicons = &lexicons;
  document->left_out = std::move(models);
  for (Pass run : PASSES) run(*document);
  return std::move(*document);
}

}  // namespace obclip
