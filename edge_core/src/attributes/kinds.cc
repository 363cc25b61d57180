// The values of the closed lists, as vectors and placeholders hold them (edge_sdk/attributes/kinds.py).
#include "attributes/kinds.h"

namespace obclip {
namespace {

template <std::size_t N, class E>
View nth(const View (&names)[N], E which) {
  const auto i = static_cast<std::size_t>(which);
  return i < N ? names[i] : View();
}

}  // namespace

View value_of(Kind kind) {
  static constexpr View NAMES[] = {U"noun",  U"age",  U"little",  U"skin", U"tone",       U"trait", U"decade", U"title",
                                   U"name",  U"pronoun", U"verb", U"profession", U"stop", U"animal", U"word"};
  return nth(NAMES, kind);
}

View value_of(NounKind kind) {
  static constexpr View NAMES[] = {U"plain", U"child", U"pair", U"adjective", U"neutral", U"role", U"decade"};
  return nth(NAMES, kind);
}

View value_of(Place place) {
  static constexpr View NAMES[] = {U"",      U"before", U"behind",  U"predicate", U"listed",
                                   U"years", U"little", U"skinned", U"profession"};
  return nth(NAMES, place);
}

View value_of(PronounForm form) {
  static constexpr View NAMES[] = {U"subject", U"object", U"possessive", U"own", U"reflexive"};
  return nth(NAMES, form);
}

View value_of(Reason reason) {
  static constexpr View NAMES[] = {
      U"it speaks of an animal",
      U"it is part of a name or compound with another sense",
      U"it describes a thing",
      U"it is where something is from or is, not who somebody is",
      U"no person is in the prompt",
      U"they are several persons",
      U"its axis is not hidden",
      U"it is an ordinary word here",
      U"it names an artist or a style",
      U"it is text to be drawn",
  };
  return nth(NAMES, reason);
}

}  // namespace obclip
