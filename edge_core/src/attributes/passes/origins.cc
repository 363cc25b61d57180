// Origins and faiths told in a phrase: "born in Lagos", "with Korean roots" (edge_sdk/attributes/passes/origins.py).
#include "attributes/looking_up.h"
#include "attributes/passes/passes.h"

namespace obclip::passes {
namespace {

struct Read {
  int end;
  const Origin* origin;
};

bool stands(const Tokens& tokens, int i, const Words& words) {
  for (std::size_t k = 0; k < words.size(); ++k) {
    if (at(tokens, i + static_cast<int>(k)) != words[k]) return false;
  }
  return true;
}

const Origin* of_kind(const Document& document, const Origins& found, View kind) {
  for (const Origin& origin : found) {
    if (origin.kind == kind && document.hides(origin.axis)) return &origin;
  }
  return nullptr;
}

// The origin of this kind at token i with the words of the frame behind it: the token behind, and it.
std::optional<Read> read_origin(const Document& document, int i, const Words& behind, View kind) {
  if (i >= document.tokens.size() || document.lex.origins.find(at(document.tokens, i)) == nullptr) return std::nullopt;
  const auto match = longest(document.lex.origins, document.tokens, i);
  if (!match) return std::nullopt;
  const Origin* origin = of_kind(document, *match->meaning, kind);
  if (origin == nullptr || !stands(document.tokens, match->behind, behind)) return std::nullopt;
  return Read{match->behind + static_cast<int>(behind.size()), origin};
}

void add(Document& document, int i, int end, const Origin& origin) {
  const Tokens& tokens = document.tokens;
  const int start = tokens.starts[i], stop = tokens.ends[end - 1];
  for (const Special& other : document.special) {
    if (other.start < stop && start < other.end) return;
  }
  if (document.in_class(U"followers", at(tokens, i)) && document.is_counted_token(i - 1)) {
    Mark person;
    person.start = person.end = start;
    person.kind = Kind::NOUN;
    person.word = Text(document.lex.neutral[0][1]);
    person.noun = Noun{NounKind::ROLE, false};
    person.literal = person.word + U" ";
    document.special.push_back({start, start, person});
  }
  // "a Tokyo-born chef" stands before its noun, everything else behind one.
  bool before = document.lex.origins.find(at(tokens, i)) != nullptr && document.lex.frame_starts.count(at(tokens, i)) == 0;
  before = before && end < tokens.size() && noun_of(document.lex, at(tokens, end)) != nullptr;
  Mark mark;
  mark.start = start;
  mark.end = stop;
  mark.kind = Kind::TRAIT;
  mark.word = join(U" ", split(View(lower(slice(document.text, start, stop)))));
  mark.value = origin.value.value_or(-1);
  Trait trait;
  trait.axis = origin.axis;
  trait.value = origin.value;
  trait.behind = !before;
  trait.adjective = before;
  trait.near = true;
  mark.trait = trait;
  mark.near = true;
  document.special.push_back({start, stop, mark});
}

}  // namespace

void origins(Document& document) {
  const Tokens& tokens = document.tokens;
  for (int i = 0; i < tokens.size(); ++i) {
    const View text = at(tokens, i);
    if (const auto* frames = find_in(document.lex.frame_starts, text)) {
      for (const Frame& frame : *frames) {
        if (!stands(tokens, i, frame.before)) continue;
        const auto found = read_origin(document, i + static_cast<int>(frame.before.size()), frame.behind, frame.fits);
        if (found) {
          add(document, i, found->end, *found->origin);
          break;
        }
      }
    } else if (document.lex.origins.find(text) != nullptr && i + 1 < tokens.size()) {
      const auto match = longest(document.lex.origins, tokens, i);
      const auto* open = find_in(document.lex.frame_starts, U"");
      if (!match || open == nullptr) continue;
      for (const Frame& frame : *open) {
        if (!stands(tokens, match->behind, frame.behind)) continue;
        if (const Origin* origin = of_kind(document, *match->meaning, frame.fits)) {
          add(document, i, match->behind + static_cast<int>(frame.behind.size()), *origin);
          break;
        }
      }
    }
  }
}

}  // namespace obclip::passes
