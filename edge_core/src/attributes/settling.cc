// What is done about findings: all edits are collected on the original text and applied once
// (edge_sdk/attributes/settling.py).
#include <algorithm>
#include <map>
#include <set>

#include "attributes/axes.h"
#include "attributes/findings.h"
#include "attributes/looking_up.h"
#include "contract/grid.h"

namespace obclip {
namespace {

constexpr char32_t GONE = U'\0';  // where a word was struck out

bool is_gone(char32_t c) { return c == GONE; }
bool is_space_or_gone(char32_t c) { return is_gone(c) || is_space(c); }

template <class Test>
std::size_t skip(View text, std::size_t i, Test test) {
  while (i < text.size() && test(text[i])) ++i;
  return i;
}

// "( , GONE : 1.2 )" from `start`: the end of a group that holds nothing, or npos.
std::size_t end_of_empty_group(View text, std::size_t start) {
  if (text[start] != U'(' && text[start] != U'[') return View::npos;
  std::size_t i = skip(text, start + 1, [](char32_t c) { return is_space(c) || c == U','; });
  if (i == text.size() || !is_gone(text[i])) return View::npos;
  i = skip(text, i, [](char32_t c) { return is_space_or_gone(c) || c == U','; });
  if (i < text.size() && text[i] == U':') {
    const std::size_t number = skip(text, i + 1, [](char32_t c) { return is_space(c); });
    const std::size_t behind = skip(text, number, [](char32_t c) { return is_decimal(c) || c == U'.'; });
    if (behind == number) return View::npos;
    i = skip(text, behind, [](char32_t c) { return is_space(c); });
  }
  return i < text.size() && (text[i] == U')' || text[i] == U']') ? i + 1 : View::npos;
}

// A comma and what is gone behind it, where another comma follows.
Text without_double_commas(View text) {
  Text out;
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] == U',') {
      const std::size_t gone = skip(text, i + 1, [](char32_t c) { return is_space(c); });
      const std::size_t end = gone < text.size() && is_gone(text[gone]) ? skip(text, gone, is_space_or_gone) : text.size();
      if (end < text.size() && text[end] == U',') {
        i = end;
        continue;
      }
    }
    out += text[i++];
  }
  return out;
}

// What is gone, with the spaces before it, where a sign or the end follows.
Text without_gaps_before_signs(View text) {
  Text out;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t gone = skip(text, i, [](char32_t c) { return is_space(c); });
    if (gone < text.size() && is_gone(text[gone])) {
      const std::size_t end = skip(text, gone, is_space_or_gone);
      if (end == text.size() || contains(U",.;:!?)]", text[end])) {
        i = end;
        continue;
      }
    }
    out += text[i++];
  }
  return out;
}

View without_gap_at_start(View text) {
  const std::size_t gone = skip(text, 0, [](char32_t c) { return is_space(c) || c == U','; });
  if (gone == text.size() || !is_gone(text[gone])) return text;
  std::size_t end = skip(text, gone, is_space_or_gone);
  if (end < text.size() && text[end] == U',') ++end;
  return text.substr(skip(text, end, is_space_or_gone));
}

// The text without the marks of struck words, and what is whole again beside them; elsewhere nothing changes.
Text tidy(Text text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::size_t end = end_of_empty_group(text, i);
    if (end == Text::npos) continue;
    text = text.substr(0, i) + GONE + text.substr(end);
    i = static_cast<std::size_t>(-1);  // what is around it may be empty now
  }
  text = without_gaps_before_signs(without_double_commas(text));
  const View begun = without_gap_at_start(text);
  Text out;
  for (std::size_t i = 0; i < begun.size();) {
    if (is_gone(begun[i]) && i > 0 && is_space(begun[i - 1])) {
      i = skip(begun, i, is_space_or_gone);
    } else {
      if (!is_gone(begun[i])) out += begun[i];
      ++i;
    }
  }
  return out;
}

class Edit {
 public:
  explicit Edit(const Document& document) : document_(document), tokens_(tokens(plain(document.prompt))) {}

  void replace(int start, int end, View words);
  void strike(int start, int end);
  void say(const Finding& f);
  Text text();

 private:
  View at(int i) const { return obclip::at(tokens_, i); }
  bool in(View name, View word) const { return document_.in_class(name, word); }
  int count() const { return tokens_.size(); }
  bool is_edited(int i) const { return instead_.count(i) != 0; }
  bool is_struck(int i) const {
    const auto found = instead_.find(i);
    return found != instead_.end() && found->second.empty();
  }
  std::pair<int, int> span(int start, int end) const;
  bool is_adjective(int end) const;
  int phrase_start(int first) const;
  bool is_modifier(int i) const;
  bool prompt_gap(int i) const;
  Text adjective(const Finding& f) const;
  std::vector<int> live() const;
  void mend();
  void fit(int i, int behind);
  bool mend_at(const std::vector<int>& live, std::size_t n);
  bool begins_phrase(int i) const {
    return !in(U"openers", at(i)) && !ends_with(at(i), U"ing") && !in(U"clause_starts", at(i));
  }

