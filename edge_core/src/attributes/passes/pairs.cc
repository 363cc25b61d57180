// Two words of one kind joined by "and": "a man and woman", "boys and girls" (edge_sdk/attributes/passes/pairs.py).
#include "attributes/looking_up.h"
#include "attributes/passes/passes.h"

namespace obclip::passes {
namespace {

bool is_of_pairs(NounKind kind) {
  return kind == NounKind::PLAIN || kind == NounKind::CHILD || kind == NounKind::PAIR || kind == NounKind::ADJECTIVE;
}

// What may stand between the shared article and the first of two.
bool is_adjective(Kind kind) {
  return kind == Kind::WORD || kind == Kind::AGE || kind == Kind::TRAIT || kind == Kind::TONE || kind == Kind::LITTLE ||
         kind == Kind::SKIN;
}

bool is_pair(const Document& document, int i) {
  if (i + 2 >= document.size() || !document.is_in(i + 1, U"pairing")) return false;
  const auto &one = document.marks[i].noun, &other = document.marks[i + 2].noun;
  if (!one || !other || !(document.adjacent(i) && document.adjacent(i + 1))) return false;
  return is_of_pairs(one->kind) && one->kind == other->kind && one->plural == other->plural;
}

// The word of no gender for both, where they are two of one pair.
View shared(const Document& document, const Noun& one, const Noun& other) {
  if (one.kind != NounKind::PAIR || !one.forms || one.forms != other.forms || one.forms->empty()) return {};
  const View* found = find_in(document.lex.neutral_pairs, (*one.forms)[0]);
  return found == nullptr ? View() : *found;
}

Mark joined(const Mark& first, const Mark& last, Kind kind, Text word) {
  Mark mark;
  mark.start = first.start;
  mark.end = last.end;
  mark.kind = kind;
  mark.word = std::move(word);
  return mark;
}

// "boys and girls" -> "children", "brothers and sisters" -> "siblings", "male and female staff" -> "staff".
std::optional<Mark> several(const Document& document, int i) {
  const Mark &first = document.marks[i], &last = document.marks[i + 2];
  const Noun &one = *first.noun, &other = *last.noun;
  const Text word = first.word + U" " + Text(document.word(i + 1)) + U" " + last.word;
  if (one.kind == NounKind::ADJECTIVE) {
    if (!document.adjacent(i + 2) || document.marks[i + 3].kind == Kind::STOP) return std::nullopt;
    Mark mark = joined(first, last, Kind::TRAIT, word);
    Trait trait;
    trait.axis = U"gender";
    trait.adjective = true;
    trait.near = true;
    mark.trait = trait;
    mark.near = true;
    return mark;
  }
  if (!one.plural) return std::nullopt;
  if (one.kind == NounKind::CHILD) {
    Mark mark = joined(first, last, Kind::NOUN, word);
    mark.noun = Noun{NounKind::NEUTRAL, true, std::nullopt, one.age};
    mark.near = true;
    return mark;
  }
  const View said = one.kind == NounKind::PLAIN ? document.lex.neutral[1][1] : shared(document, one, other);
  if (said.empty()) return std::nullopt;
  Mark mark = joined(first, last, Kind::NOUN, Text(said));
  mark.noun = Noun{NounKind::ROLE, true};
  mark.near = true;
  mark.literal = is_upper(document.prompt[first.start]) ? capitalize(said) : Text(said);
  return mark;
}

// "a brother and sister duo" -> "a sibling duo".
std::optional<Mark> twosome(const Document& document, int i) {
  const Mark &first = document.marks[i], &last = document.marks[i + 2];
  if (first.noun->plural) return std::nullopt;
  if (!document.is_in(i + 3, U"twosomes") || !document.adjacent(i + 2)) return std::nullopt;
  const View said = shared(document, *first.noun, *last.noun);
  if (said.empty()) return std::nullopt;
  Mark mark = joined(first, last, Kind::WORD, Text(said));
  mark.literal = Text(said);
  return mark;
}

// The second of two with the article of the first: "a man and woman" -> "a man and a woman".
Mark with_article(const Document& document, int i) {
  Mark last = document.marks[i + 2];
  if (!last.noun || last.noun->plural || last.noun->kind == NounKind::ADJECTIVE) return last;
  int j = i - 1;
  while (j >= 0 && is_adjective(document.marks[j].kind) && !document.is_in(j, U"shared_articles")) --j;
  if (!document.is_in(j, U"shared_articles")) return last;
  last.literal = document.is_in(j, U"definite") ? U"the {}" : U"a {}";
  return last;
}

}  // namespace

void pairs(Document& document) {
  if (!document.hides(U"gender")) return;
  std::vector<Mark> out;
  for (int i = 0; i < document.size();) {
    if (!is_pair(document, i)) {
      out.push_back(document.marks[i]);
      ++i;
      continue;
    }
    auto one = several(document, i);
    if (!one) one = twosome(document, i);
    if (one) {
      out.push_back(std::move(*one));
    } else {
      out.push_back(document.marks[i]);
      out.push_back(document.marks[i + 1]);
      out.push_back(with_article(document, i));
    }
    i += 3;
  }
  document.insert(std::move(out));
}

}  // namespace obclip::passes
