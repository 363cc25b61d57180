// Words of the lexicon that are written otherwise: with accents, with digits for letters, with one slip of the pen
// (edge_sdk/attributes/spelling.py).
#include "attributes/spelling.h"

#include <algorithm>
#include <set>

namespace obclip {
namespace {

// Shorter words are within one slip of too many others.
constexpr std::size_t SHORTEST = 5;
constexpr View LETTERS = U"abcdefghijklmnopqrstuvwxyz";
// More digits and signs for letters in one word are no word.
constexpr int MOST_LEET = 4;
// Words that say nothing alone ("sk1n") are looked for from this length on.
constexpr std::size_t SHORTEST_LEET = 4;

bool is_leet(char32_t c) { return !leet_letters(c).empty(); }
bool is_leet(View text) { return text.size() == 1 && is_leet(text[0]); }

// The word that letters and digits in one run spell; "" if they spell none that is sensitive.
Text leet(View run, const Text* parts, int count, const Lexicon& lex) {
  if (count == 2 && is_digit(View(parts[0])) && lex.vocabulary.count(parts[1]) != 0) return {};  // "1girl"
  const auto digits = std::count_if(run.begin(), run.end(), [](char32_t c) { return is_leet(c); });
  if (digits < 1 || digits > MOST_LEET) return {};
  if (std::none_of(run.begin(), run.end(), [](char32_t c) { return is_alpha(c); })) return {};
  std::vector<Text> readings{Text()};
  for (char32_t c : run) {
    const View letters = is_leet(c) ? leet_letters(c) : View(&c, 1);
    std::vector<Text> longer;
    for (const Text& r : readings) {
      for (char32_t letter : letters) longer.push_back(r + letter);
    }
    readings = std::move(longer);
  }
  for (Text& r : readings) {
    if (r.size() > 2 && lex.sensitive.count(r) != 0) return std::move(r);
  }
  for (Text& r : readings) {
    if (r.size() >= SHORTEST_LEET && lex.vocabulary.count(r) != 0) return std::move(r);
  }
  return {};
}

// "w/" and "w/o" are "with" and "without", one token each; "b/w" is neither.
Tokens join_with(const Tokens& found) {
  const auto& texts = found.texts;
  Tokens out;
  for (int i = 0; i < found.size();) {
    Text word = texts[i];
    int j = i + 1;
    const bool apart = i == 0 || found.starts[i] > found.ends[i - 1] ||
                       !(is_alnum(texts[i - 1][0]) || texts[i - 1] == U"/");
    if (word == U"w" && apart && j < found.size() && texts[j] == U"/" && found.starts[j] == found.ends[i]) {
      const bool joined = j + 1 < found.size() && found.starts[j + 1] == found.ends[j];
      const Text behind = joined ? texts[j + 1] : Text();
      if (behind == U"o" || behind == U"out") {
        word = U"without";
        j += 2;
      } else if (behind.size() != 1 || behind == U"a") {
        word = U"with";
        j += 1;
      }
    }
    out.texts.push_back(std::move(word));
    out.starts.push_back(found.starts[i]);
    out.ends.push_back(found.ends[j - 1]);
    i = j;
  }
  return out;
}

// "0ld", "f3male", "w0m@n": letters and digits in one run that spell a sensitive word become one token.
Tokens join_leet(const Tokens& found, const Lexicon& lex) {
  const auto& texts = found.texts;
  const auto goes_on = [&](int j) {
    return found.starts[j] == found.ends[j - 1] && (is_alnum(View(texts[j])) || is_leet(texts[j]));
  };
  Tokens out;
  for (int i = 0; i < found.size();) {
    int j = i + 1;
    while (j < found.size() && goes_on(j)) ++j;
    Text word;
    if (j > i + 1) {
      Text run;
      for (int k = i; k < j; ++k) run += texts[k];
      word = leet(run, &texts[i], j - i, lex);
    }
    if (word.empty()) {
      j = i + 1;
      word = texts[i];
    }
    out.texts.push_back(std::move(word));
    out.starts.push_back(found.starts[i]);
    out.ends.push_back(found.ends[j - 1]);
    i = j;
  }
  return out;
}

// Whether one letter is wrong, left out or put in, or two are swapped.
bool is_one_slip(View word, View meant) {
  const bool longer = meant.size() >= word.size();
  const View small = longer ? word : meant, large = longer ? meant : word;
  if (large.size() - small.size() > 1) return false;
  if (large.size() > small.size()) {
    for (std::size_t k = 0; k < large.size(); ++k) {
      if (large.substr(0, k) == small.substr(0, k) && large.substr(k + 1) == small.substr(k)) return true;
    }
    return false;
  }
  std::vector<std::size_t> wrong;
  for (std::size_t k = 0; k < large.size(); ++k) {
    if (large[k] != small[k]) wrong.push_back(k);
  }
  if (wrong.size() == 1) return true;
  return wrong.size() == 2 && wrong[1] == wrong[0] + 1 && word[wrong[0]] == meant[wrong[1]] &&
         word[wrong[1]] == meant[wrong[0]];
}

// "1girk": behind a number a shorter word is enough to see what is meant.
View counted(const Tokens& found, int i, const Lexicon& lex) {
  const Text& text = found.texts[i];
  const bool glued = i > 0 && is_decimal(View(found.texts[i - 1])) && found.starts[i] == found.ends[i - 1];
  if (!glued || text.size() >= SHORTEST || text.size() <= 2 || !is_ascii(View(text))) return {};
  std::set<View> words;
  for (const Words* some : {&lex.children[0], &lex.children[1], &lex.plain[0]}) {
    words.insert(some->begin(), some->end());
  }
  for (View w : words) {
    if (is_one_slip(text, w)) return w;
  }
  return {};
}

// Whether a name of an artist may stand here: "painting by jeremy mann".
bool is_styled(const std::vector<Text>& texts, int i) {
  for (int k = std::max(0, i - 3); k < i; ++k) {
    if (texts[k] == U"by" || texts[k] == U"artist") return true;
  }
  return false;
}

// The sensitive word that is one letter left out, put in, changed or swapped away, if it is the only sense; "" if none.
Text slip(View word, const Lexicon& lex) {
  if (lex.in_class(U"ordinary", word) || !is_ascii(word)) return {};
  const std::size_t n = word.size();
  const auto is_sensitive = [&lex](const Text& near) { return lex.sensitive.count(near) != 0; };
  for (std::size_t i = 0; i + 1 < n; ++i) {  // swapped letters first: the likeliest
    Text near(word);
    std::swap(near[i], near[i + 1]);
    if (is_sensitive(near) && near.size() >= SHORTEST) return near;
  }
  for (std::size_t i = 0; i < n; ++i) {  // one too many
    Text near(word);
    near.erase(i, 1);
    if (is_sensitive(near) && near.size() >= SHORTEST) return near;
  }
  for (std::size_t i = 0; i <= n; ++i) {  // one missing
    Text near(word);
    near.insert(i, 1, U' ');
    for (char32_t c : LETTERS) {
      near[i] = c;
      if (is_sensitive(near)) return near;
    }
  }
  if (n <= SHORTEST) return {};
  for (std::size_t i = 0; i < n; ++i) {
    Text near(word);
    for (char32_t c : LETTERS) {
      near[i] = c;
      if (is_sensitive(near)) return near;
    }
  }
  return {};
}

Text meant(const Text& typed, const Lexicon& lex) {
  Text text = typed;
  if (!is_ascii(View(text))) {
    Text letters = fold(text);
    if (lex.vocabulary.count(letters) != 0) return letters;
    if (is_ascii(View(letters))) text = std::move(letters);
  }
  if (text.size() < SHORTEST || !is_alpha(View(text))) return text;
  Text near = slip(text, lex);
  return near.empty() ? text : near;
}

}  // namespace

View leet_letters(char32_t c) {
  switch (c) {
    case U'0': return U"o";
    case U'1': return U"il";
    case U'3': return U"e";
    case U'4': return U"a";
    case U'5': return U"s";
    case U'7': return U"t";
    case U'@': return U"a";
    case U'$': return U"s";
    default: return {};
  }
}

Text fold(View text) {
  Text out;
  for (char32_t c : text) out += bare(c);
  return out;
}

Tokens spell(Tokens found, const Lexicon& lex) {
  if (std::find(found.texts.begin(), found.texts.end(), U"w") != found.texts.end()) found = join_with(found);
  if (std::any_of(found.texts.begin(), found.texts.end(), [](const Text& t) { return is_digit(t[0]) || is_leet(t); })) {
    found = join_leet(found, lex);
  }
  const auto is_known = [&lex](const Text& t) { return lex.vocabulary.count(t) != 0; };
  if (std::all_of(found.texts.begin(), found.texts.end(), is_known)) return found;
  std::vector<Text> spelled;
  spelled.reserve(found.texts.size());
  for (int i = 0; i < found.size(); ++i) {
    const Text& t = found.texts[i];
    if (is_known(t) || is_styled(found.texts, i)) {
      spelled.push_back(t);
    } else if (const View near = counted(found, i, lex); !near.empty()) {
      spelled.push_back(Text(near));
    } else {
      spelled.push_back(meant(t, lex));
    }
  }
  found.texts = std::move(spelled);
  return found;
}

}  // namespace obclip