  const Document& document_;
  const Tokens tokens_;  // as typed, not as spelled for look-up
  std::map<int, std::vector<Text>> before_;  // by token, what is put before it
  std::map<int, Text> instead_;              // and what takes its place ("" strikes it out)
  std::set<std::pair<int, Text>> said_;
};

std::pair<int, int> Edit::span(int start, int end) const {
  int first = -1, last = -1;
  for (int i = 0; i < count(); ++i) {
    if (tokens_.starts[i] < end && tokens_.ends[i] > start) {
      if (first < 0) first = i;
      last = i;
    }
  }
  return first < 0 ? std::pair(0, 0) : std::pair(first, last + 1);
}

// Put words in the place of a stretch; the first of two edits of one place counts.
void Edit::replace(int start, int end, View words) {
  const auto [first, last] = span(start, end);
  if (first == last) return;
  for (int i = first; i < last; ++i) {
    if (is_edited(i)) return;
  }
  if (starts_with(words, U"a ") && first > 0 && in(U"determiners", at(first - 1))) words = words.substr(2);
  for (int i = first; i < last; ++i) instead_[i].clear();
  instead_[first] = Text(words);
}

// Take a stretch out, with the article and adjectives of its own noun phrase.
void Edit::strike(int start, int end) {
  auto [first, last] = span(start, end);
  if (first == last) return;
  if (!is_adjective(last)) first = phrase_start(first);
  for (int i = first; i < last; ++i) instead_.emplace(i, Text());
}

// Whether a noun for a person, or a word it could describe, follows at once: "a bearded pilot".
bool Edit::is_adjective(int end) const {
  if (end >= count()) return false;
  for (int i = 0; i < document_.size(); ++i) {
    const Mark& m = document_.marks[i];
    if (m.start != tokens_.starts[end]) continue;
    const bool tied = strip(slice(document_.prompt, tokens_.ends[end - 1], m.start)).empty();
    const bool verb = m.kind == Kind::WORD && (ends_with(m.word, U"ing") || ends_with(m.word, U"ly"));
    return tied && m.kind != Kind::STOP && m.kind != Kind::PRONOUN && !verb && i > 0;
  }
  return false;
}

// Where the noun phrase that ends at token `first` begins: over adjectives to its article.
int Edit::phrase_start(int first) const {
  int i = first;
  while (i > 0 && is_modifier(i - 1)) --i;
  if (i > 0 && in(U"determiners", at(i - 1))) --i;
  return i;
}

bool Edit::is_modifier(int i) const {
  const View text = at(i);
  if (!is_alpha(text) || prompt_gap(i + 1) || in(U"determiners", text)) return false;
  const Mark* mark = nullptr;
  for (const Mark& m : document_.marks) {
    if (mark == nullptr && m.start <= tokens_.starts[i] && tokens_.starts[i] < m.end) mark = &m;
  }
  const bool plain_word = mark == nullptr || mark->kind == Kind::WORD || mark->kind == Kind::TONE ||
                          mark->kind == Kind::LITTLE || mark->start == mark->end;
  bool ends = in(U"cue_adjectives", text);
  for (View tail : {U"ed"sv, U"y"sv, U"ish"sv, U"ful"sv, U"ous"sv, U"al"sv, U"ic"sv}) ends = ends || ends_with(text, tail);
  return plain_word && ends && !in(U"openers", text);
}

// Whether something other than spaces stands before token i.
bool Edit::prompt_gap(int i) const {
  return i >= count() || !strip(slice(document_.prompt, tokens_.ends[i - 1], tokens_.starts[i])).empty();
}

// Say the axis in plain words before the noun the finding is about, unless it is said already.
void Edit::say(const Finding& f) {
  const auto i = owner_of(document_, f);
  if (!i || f.value.empty() || document_.lex.values.count(f.axis) == 0 || said_.count({*i, f.axis}) != 0) return;
  const auto owner = document_.owner.find(*i);
  if (owner != document_.owner.end() && document_.persons[owner->second].says(f.axis)) return;
  const auto [first, last] = span(document_.marks[*i].start, document_.marks[*i].end);
  if (first < last && !is_edited(first)) {
    said_.insert({*i, f.axis});
    before_[first].push_back(adjective(f));
  }
}

Text Edit::adjective(const Finding& f) const {
  const Lexicon& lex = document_.lex;
  const Words& values = *find_in(lex.values, f.axis);
  const auto place = static_cast<std::size_t>(std::find(values.begin(), values.end(), f.value) - values.begin());
  if (f.axis == U"gender" && place < lex.gender_adjectives.size()) return Text(lex.gender_adjectives[place]);
  const auto& traits = trait_axes();
  if (std::find(traits.begin(), traits.end(), f.axis) != traits.end()) {
    const AxisForms* forms = find_in(lex.forms, f.axis);
    if (forms != nullptr && place < forms->before.size()) return Text(forms->before[place]);
  }
  return f.axis == U"skin_tone" ? f.value + U"-skinned" : f.value;
}

