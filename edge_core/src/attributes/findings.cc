// Words outside the slots that give an axis away (edge_sdk/attributes/findings.py).
#include "attributes/findings.h"

#include <algorithm>

#include "attributes/looking_up.h"

namespace obclip {
namespace {

constexpr View IDENTITY = U"identity";

bool is_inside(const Tokens& tokens, int i, int end, const Document& document, View class_name) {
  for (; i < end; ++i) {
    if (document.in_class(class_name, at(tokens, i))) return true;
  }
  return false;
}

// Whether the word stands for somebody: an article before it and nothing that it describes behind.
bool is_bare(const Document& document, const Finding& f) {
  int i = 0;
  while (i < document.size() && !(document.marks[i].start <= f.start && f.start < document.marks[i].end)) ++i;
  if (i == document.size() || !document.marks[i].was || !document.is_in(i - 1, U"indefinites")) return false;
  return i + 1 >= document.size() || document.marks[i + 1].kind == Kind::STOP;
}

// Whether a comma or the like stands between the noun at i and the finding behind it.
bool is_set_off(const Document& document, int i, const Finding& f) {
  const int end = document.marks[i].end;
  for (int j = 0; j < document.size(); ++j) {
    const Mark& m = document.marks[j];
    if (end <= m.start && m.start < f.start && document.is_sign(j)) return true;
  }
  return false;
}

// Whether the finding's axis is a slot of the person it is about; where a sign sets it off, of anybody.
bool is_covered(const Document& document, const Finding& f) {
  const auto i = owner_of(document, f);
  const bool anybody = std::any_of(document.persons.begin(), document.persons.end(),
                                   [&f](const Person& p) { return p.says(f.axis); });
  if (i && document.is_owned(*i) && document.persons[document.owner.find(*i)->second].says(f.axis)) return true;
  return anybody && (!i || is_set_off(document, *i, f));
}

// "dress shirt", "white hair flower", "Style-Kilt": the word is part of one that gives nothing away.
bool is_in_compound(const Document& document, int i, int end) {
  const Tokens& tokens = document.tokens;
  const View last = at(tokens, end - 1);
  const bool close = end < tokens.size() && tokens.starts[end] - tokens.ends[end - 1] == 1;
  const View after = close ? at(tokens, end) : View();
  const bool shown = i > 1 && (at(tokens, i - 1) == U"-" || at(tokens, i - 1) == U"_") && at(tokens, i - 2) == U"style" &&
                     tokens.starts[i] == tokens.ends[i - 2] + 1;
  const bool worn = (last == U"dress" && document.in_class(U"behind_dress", after)) ||
                    (last == U"hair" && document.in_class(U"behind_hair", after));
  return worn || shown;
}

// "white hair" beside elves, or hair in colours that nobody has: a style, no age; told, and nobody is asked.
bool is_fantasy(const Document& document, const Cue& cue, int i, int end) {
  const Tokens& tokens = document.tokens;
  if (cue.axis != U"age" || !is_inside(tokens, i, end, document, U"hair_words")) return false;
  if (!is_inside(tokens, i, end, document, U"fantastic_colours")) return false;
  for (int k = 0; k < tokens.size(); ++k) {
    const bool other = document.in_class(U"colours", at(tokens, k)) && !(i <= k && k < end);
    if (other && at(tokens, k + 1) == U"hair") return true;
  }
  return is_inside(tokens, 0, tokens.size(), document, U"fantasy");
}

// Whether the word is part of a name or compound with another sense, or describes an animal.
bool is_other_sense(const Document& document, int start) {
  for (int i = 0; i < document.size(); ++i) {
    const Mark& m = document.marks[i];
    if (!(m.start <= start && start < m.end)) continue;
    if (document.is_dismissed(i) && m.was == Kind::NOUN) return true;
    return document.adjacent(i) && document.marks[i + 1].kind == Kind::ANIMAL;
  }
  return false;
}

// A role, another sense, or a colour that describes no person ("black and white").
bool is_ordinary(const Document& document, int i) {
  const Mark& m = document.marks[i];
  const auto found = document.dismissed.find(m.start);
  const bool dismissed = found != document.dismissed.end();
  const auto is = [&](Reason reason) { return dismissed && found->second.reason == reason; };
  if (is(Reason::SENSE) || is(Reason::ANIMAL) || is(Reason::COMMON)) return true;
  if (m.noun && !m.noun->gender && !m.noun->age) return true;
  return is(Reason::THING) || is(Reason::PLACE);
}

Finding made(const Document& document, View axis, int start, int end, bool strong) {
  Finding f;
  f.axis = Text(axis);
  f.surface = Text(slice(document.prompt, start, end));
  f.start = start;
  f.end = end;
  f.strong = strong;
  return f;
}

std::vector<Finding> cue_words(const Document& document) {
  std::vector<Finding> out;
  const Tokens& tokens = document.tokens;
  for (int i = 0; i < tokens.size();) {
    std::optional<Found<Cue>> match;
    if (document.lex.cues.find(at(tokens, i)) != nullptr) match = longest(document.lex.cues, tokens, i);
    if (!match) {
      ++i;
      continue;
    }
    const int start = tokens.starts[i], end = tokens.ends[match->behind - 1];
    const Cue& cue = *match->meaning;
    const bool strong = cue.strong && !is_fantasy(document, cue, i, match->behind);
    if (!is_other_sense(document, start) && !is_in_compound(document, i, match->behind)) {
      Finding f = made(document, cue.axis, start, end, strong);
      f.value = Text(cue.value);
      f.instead = Text(cue.instead);
      out.push_back(std::move(f));
    }
    i = match->behind;
  }
  return out;
}

// Nouns that say more than the axis they are a slot of: "grandmother" is old, "nun" has a religion.
std::vector<Finding> telling_nouns(const Document& document) {
  std::vector<Finding> out;
  for (const Mark& m : document.marks) {
    if (m.kind != Kind::NOUN) continue;
    const auto* hints = find_in(document.lex.noun_hints, m.word);
    const Text hyphened = replace(m.word, U" ", U"-");  // "gram-gram": parts are matched apart
    if (hints == nullptr) hints = find_in(document.lex.noun_hints, hyphened);
    if (hints == nullptr) continue;
    for (const Hint& h : *hints) {
      Finding f = made(document, h.axis, m.start, m.end, h.decides);
      f.value = Text(h.value);
      f.instead = Text(h.instead);
      f.slot = Text(h.slot);
      out.push_back(std::move(f));
    }
  }
  return out;
}

// The axis of a word that stands in a compound or spelling where no rule took it; cues are found as cues.
View axis_of_word(const Document& document, View word) {
  const Meaning* meaning = meaning_of(document.lex, word);
  if (meaning == nullptr || meaning->decoy) return {};
  if (meaning->trait != nullptr) return meaning->trait->axis;
  return meaning->kind == Kind::AGE ? View(U"age") : meaning->kind == Kind::NOUN ? View(U"gender") : View();
}

// Gender signs and the five skin tones: what is left of emoji that no word was found for.
std::vector<Finding> emoji_signs(const Document& document) {
  std::vector<Finding> out;
  if (is_ascii(View(document.prompt))) return out;
  constexpr std::pair<View, View> SIGNS[] = {{U"gender", U"\u2640\u2642"},
                                             {U"skin_tone", U"\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff"}};
  for (const auto& [axis, signs] : SIGNS) {
    for (int i = 0; i < static_cast<int>(document.prompt.size()); ++i) {
      if (contains(signs, document.prompt[i])) out.push_back(made(document, axis, i, i + 1, true));
    }
  }
  return out;
}

// Names of persons that no name slot holds.
std::vector<Finding> unhidden_names(const Document& document) {
  std::vector<Finding> out;
  if (document.hides(U"first_names")) return out;
  for (const auto& [start, end] : document.names) {
    Finding f = made(document, IDENTITY, start, end, true);
    bool several = false;
    for (View part : split(View(f.surface))) several = several || part == U"and" || part == U"&";
    f.instead = several ? U"a couple" : Text(document.lex.nameless);
    out.push_back(std::move(f));
  }
  return out;
}

void add(std::vector<Finding>& out, std::vector<Finding> more) {
  out.insert(out.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

std::size_t place_of(View axis) {
  const auto& axes = default_axes();
  const auto found = std::find(axes.begin(), axes.end(), axis);
  return found == axes.end() ? 99 : static_cast<std::size_t>(found - axes.begin());
}

}  // namespace

View value_of(Decision decision) {
  constexpr View NAMES[] = {U"slot", U"generalise", U"allow", U"refuse", U"ask"};
  return NAMES[static_cast<std::size_t>(decision)];
}

std::optional<Decision> decision_of(View word) {
  for (Decision d : {Decision::SLOT, Decision::GENERALISE, Decision::ALLOW, Decision::REFUSE, Decision::ASK}) {
    if (value_of(d) == word) return d;
  }
  return std::nullopt;
}

std::string Finding::why() const {
  const std::string hint = value.empty() ? "" : ", most often " + utf8(value);
  return repr(surface) + " gives the " + utf8(replace(axis, U"_", U" ")) + " away" + hint;
}

std::vector<Finding> implied(const Document& document, const std::vector<Span>& found) {
  std::vector<Finding> cues = cue_words(document);
  const bool somebody = document.has_person() || std::any_of(cues.begin(), cues.end(), [&](const Finding& f) {
                          return is_somebody(document, f);
                        });
  std::vector<Finding> out = telling_nouns(document);
  add(out, residue(document));
  add(out, emoji_signs(document));
  if (somebody) add(out, std::move(cues));
  add(out, unhidden_names(document));
  const bool toned = std::any_of(found.begin(), found.end(), [](const Span& s) { return s.axis == U"skin_tone"; });
  std::stable_sort(out.begin(), out.end(), [](const Finding& a, const Finding& b) {
    return std::tuple(a.start, -a.end, place_of(a.axis)) < std::tuple(b.start, -b.end, place_of(b.axis));
  });
  std::vector<Finding> kept;
  for (const Finding& f : out) {
    // What names somebody ("clergyman") is hidden by a slot of its own axis alone, not by the gender it says too.
    const bool apart = is_somebody(document, f);
    bool over = false;
    for (const Span& s : found) {
      if (s.value == UNLISTED || !(f.start < s.end && s.start < f.end)) continue;
      over = over || !apart || s.axis == f.axis;
    }
    const bool covered = over && f.slot.empty();
    const bool twice = std::any_of(kept.begin(), kept.end(), [&f](const Finding& k) {
      return f.start < k.end && k.start < f.end && (k.axis == f.axis || f.axis == IDENTITY);
    });
    // Words that speak of skin themselves are no finding beside a tone that is hidden.
    const Text low = lower(f.surface);
    const bool about_tone = toned && (low == U"skin" || low == U"skinned" || low == U"complexion");
    if (!covered && !twice && !about_tone && (document.hides(f.axis) || f.axis == IDENTITY)) {
      kept.push_back(as_covered(document, f));
    }
  }
  return kept;
}

bool is_somebody(const Document& document, const Finding& f) {
  const auto words = split(View(f.instead), U" ");
  return noun_of(document.lex, words.back()) != nullptr && !document.in_class(U"also_things", lower(f.surface));
}

Finding as_covered(const Document& document, const Finding& f) {
  Finding out = f;
  out.covered = f.slot.empty() && !is_bare(document, f) && is_covered(document, f);
  return out;
}

std::optional<int> owner_of(const Document& document, const Finding& f) {
  const auto& marks = document.marks;
  std::vector<int> inside;
  for (int i = 0; i < document.size(); ++i) {
    const Mark& m = marks[i];
    if (m.kind == Kind::NOUN && f.start <= m.start && m.start < m.end && m.end <= f.end) inside.push_back(i);
  }
  if (inside.size() > 1) return inside.back();  // "immigrant family"
  int behind = 0;
  while (behind < document.size() && marks[behind].start < f.end) ++behind;
  for (int i = behind; i < std::min(behind + 3, document.size()); ++i) {
    if (marks[i].kind == Kind::STOP) break;
    if (marks[i].kind == Kind::NOUN && marks[i].end > marks[i].start) return i;
  }
  for (int i = document.size() - 1; i >= 0; --i) {
    const Mark& m = marks[i];
    const bool person = m.kind == Kind::NOUN || m.kind == Kind::NAME || m.kind == Kind::TITLE;
    if (person && m.end > m.start && m.start < f.start) return i;
  }
  for (int i : document.of_kind({Kind::NOUN, Kind::PRONOUN})) {
    if (marks[i].end > marks[i].start) return i;
  }
  return std::nullopt;
}

std::vector<Finding> residue(const Document& document) {
  std::vector<Finding> out;
  for (int i = 0; i < document.size(); ++i) {
    const Mark& m = document.marks[i];
    if (m.kind != Kind::WORD || document.is_dismissed(i)) continue;
    const bool known = m.was && (*m.was == Kind::AGE || *m.was == Kind::TRAIT || *m.was == Kind::TONE ||
                                 *m.was == Kind::NOUN || *m.was == Kind::PRONOUN);
    if (known) {
      const View axis = document.axis_of(i);
      Finding f = made(document, axis, m.start, m.end, true);
      const Words* values = find_in(document.lex.values, axis);
      const bool valued = values != nullptr && m.value >= 0 && m.value < static_cast<int>(values->size());
      if (valued) f.value = Text((*values)[static_cast<std::size_t>(m.value)]);
      out.push_back(std::move(f));
    } else if (!m.was && document.lex.sensitive.count(m.word) != 0 && document.lex.titles.count(m.word) == 0) {
      const View axis = axis_of_word(document, m.word);
      if (!axis.empty()) out.push_back(made(document, axis, m.start, m.end, true));
    }
  }
  return out;
}

std::vector<Text> explicit_words(const Document& document) {
  std::vector<Text> out;
  const auto say = [&out](View word) {
    if (std::find(out.begin(), out.end(), word) == out.end()) out.emplace_back(word);
  };
  const auto is_anatomy = [&document](View word) { return document.in_class(U"anatomy", split(word, U" ")[0]); };
  for (int i = 0; i < document.size(); ++i) {
    const Mark& m = document.marks[i];
    const Kind kind = m.was.value_or(m.kind);
    const bool saying = kind == Kind::NOUN || kind == Kind::TRAIT || kind == Kind::AGE || kind == Kind::SKIN ||
                        kind == Kind::TITLE || kind == Kind::NAME || kind == Kind::DECADE || kind == Kind::PRONOUN;
    if (!saying || is_anatomy(m.word) || is_ordinary(document, i)) continue;
    if (m.end > m.start) say(m.text(document.prompt));
  }
  for (const Finding& f : cue_words(document)) {
    if (f.strong && !is_anatomy(lower(f.surface))) say(f.surface);
  }
  for (const Mark& m : document.marks) {
    if (document.lex.respelled.count(m.word) != 0) say(m.text(document.prompt));
  }
  for (const auto& found : {residue(document), emoji_signs(document), unhidden_names(document)}) {
    for (const Finding& f : found) say(f.surface);
  }
  return out;
}

std::vector<Finding> strong(const std::vector<Finding>& findings) {
  std::vector<Finding> out;
  std::copy_if(findings.begin(), findings.end(), std::back_inserter(out), [](const Finding& f) { return f.strong; });
  return out;
}

}  // namespace obclip
