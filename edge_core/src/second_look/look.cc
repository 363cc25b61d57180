// Word lists decide where they know a word; weights decide about names and unknown ones (edge_sdk/second_look/look.py).
#include "second_look/look.h"

#include <algorithm>
#include <map>

#include "second_look/company.h"
#include "second_look/features.h"
#include "second_look/glued.h"
#include "second_look/model_tags.h"
#include "second_look/repeats.h"
#include "second_look/rules.h"
#include "second_look/series.h"
#include "second_look/spellings.h"
#include "second_look/tails.h"
#include "second_look/triggers.h"

namespace obclip {

using namespace second_look;

namespace {

constexpr int LONGEST = 4;  // words of a listed phrase at most

// What may stand between the words of a phrase or of a name.
bool is_inner(View gap) { return gap.empty() || gap == U"-" || gap == U"'" || gap == U"."; }

// Where the numbers end that are glued to a trigger word: "madpetsch-5400", "ulzzang-6500-v1.1".
std::size_t behind_code(View prompt, std::size_t end) {
  while (end + 1 < prompt.size() && prompt[end] == U'-') {
    std::size_t code = end + 1 + (prompt[end + 1] == U'v' || prompt[end + 1] == U'V');
    if (code == prompt.size() || !is_digit(prompt[code])) break;
    while (code < prompt.size() &&
           (is_digit(prompt[code]) || (prompt[code] == U'.' && code + 1 < prompt.size() && is_digit(prompt[code + 1])))) {
      ++code;
    }
    if (code < prompt.size() && is_alpha(prompt[code])) break;
    end = code;
  }
  return end;
}

// Neighbours of one axis are one span; its value says whether any of them is listed.
std::vector<Span> spans_of(View prompt, const second_look::Tokens& tokens, const Axes& axes, const Flags& sure) {
  std::vector<Span> out;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (axes[i].empty()) continue;
    int start = tokens[i].start;
    Text value = sure[i] ? Text(LISTED) : Text();
    if (!out.empty() && i > 0 && axes[i - 1] == axes[i] && is_inner(tokens[i].gap) && out.back().end >= tokens[i - 1].end) {
      start = out.back().start;
      if (!out.back().value.empty()) value = out.back().value;
      out.pop_back();
    }
    const int end = static_cast<int>(behind_code(prompt, static_cast<std::size_t>(tokens[i].end)));
    out.push_back({axes[i], Text(slice(prompt, start, end)), start, end, std::move(value)});
  }
  return out;
}

}  // namespace

Result<std::unique_ptr<SecondLook>> SecondLook::open(std::string_view bytes) {
  auto table = Table::open(bytes);
  if (!table) return table.error();
  return std::unique_ptr<SecondLook>(new SecondLook(std::move(*table)));
}

// List bits of each word; an accented word is looked up as written first.
Known SecondLook::listed(const second_look::Tokens& tokens) const {
  Known known;
  for (const Token& t : tokens) {
    Bits bits = is_ascii(View(t.text)) ? 0 : table_->known(lower(t.text));
    if (bits == 0) bits = table_->known(t.folded);
    known.push_back(bits);
  }
  return known;
}

// Listed words and phrases, the longest at each place.
Phrases SecondLook::phrases(const second_look::Tokens& tokens, const Known& known) const {
  const int count = static_cast<int>(tokens.size());
  std::map<int, Phrase> longest_at;
  std::vector<int> begun;
  for (int i = 0; i < count; ++i) {
    if ((known[i] & BEGINS) != 0) begun.push_back(i);
  }
  for (int length = 2; length <= LONGEST; ++length) {
    std::vector<int> further;
    for (int i : begun) {
      if (i + length > count || !is_inner(tokens[i + length - 1].gap)) continue;
      Text words = tokens[i].folded;
      for (int k = i + 1; k < i + length; ++k) words += U" " + tokens[k].folded;
      const Bits bits = table_->known(words);
      if ((bits & ~BEGINS) != 0) longest_at[i] = {i, i + length, bits};
      if ((bits & BEGINS) != 0) further.push_back(i);
    }
    begun = std::move(further);
  }
  Phrases out;
  for (int i = 0; i < count; i = out.back().behind) {
    const auto found = longest_at.find(i);
    out.push_back(found == longest_at.end() ? Phrase{i, i + 1, known[i]} : found->second);
  }
  return out;
}

// What a word on no list says that holds others: a name, a word for a person, a miscounted tag.
Text SecondLook::glued(const Token& token, Bits known) const {
  if (known != 0) return {};
  View axis = glued_axis(lstrip_digits(token.folded), *table_);
  if (axis.empty()) axis = numbered_axis(token.text, *table_);
  if (!axis.empty() || !holds_name(token.text, *table_)) return Text(axis);
  return is_alpha(View(token.folded)) && mistyped(token.folded, *table_) ? U"" : U"identity";
}