// The prompt as it is after all edits.
Text Edit::text() {
  if (before_.empty() && instead_.empty()) return document_.typed;
  mend();
  Text out;
  int from = 0;
  for (int i = 0; i < count(); ++i) {
    const View gap = slice(document_.typed, from, tokens_.starts[i]);
    from = tokens_.ends[i];
    const auto edited = instead_.find(i);
    const Text said = edited != instead_.end() ? edited->second : Text(slice(document_.typed, tokens_.starts[i], from));
    const auto put = before_.find(i);
    std::vector<Text> words = put == before_.end() ? std::vector<Text>() : put->second;
    if (!said.empty()) words.push_back(said);
    out += gap;
    if (words.empty()) {
      out += GONE;
      continue;
    }
    if (gap.empty() && put != before_.end()) out += U' ';
    out += join(U" ", words);
  }
  out += slice(document_.typed, from, document_.typed.size());
  return tidy(std::move(out));
}

std::vector<int> Edit::live() const {
  std::vector<int> out;
  for (int i = 0; i < count(); ++i) {
    if (!is_struck(i)) out.push_back(i);
  }
  return out;
}

// Strike what a struck word leaves hanging, and fit the articles.
void Edit::mend() {
  for (bool changed = true; changed;) {
    changed = false;
    const std::vector<int> all = live();
    for (std::size_t n = 0; n < all.size(); ++n) changed = mend_at(all, n) || changed;  // each, not the first alone
  }
  const std::vector<int> all = live();
  for (std::size_t n = 0; n + 1 < all.size(); ++n) {
    const int i = all[n];
    if ((at(i) == U"a" || at(i) == U"an") && !is_edited(i)) fit(i, all[n + 1]);
  }
}

// The article at i before what stands behind it now; untouched where nothing changed.
void Edit::fit(int i, int behind) {
  const auto put = before_.find(behind);
  const auto edited = instead_.find(behind);
  if (behind == i + 1 && edited == instead_.end() && put == before_.end()) return;
  std::vector<Text> words = put == before_.end() ? std::vector<Text>() : put->second;
  words.push_back(edited != instead_.end() ? edited->second : document_.prompt.substr(tokens_.starts[behind]));
  const View fitting = article(join(U" ", words));
  const View old = slice(document_.prompt, tokens_.starts[i], tokens_.ends[i]);
  if (fitting != lower(old)) instead_[i] = is_upper(old[0]) ? capitalize(fitting) : Text(fitting);
}

// Look at one living token beside struck ones; whether it was struck too.
bool Edit::mend_at(const std::vector<int>& live, std::size_t n) {
  const int i = live[n];
  const bool last = n + 1 >= live.size();
  const bool struck_behind = i + 1 < count() && is_struck(i + 1) && !is_edited(i);
  const bool struck_before = i > 0 && is_struck(i - 1);
  if (is_edited(i) || !(struck_behind || struck_before)) return false;
  const View text = at(i), after = last ? View() : at(live[n + 1]);
  bool strike = false;
  if (struck_behind && in(U"openers", text)) {
    const bool joins = (after == U"and" || after == U"or") && n + 2 < live.size() && begins_phrase(live[n + 2]);
    if (joins) instead_[live[n + 1]].clear();
    strike = !joins;
  } else if (struck_behind && (in(U"copulas", text) || is_one_of(text, {U"who", U"that", U"whose"}))) {
    strike = (after != U"and" && after != U"but") || is_one_of(text, {U"who", U"that", U"whose"});
    if (!strike && !last) instead_[live[n + 1]].clear();
  } else if (is_one_of(text, {U"and", U"or", U"but"})) {
    const bool ends = last || is_one_of(after, {U",", U".", U";", U"!", U"?", U")"}) || in(U"openers", after);
    const bool first = n == 0 || is_one_of(at(live[n - 1]), {U",", U".", U";", U"("});
    strike = (struck_behind && ends) || (struck_before && first) || (struck_behind && last);
  } else if (text == U",") {
    strike = (struck_before && n == 0) ||
             (struck_behind && (after.empty() || is_one_of(after, {U",", U".", U";", U"!", U"?", U")"})));
    strike = strike || (struck_before && last);
  } else if ((text == U"a" || text == U"an") && struck_behind) {
    strike = last || is_one_of(after, {U",", U".", U"and", U"or"}) || in(U"openers", after);
  }
  if (strike) instead_[i].clear();
  return strike;
}

}  // namespace

Text settle(const Document& document, const std::vector<Finding>& findings, const Decide& decide) {
  Edit edit(document);
  for (const Finding& f : findings) {
    if (!f.strong && f.slot.empty()) continue;
    const Decision choice = decide(f);
    if (choice == Decision::SLOT && !f.slot.empty()) {
      edit.replace(f.start, f.end, f.slot);
    } else if ((choice == Decision::SLOT || choice == Decision::GENERALISE) &&
               !(choice == Decision::SLOT && f.axis == U"identity")) {
      if (!f.instead.empty()) {
        edit.replace(f.start, f.end, f.instead);
      } else {
        edit.strike(f.start, f.end);
      }
      if (choice == Decision::SLOT) edit.say(f);
    }
  }
  return edit.text();
}

}  // namespace obclip
