// The prompt's characters before anything is read: composed letters, look-alikes, emoji, weights and tags
// (edge_sdk/attributes/normalising.py).
#include "attributes/normalising.h"

#include <algorithm>

#include "attributes/matching.h"
#include "attributes/parting.h"
#include "contract/articles.h"

namespace obclip {
namespace {

constexpr char32_t JOINER = U'\u200d';
constexpr char32_t VARIATION = U'\ufe0f';
// The length of words that a name may hold by chance.
constexpr std::size_t SHORT = 2;
constexpr int MOST_AHEAD = 6;

// _SAYING: kinds of words that say who somebody is.
bool is_saying(Kind kind) { return kind == Kind::NOUN || kind == Kind::TRAIT || kind == Kind::AGE; }

// _HITS: marks that make a bracket worth taking off: the words inside must stand beside the ones outside.
bool is_hit(Kind kind) {
  switch (kind) {
    case Kind::NOUN:
    case Kind::TRAIT:
    case Kind::AGE:
    case Kind::SKIN:
    case Kind::TITLE:
    case Kind::PRONOUN:
    case Kind::NAME:
    case Kind::PROFESSION:
      return true;
    default:
      return false;
  }
}

bool is_one_of(View word, std::initializer_list<View> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// -- emoji

// The end of the emoji that begins at `i` and the words for it; `i` if none does.
std::pair<std::size_t, View> emoji_at(View prompt, std::size_t i, const Lexicon& lex) {
  if (lex.emoji_starts.count(prompt[i]) == 0) return {i, {}};
  for (std::size_t end = std::min(prompt.size(), i + static_cast<std::size_t>(lex.longest_emoji)); end > i; --end) {
    Text bare(prompt.substr(i, end - i));
    bare.erase(std::remove(bare.begin(), bare.end(), VARIATION), bare.end());
    const auto said = lex.emoji.find(View(bare));
    if (said == lex.emoji.end()) continue;
    while (end < prompt.size() && prompt[end] == VARIATION) ++end;
    return {end, said->second};
  }
  return {i, {}};
}

// "an old person" where a noun phrase begins; after an adjective or a number the words alone.
Text with_article(View before, View words) {
  const View stripped = rstrip(before);
  std::size_t start = stripped.size();
  while (start > 0 && !is_space(stripped[start - 1])) --start;
  const Text last = lower(stripped.substr(start));
  const bool begins = last.empty() || contains(U",.;:!?", last.back()) ||
                      is_one_of(last, {U"of", U"with", U"and", U"by", U"for", U"as", U"near", U"to"});
  const View first = words.substr(0, words.find(U' '));
  if (!begins || is_one_of(first, {U"a", U"an", U"the", U"two", U"several", U"with", U"in"}) ||
      (!words.empty() && is_upper(words[0]))) {
    return Text(words);
  }
  return Text(article(words)) + U" " + Text(words);
}

// -- choices

// Whether it holds a noun or an age; not one inside a word for an origin, which every origin would have to hold
// ("Solomon Islander").
bool is_telling(View option, const Lexicon& lex) {
  const Tokens found = tokens(plain(option));
  for (int i = 0; i < found.size();) {
    const auto hit = longest(lex.phrases, found, i);
    if (hit && hit->meaning->kind == Kind::TRAIT) {
      i = hit->behind;
      continue;
    }
    const Text& text = found.texts[i];
    if (lex.sensitive.count(text) != 0 && (lex.nouns.count(text) != 0 || lex.ages.count(text) != 0)) return true;
    ++i;
  }
  return false;
}

// "old/young woman": of two ages the first.
Text without_slashes(const Text& text, const Lexicon& lex) {
  if (text.find(U'/') == Text::npos) return text;
  const Tokens found = tokens(plain(text));
  Text out;
  int at = 0;
  for (int k = 1; k < found.size() - 1; ++k) {
    const bool tight = found.texts[k] == U"/" && found.ends[k - 1] == found.starts[k] &&
                       found.ends[k] == found.starts[k + 1];
    if (!tight || lex.ages.count(found.texts[k - 1]) == 0 || lex.ages.count(found.texts[k + 1]) == 0) continue;
    out += slice(text, at, found.starts[k]);
    at = found.ends[k + 1];
  }
  return out + Text(slice(text, at));
}

// -- model tags

// The words of a name in camel case, with signs and digits between.
std::vector<Text> parts(View name) {
  std::vector<Text> words;
  Text word;
  const auto ended = [&words, &word] {
    if (!word.empty()) words.push_back(lower(word));
    word.clear();
  };
  char32_t before = U' ';
  for (char32_t c : name) {
    if (!is_alpha(c) || (is_upper(c) && is_lower(before))) ended();
    if (is_alpha(c)) word += c;
    before = c;
  }
  ended();
  return words;
}

// Whether a word by itself says who somebody is: "asian", "girl", "blackgirl", not the "saint" of a phrase.
bool says_something(View word, const Lexicon& lex) {
  if (parts_of(word, lex).size() > 1) return true;
  if (word.size() <= SHORT || lex.sensitive.count(word) == 0) return false;
  if (lex.cues.find(word) != nullptr) return true;
  const auto* node = lex.phrases.find(word);
  const Meaning* meaning = node == nullptr ? nullptr : node->meaning;
  return meaning != nullptr && !meaning->decoy && is_saying(meaning->kind);
}

// -- weights

using Cuts = std::vector<std::pair<int, int>>;

// Where ":1.2" before the closing bracket at token `j` begins.
std::optional<int> weight_before(const Document& document, int j) {
  const Tokens& found = document.tokens;
  const auto is_number = [](View t) { return is_decimal(t) || t == U"." || t == U"-"; };
  int k = j;
  while (k > 0 && is_number(found.texts[k - 1])) --k;
  if (k < j && k > 0 && found.texts[k - 1] == U":") return found.starts[k - 1];
  return std::nullopt;
}

bool has_hit(const Document& document, int start, int end) {
  if (!document.has_person()) return false;
  const int count = document.size();
  for (int i = 0; i < count; ++i) {
    const Mark& m = document.marks[i];
    if (m.start < start || m.end > end) continue;
    if (is_hit(m.kind)) return true;
    if (m.kind != Kind::TONE) continue;
    for (int k = i + 1; k < std::min(count, i + 1 + MOST_AHEAD); ++k) {
      if (document.marks[k].kind == Kind::NOUN) return true;
    }
  }
  return false;
}

// Whether the brackets at tokens `i` and `j` only weigh what is between them. "(45)" and "()" are an aside.
bool is_emphasis(const Document& document, int i, int j, bool weighted) {
  const auto& texts = document.tokens.texts;
  bool listed = false, aside = true;
  for (int k = i + 1; k < j; ++k) {
    if (texts[k] == U"|") return false;
    listed = listed || is_one_of(texts[k], {U",", U";", U"."});
    aside = aside && is_decimal(View(texts[k]));
  }
  const bool doubled = (i > 0 && texts[i - 1] == texts[i]) || (i + 1 < j && texts[i + 1] == texts[i]);
  return weighted || doubled || (!listed && !aside);
}

void add_brackets(const Document& document, Cuts& cuts) {
  const Tokens& found = document.tokens;
  std::vector<int> open_at;
  for (int j = 0; j < found.size(); ++j) {
    const Text& text = found.texts[j];
    if (text == U"(" || text == U"[") {
      open_at.push_back(j);
      continue;
    }
    if (open_at.empty() || (text != U")" && text != U"]")) continue;
    if (found.texts[open_at.back()] != (text == U")" ? U"(" : U"[")) continue;
    const int i = open_at.back();
    open_at.pop_back();
    const std::optional<int> weight = weight_before(document, j);
    if (is_emphasis(document, i, j, weight.has_value()) && has_hit(document, found.starts[i], found.ends[j])) {
      cuts.emplace_back(found.starts[i], found.ends[i]);
      cuts.emplace_back(weight ? *weight : found.starts[j], found.ends[j]);
    }
  }
}

// "man++": the signs glued to a word about a person.
void add_pluses(const Document& document, Cuts& cuts) {
  const int size = static_cast<int>(document.prompt.size());
  for (const Mark& m : document.marks) {
    int end = m.end;
    while (end < size && document.prompt[end] == U'+') ++end;
    if (is_hit(m.kind) && end > m.end && m.end > m.start) cuts.emplace_back(m.end, end);
  }
}

}  // namespace

Text compose(View prompt) {
  Text blank(prompt);
  for (char32_t& c : blank) {
    if (c == U'\t' || c == U'\n' || c == U'\r' || c == 0x85) c = U' ';  // white space that a request cannot hold
  }
  return is_ascii(View(blank)) ? blank : nfc(blank);
}

Text hidden_characters(View prompt, const Lexicon& lex) {
  if (is_ascii(prompt)) return {};
  const Text left = without_emoji(compose(prompt), lex);
  std::vector<char32_t> found;
  for (std::size_t i = 0; i < left.size(); ++i) {
    const char32_t c = left[i];
    if (!is_hidden(c) && !contains(U"\u034f\u115f\u1160\u3164", c)) continue;
    if (c == JOINER && i > 0 && !is_alnum(left[i - 1])) continue;  // inside an emoji that shows no person
    if (std::find(found.begin(), found.end(), c) == found.end()) found.push_back(c);
  }
  Text out;
  for (char32_t c : found) {
    out += out.empty() ? U"U+" : U", U+";
    const int digits = c > 0xfffff ? 6 : c > 0xffff ? 5 : 4;
    for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) out += U"0123456789ABCDEF"[(c >> shift) & 0xf];
  }
  return out;
}

Text mixed_script(View prompt) {
  if (is_ascii(prompt)) return {};
  Text letters = plain(prompt);
  for (char32_t& c : letters) {
    if (!is_alpha(c)) c = U' ';
  }
  for (View word : split(letters)) {
    const bool first = is_latin(word[0]);
    if (std::any_of(word.begin(), word.end(), [first](char32_t c) { return is_latin(c) != first; })) return Text(word);
  }
  return {};
}

Text without_emoji(View prompt, const Lexicon& lex) {
  if (is_ascii(prompt)) return Text(prompt);
  Text out;
  for (std::size_t i = 0; i < prompt.size();) {
    const auto [end, words] = emoji_at(prompt, i, lex);
    if (end == i) {
      out += prompt[i++];
      continue;
    }
    const bool spaced = out.empty() || is_space(out.back()) || out.back() == U'(' || out.back() == U'[';
    const Text said = with_article(out, words);
    if (!spaced) out += U' ';
    out += said;
    i = end;
    if (i < prompt.size() && (is_alnum(prompt[i]) || emoji_at(prompt, i, lex).first > i)) out += U' ';
  }
  return out;
}

Text without_choices(View given, const Lexicon& lex) {
  Text text(given);
  for (std::size_t start = 0; (start = text.find_first_of(U"[{", start)) != Text::npos; ++start) {
    const std::size_t end = text.find(text[start] == U'[' ? U']' : U'}', start);
    if (end == Text::npos) continue;
    const std::vector<View> options = split(slice(text, start + 1, end), U"|");
    if (options.size() < 2) continue;
    if (!std::all_of(options.begin(), options.end(), [&lex](View o) { return is_telling(o, lex); })) continue;
    Text rest = text.substr(0, start);
    rest += strip(options[0]);
    rest += text.substr(end + 1);
    text = std::move(rest);
  }
  return without_slashes(text, lex);
}

std::pair<Text, std::vector<Text>> without_models(View text, const Lexicon& lex) {
  Text out;
  std::vector<Text> names;
  std::size_t at = 0;
  for (std::size_t start; (start = text.find(U'<', at)) != View::npos;) {
    std::size_t end = text.find(U'>', start);
    if (end == View::npos) break;
    const View tag = slice(text, start, end + 1);
    const std::vector<Text> words = parts(tag);
    if (std::any_of(words.begin(), words.end(), [&lex](const Text& w) { return says_something(w, lex); })) {
      names.push_back(Text(tag));
      const View before = slice(text, at, start);
      ++end;
      if (strip(before).empty() || ends_with(rstrip(before), U",")) {  // the comma and the spaces that set it off
        while (end < text.size() && (text[end] == U' ' || text[end] == U',')) ++end;
      }
      out += before;
      at = end;
    } else {
      out += slice(text, at, end + 1);
      at = end + 1;
    }
  }
  out += slice(text, at);
  return {std::move(out), std::move(names)};
}

std::optional<Text> without_weights(const Document& document) {
  Cuts cuts;
  add_brackets(document, cuts);
  add_pluses(document, cuts);
  Text text = document.prompt;
  for (const auto& [start, end] : cuts) {
    for (int i = start; i < end; ++i) text[i] = U' ';
  }
  if (text == document.prompt) return std::nullopt;
  return text;
}

}  // namespace obclip