// What the weights say of a word that the lists leave open.
Text SecondLook::judged(const second_look::Tokens& tokens, const Known& known, int i, char32_t written) const {
  static constexpr View CLASSES[] = {U"none", U"identity", U"ethnicity"};
  const View word = tokens[i].folded;
  if (!is_open(tokens, known, i, written)) return {};
  const bool plain = (known[i] & ~SURNAME) == 0 && !tokens[i].capital();
  if (plain && made_of_words(word, *table_)) return {};
  const auto scores = table_->scores(features(tokens, known, i, written));
  View best;
  std::int64_t margin = 0;
  for (std::size_t n = 1; n <= table_->thresholds().size(); ++n) {
    const std::int64_t over = scores[n] - scores[0] - table_->thresholds()[n - 1];
    if (over > margin) {
      best = CLASSES[n];
      margin = over;
    }
  }
  return !best.empty() && plain && mistyped(word, *table_) ? Text() : Text(best);
}

std::vector<Span> SecondLook::find(View prompt) const {
  const second_look::Tokens tokens = tokenize(prompt);
  const int count = static_cast<int>(tokens.size());
  const Known known = listed(tokens);
  const Phrases found = phrases(tokens, known);
  Flags is_public = public_words(tokens, known, found);
  const Flags tagged = inside(tokens, contains(prompt, U':') ? tags(prompt) : Stretches());
  for (int i = 0; i < count; ++i) is_public[i] = is_public[i] || tagged[i];
  mark_nobody(tokens, known, found, is_public);
  Axes axes(tokens.size());
  Flags sure(tokens.size(), 0);
  for (const Phrase& p : found) {
    View axis = axis_of(p.bits);
    const auto public_here = [&] {
      return std::any_of(is_public.begin() + p.first, is_public.begin() + p.behind, [](char f) { return f != 0; });
    };
    if (axis == U"identity" && names_work(tokens, p.first, p.behind)) {
      std::fill(is_public.begin() + p.first, is_public.begin() + p.behind, 1);
    } else if ((p.bits & STYLE) != 0 && p.behind - p.first > 1 && !public_here()) {
      axis = U"identity";  // an artist who is pictured
    }
    if (axis.empty() || public_here() || !says_axis(tokens, known, p.first, p.behind, p.bits, axis)) continue;
    for (int k = p.first; k < p.behind; ++k) {
      axes[k] = Text(axis);
      sure[k] = axis != U"ethnicity";
    }
  }
  const char32_t written = casing(tokens, known);
  for (int i = 0; i < count; ++i) {
    if (!axes[i].empty() || is_public[i]) continue;
    View respelled = disguised(tokens[i]);
    if (respelled.empty() && known[i] == 0) respelled = plain_spelling(tokens[i].folded);
    axes[i] = respelled.empty() ? glued(tokens[i], known[i]) : Text(respelled);
    sure[i] = !axes[i].empty();
    if (axes[i].empty()) axes[i] = judged(tokens, known, i, written);
  }
  mark_spaced(tokens, axes, sure);
  mark_called(tokens, known, axes);
  const auto [words, told] = repeated(prompt, *table_, tokens, known, is_public);
  const Marked marked[] = {full_names(tokens, known, is_public, found), names_of_series(prompt, tokens, known, is_public, found),
                          trigger_words(tokens, known, is_public, *table_), words};
  for (const Marked& some : marked) {
    for (int i : some) {
      if (axes[i].empty()) axes[i] = U"identity";
      sure[i] = 1;
    }
  }
  extend_names(tokens, known, is_public, axes, written);
  mark_origins(tokens, known, axes);
  std::vector<Span> out = spans_of(prompt, tokens, axes, sure);
  // What a word repeats is not left out: without it the word would say nothing to who reads it again.
  const auto add = [&](const Stretch& s, View axis, View value) {
    out.push_back({Text(axis), Text(slice(prompt, s.first, s.second)), s.first, s.second, Text(value)});
  };
  for (const Stretch& s : told) add(s, U"identity", LISTED);
  for (const Stretch& s : model_stretches(prompt, *table_)) {
    if (std::find(told.begin(), told.end(), s) == told.end()) add(s, U"model", U"");
  }
  std::stable_sort(out.begin(), out.end(), [](const Span& a, const Span& b) { return a.start < b.start; });
  return out;
}

std::vector<std::pair<int, int>> SecondLook::artists(View prompt) const {
  const second_look::Tokens tokens = tokenize(prompt);
  const Known known = listed(tokens);
  const Flags is_public = public_words(tokens, known, phrases(tokens, known));
  std::vector<std::pair<int, int>> out;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (is_public[i] && i > 0 && is_public[i - 1] && !out.empty()) {
      out.back().second = tokens[i].end;
    } else if (is_public[i]) {
      out.emplace_back(tokens[i].start, tokens[i].end);
    }
  }
  return out;
}

}  // namespace obclip
