// Gender and age in a letter and a number: "45M, baker", "nurse, F32", "baker, f, 30"
// (edge_sdk/attributes/passes/letters.py).
#include "attributes/looking_up.h"
#include "attributes/passes/passes.h"

namespace obclip::passes {
namespace {

constexpr int LEAST = 13;

bool is_opener(View sign) { return sign.empty() || is_one_of(sign, {U",", U";", U"|", U"(", U"["}); }
bool is_closer(View sign) { return sign.empty() || is_one_of(sign, {U",", U";", U"|", U")", U"]"}); }
bool is_letter(View text) { return text == U"f" || text == U"m"; }
int gender_of(View letter) { return letter == U"m"; }

// Openings of a lens ("f/16"), and numbers of jets and rifles.
bool is_stop(int years) { return years == 16 || years == 22 || years == 32 || years == 45 || years == 64; }
bool is_arm(View letter, int years) {
  if (letter == U"m") return years == 14 || years == 16 || years == 24 || years == 60;
  return years == 14 || years == 15 || years == 16 || years == 18 || years == 22 || years == 35;
}

class Letters {
 public:
  explicit Letters(Document& document) : document_(document), tokens_(document.tokens) {}

  // "45M", "F32", "45/f", "f 32": said as "in her thirties"; the token behind it, or i.
  int coded(int i) {
    const int slash = at(i + 1) == U"/";
    const int j = i + 1 + slash;
    const View one = at(i), other = at(j);
    const auto age = years(is_letter(other) ? one : other);
    const View letter = is_letter(other) ? other : one;
    if (!age || !is_letter(letter) || (slash && one == U"f" && is_stop(*age))) return i;
    if (one == letter && is_arm(letter, *age) && holds_class(U"arms")) return i;
    bool joined = true;
    for (int k = i + 1; k <= j; ++k) joined = joined && is_glued(k);
    const View before = at(i - 1), behind = at(j + 1);
    const bool opened = is_opener(before) || (!joined && is_noun(before));
    const bool closed = is_closer(behind) || (joined && is_noun(behind)) || behind == U"/";
    const int start = tokens_.starts[i], stop = tokens_.ends[j];
    if (!opened || !closed || !is_free(start, stop)) return i;
    Mark mark = made(start, stop, Kind::DECADE);
    mark.value = document_.lex.age_of(*age);
    mark.noun = Noun{NounKind::DECADE, false, gender_of(letter), mark.value};
    document_.special.push_back({start, stop, mark});
    return j + 1;
  }

  // "baker, f, 30": a letter that signs set off; not one of several letters ("a, b, c, d, e, f").
  int alone(int i) {
    if (!is_letter(at(i)) || !is_closer(at(i + 1))) return i;
    const int start = tokens_.starts[i], stop = tokens_.ends[i];
    bool aged = false;
    for (const Special& s : document_.special) {
      aged = aged || (s.end <= start && start <= s.end + 1 && s.mark.kind == Kind::AGE);  // "25yo f, baker"
    }
    const auto is_one = [](View text) { return text.size() == 1 && is_alpha(text[0]); };
    if (!(is_opener(at(i - 1)) || aged) || is_one(at(i - 2)) || is_one(at(i + 2)) || !is_free(start, stop)) return i;
    Mark mark = made(start, stop, Kind::NOUN);
    Noun noun;
    noun.kind = NounKind::ADJECTIVE;
    noun.gender = gender_of(at(i));
    noun.forms = document_.lex.gender_adjectives;
    mark.noun = noun;
    document_.special.push_back({start, stop, mark});
    return i + 1;
  }

 private:
  View at(int i) const { return obclip::at(tokens_, i); }
  bool is_noun(View word) const { return noun_of(document_.lex, word) != nullptr; }
  bool is_glued(int i) const { return i > 0 && i < tokens_.size() && tokens_.starts[i] == tokens_.ends[i - 1]; }
  bool holds_class(View name) const {
    return std::any_of(tokens_.texts.begin(), tokens_.texts.end(),
                       [&](const Text& t) { return document_.in_class(name, t); });
  }
  bool is_free(int start, int stop) const {
    return std::none_of(document_.special.begin(), document_.special.end(),
                        [&](const Special& s) { return s.start < stop && start < s.end; });
  }
  static std::optional<int> years(View text) {
    if (!is_decimal(text) || text.size() != 2 || whole_number(text) < LEAST) return std::nullopt;
    return whole_number(text);
  }
  Mark made(int start, int stop, Kind kind) const {
    Mark mark;
    mark.start = start;
    mark.end = stop;
    mark.kind = kind;
    mark.word = lower(slice(document_.text, start, stop));
    mark.near = true;
    return mark;
  }

  Document& document_;
  const Tokens& tokens_;
};

}  // namespace

void letters(Document& document) {
  const auto& texts = document.tokens.texts;
  const auto said = [](const Text& t) { return is_letter(t); };
  const auto named = [&](const Text& t) { return noun_of(document.lex, t) != nullptr; };
  if (std::none_of(texts.begin(), texts.end(), said) || std::none_of(texts.begin(), texts.end(), named)) return;
  Letters reader(document);
  for (int i = 0; i < document.tokens.size();) {
    const int coded = reader.coded(i);
    i = std::max({coded, reader.alone(i), i + 1});
  }
}

}  // namespace obclip::passes
