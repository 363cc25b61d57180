// An artist's name, and words that a sign reads (edge_sdk/second_look/tails.py).
#include "second_look/tails.h"

#include <algorithm>
#include <set>

namespace obclip::second_look {
namespace {

constexpr int LONGEST_NAME = 4;   // words of one name in a list of artists at most
constexpr int LONGEST_MODEL = 3;  // words of a camera's, lens's or film's model at most
constexpr std::size_t SHORT = 3;
constexpr int MOST_JOINED = 3;
constexpr View QUOTES = U"\"\u201c\u201d\u00ab\u00bb";

struct Segment {
  int first, behind;
};
using Segments = std::vector<Segment>;

bool any(Bits bits) { return bits != 0; }
int size_of(const Tokens& tokens) { return static_cast<int>(tokens.size()); }
void mark(Flags& flags, int first, int behind) {
  for (int k = first; k < behind; ++k) flags[k] = 1;
}
bool is_one_of(View word, std::initializer_list<View> words) { return std::find(words.begin(), words.end(), word) != words.end(); }

bool places(View before) {
  return in_context(U"beside", before) || (!in_context(U"made", before) && (ends_with(before, U"ed") || ends_with(before, U"en")));
}

// Whether the word at i opens a list of artists: "by", "style of", "inspired by".
bool style_opens(const Tokens& tokens, int i) {
  const View word = tokens[i].folded, before = i > 0 ? View(tokens[i - 1].folded) : View();
  if (!is_one_of(word, {U"by", U"of", U"from", U"la", U"artist", U"artists"})) return false;
  if (word == U"by" && !(i > 0 && tokens[i].gap.empty() && places(before))) return true;
  if ((word == U"artist" || word == U"artists") && i + 1 < size_of(tokens) &&
      (contains(tokens[i + 1].gap, U':') || contains(tokens[i + 1].gap, U'('))) {
    return true;
  }
  if ((word == U"of" || word == U"from") && (in_context(U"style_before", before) || ends_with(before, U"style")) &&
      !(is_one_of(before, {U"art", U"work", U"photography"}) && i < 2)) {
    return true;
  }
  return word == U"la" && (before == U"a" || before == U"\u00e0");
}

// Whether someone is the subject: "a portrait of Frida Kahlo", not "in the style of Frida Kahlo".
bool pictured(const Tokens& tokens, int first) {
  if (first > 0 && in_context(U"titles", tokens[first - 1].folded)) return true;
  return first > 1 && tokens[first - 1].folded == U"of" && in_context(U"pictures", tokens[first - 2].folded);
}

// Whether an artist is who is pictured: "Bob Ross as a pirate", at the start of an item.
bool acts(const Tokens& tokens, int first, int behind) {
  if (first > 0 && tokens[first - 1].segment == tokens[first].segment) return false;
  if (behind == size_of(tokens) || tokens[behind].segment != tokens[first].segment) return false;
  const View word = tokens[behind].folded;
  return in_context(U"acts", word) || (ends_with(word, U"ing") && !in_context(U"made", word));
}

// Whether a word may belong to a name in a list of names.
bool named(const Token& token, Bits known) {
  if (token.text.size() == 1) return is_alpha(View(token.text));
  if (in_context(U"particles", token.folded)) return true;
  if (!any(known & WORD)) return !is_digit(View(token.folded));
  return any(known & NAME) && (token.capital() || !any(known & QUALITY));
}

// Whether a common word stands behind a given name where its name ends: "rafal olbinski and james dean".
bool is_surname(const Tokens& tokens, const Known& known, int first, int k) {
  const bool ends = k + 1 == size_of(tokens) || tokens[k + 1].segment != tokens[k].segment ||
                    is_one_of(tokens[k + 1].folded, {U"and", U"x"});
  return k > first && any(known[k - 1] & (GIVEN | TOP)) && !any(known[k - 1] & WORD) && ends;
}

// Whether a common word begins a name: "Guy Denning", "iris van herpen", "joe fenton and rose wylie".
bool begins_name(const Tokens& tokens, const Known& known, int first, int k) {
  if (k + 1 == size_of(tokens) || tokens[k + 1].segment != tokens[k].segment || !tokens[k + 1].gap.empty()) return false;
  if (k > first && !is_one_of(tokens[k - 1].folded, {U"and", U"x", U"or", U"by"})) return false;
  const Token& right = tokens[k + 1];
  const Bits bits = known[k + 1];
  const bool surname = any(bits & SURNAME) && !any(bits & WORD);
  if (tokens[k].capital() && right.capital()) return surname || bits == 0;
  const bool noble = is_one_of(right.folded, {U"van", U"von", U"de", U"da", U"di", U"del", U"della", U"du", U"der", U"den"});
  return any(known[k] & GIVEN) && (surname || (noble && k + 2 < size_of(tokens)));
}

// Mark the names from i on as style, over commas as long as a whole segment is names; where the list ends.
int list_end(const Tokens& tokens, const Known& known, int i, Flags& styled) {
  bool first = true;
  while (i < size_of(tokens)) {
    int behind = i;
    while (behind < size_of(tokens) && tokens[behind].segment == tokens[i].segment) ++behind;
    if (is_digit(View(tokens[i].folded)) && !first) {
      i = behind;  // a weight: "(James C. Christensen:1.2|Jeremy Lipking:1.1)"
      continue;
    }
    int names = i;
    while (names < behind && (styled[names] || named(tokens[names], known[names]) || is_surname(tokens, known, i, names) ||
                              begins_name(tokens, known, i, names))) {
      ++names;
    }
    if (names < behind && !first) return i;
    mark(styled, i, names);
    if (names < behind) return names;
    i = names;
    first = false;
  }
  return i;
}

int name_start(const Tokens& tokens, const Known& known, int k) {
  int first = k;
  while (first > 0 && tokens[first - 1].segment == tokens[k].segment && k - first < 3) {
    const Token& token = tokens[first - 1];
    const Bits bits = known[first - 1];
    if (in_context(U"particles", token.folded) || !named(token, bits) || (any(bits & WORD) && !token.capital())) break;
    --first;
  }
  return first;
}

// Where the items of a list begin and end.
Segments segments_of(const Tokens& tokens) {
  Segments out;
  for (int i = 0; i < size_of(tokens); ++i) {
    if (!out.empty() && tokens[out.back().first].segment == tokens[i].segment) {
      out.back().behind = i + 1;
    } else {
      out.push_back({i, i + 1});
    }
  }
  return out;
}

// What follows a brand in one item is its model: "Kodak Ultra Max", "Canon EOS R5".
void mark_gear(const Tokens& tokens, const Known& known, const Phrases& phrases, Flags& out) {
  for (const Phrase& p : phrases) {
    if (!any(p.bits & FICTION) || !out[p.first]) continue;
    for (int k = p.behind; k < size_of(tokens) && k - p.behind < LONGEST_MODEL && strip(tokens[k].gap, U"-").empty(); ++k) {
      const Token& token = tokens[k];
      const bool code = token.capital() || has_digit(token.text) || token.text.size() == 1;
      if (token.segment != tokens[p.first].segment || !code || (any(known[k] & TOP) && token.text.size() > SHORT)) break;
      out[k] = 1;
    }
  }
}

// Who is printed on a shirt or made as a toy is not who is pictured: "a Winnie the Pooh t-shirt".
void mark_printed(const Tokens& tokens, Flags& out) {
  for (int k = 1; k < size_of(tokens); ++k) {
    if (!in_context(U"printed", tokens[k].folded)) continue;
    int first = k - (tokens[k].folded == U"shirt" && tokens[k - 1].folded == U"t" ? 1 : 0);
    while (first > 0 && k - first <= LONGEST_NAME) {
      const Token &token = tokens[first - 1], &after = tokens[first];
      const bool owned = after.start - token.end > 1 && after.gap.empty();  // "Anna's shirt"
      if (token.segment != tokens[k].segment || owned || !(token.capital() || token.folded == U"the" || out[first - 1])) break;
      --first;
    }
    mark(out, first, k);
  }
}

bool is_rendering(const Tokens& tokens, const Segment& s) {
  for (int k = s.first; k < s.behind; ++k) {
    if (in_context(U"rendering", tokens[k].folded)) return true;
  }
  return false;
}

// A full name behind an item that says how a picture is made is an artist's: "octane render, Ada Lund".
void mark_rendered(const Tokens& tokens, const Known& known, Flags& styled) {
  const Segments segments = segments_of(tokens);
  for (std::size_t n = 2; n < segments.size(); ++n) {
    const Segment& s = segments[n];
    bool all = s.behind - s.first == 2 || s.behind - s.first == 3;
    for (int k = s.first; all && k < s.behind; ++k) all = named(tokens[k], known[k]);
    if (all && is_rendering(tokens, segments[n - 1])) mark(styled, s.first, s.behind);
  }
}

// A name right beside an artist's is one more: "makoto shinkai yuji yamaguchi", "stratsEnni Leibovitz".
void join_names(const Tokens& tokens, const Known& known, const Phrases& phrases, Flags& styled) {
  std::set<int> listed;
  for (const Phrase& p : phrases) {
    if (axis_of(p.bits) != U"identity") continue;
    for (int i = p.first; i < p.behind; ++i) listed.insert(i);
  }
  int run = 0;
  for (int i = 1; i < size_of(tokens); ++i) {
    const bool beside = tokens[i].segment == tokens[i - 1].segment && tokens[i].gap.empty() && listed.count(i) == 0;
    const bool plain = any(known[i] & NAME) && !any(known[i] & (WORD | PERSON));
    run = styled[i] ? 0 : run + 1;
    if (beside && !styled[i] && styled[i - 1] && plain && run <= MOST_JOINED) styled[i] = 1;
  }
  for (int i = size_of(tokens) - 2; i >= 0; --i) {
    const Token &token = tokens[i], &right = tokens[i + 1];
    const bool mixed = is_alpha(View(token.text)) && !token.capital() && token.folded != token.text;
    if (styled[i + 1] && right.segment == token.segment && right.gap.empty() && mixed && known[i] == 0) styled[i] = 1;
  }
}

// Whether a segment is names of two or so words each, "and" between them.
bool only_names(const Tokens& tokens, const Known& known, const Segment& s) {
  int joints = 0;
  bool all = true;
  for (int k = s.first; k < s.behind; ++k) {
    joints += tokens[k].folded == U"and";
    all = all && named(tokens[k], known[k]);
  }
  const int size = s.behind - s.first;
  if (size > LONGEST_NAME * (joints + 1) + joints) return false;
  return (size == 2 && any(known[s.first] & GIVEN) && !any(known[s.first] & WORD)) || all;
}

bool has_styled(const Flags& styled, const Segment& s) {
  return std::any_of(styled.begin() + s.first, styled.begin() + s.behind, [](char f) { return f != 0; });
}

// A name is an artist's too where artists follow, a way to make pictures stands beside it, and nobody does.
void mark_between(const Tokens& tokens, const Known& known, const Segments& segments, const Flags& only, Flags& styled) {
  int last = 0;
  for (std::size_t n = 0; n < segments.size(); ++n) {
    if (has_styled(styled, segments[n])) last = static_cast<int>(n);
  }
  for (int n = 2; n < last; ++n) {
    const Segment& s = segments[n];
    if (!only[n] || (s.behind - s.first != 2 && s.behind - s.first != 3)) continue;
    bool made = false, person = false;
    for (int m : {n - 1, n + 1}) {
      made = made || is_rendering(tokens, segments[m]);
      for (int k = segments[m].first; k < segments[m].behind; ++k) {
        person = person || any(known[k] & PERSON) || is_digit(tokens[k].text[0]);
      }
    }
    if (made && !person) mark(styled, s.first, s.behind);
  }
}

// A segment of names beside one of artists is one of artists, unless it opens the prompt.
void spread(const Tokens& tokens, const Known& known, Flags& styled) {
  const Segments segments = segments_of(tokens);
  const int count = static_cast<int>(segments.size());
  Flags only;
  for (const Segment& s : segments) only.push_back(only_names(tokens, known, s));
  for (int n = 1; n < count; ++n) {
    if (only[n] && styled[segments[n - 1].behind - 1]) mark(styled, segments[n].first, segments[n].behind);
  }
  for (int n = count - 2; n > 0; --n) {
    if (only[n] && styled[segments[n + 1].first]) mark(styled, segments[n].first, segments[n].behind);
  }
  mark_between(tokens, known, segments, only, styled);
  // A prompt that names artists lists more of them further on; before them stands who is in it.
  int begun = 0;
  while (begun < count && !has_styled(styled, segments[begun])) ++begun;
  for (int n = begun + 1; n < count; ++n) {
    if (only[n] && segments[n].behind - segments[n].first > 1) mark(styled, segments[n].first, segments[n].behind);
  }
}

// Words between quotation marks behind "reads", "says", "text".
Flags lettered(const Tokens& tokens) {
  Flags out(tokens.size(), 0);
  bool is_inside = false;
  for (int i = 0; i < size_of(tokens); ++i) {
    const Text& gap = tokens[i].gap;
    const bool quoted = std::any_of(gap.begin(), gap.end(), [](char32_t c) { return contains(QUOTES, c); });
    if (quoted) {
      bool said = false;
      for (int k = std::max(0, i - 3); k < i; ++k) said = said || in_context(U"lettering", tokens[k].folded);
      is_inside = !is_inside && said;
    }
    out[i] = is_inside;
  }
  return out;
}

}  // namespace

Flags public_words(const Tokens& tokens, const Known& known, const Phrases& phrases) {
  const int count = size_of(tokens);
  Flags out(tokens.size(), 0), styled(tokens.size(), 0);
  for (const Phrase& p : phrases) {
    const bool alone = p.behind == p.first + 1;
    const bool shown = pictured(tokens, p.first) || (!alone && acts(tokens, p.first, p.behind));
    const View after = p.behind < count && tokens[p.behind].gap.empty() ? View(tokens[p.behind].folded) : View();
    const bool opens = alone && p.first == 0 && !in_context(U"made_as", after);  // "rembrandt painting of a robot"
    if (any(p.bits & STYLE) && !opens && !shown) {
      mark(styled, p.first, p.behind);
    } else if (any(p.bits & FICTION) && !(alone && any(known[p.first] & (GIVEN | TOP)))) {
      mark(out, p.first, p.behind);
    }
  }
  for (int i = 0; i < count;) i = style_opens(tokens, i) ? list_end(tokens, known, i + 1, styled) : i + 1;
  for (int k = 1; k < count; ++k) {
    const Token& token = tokens[k];
    if (!in_context(U"style_behind", token.folded) || !(token.gap.empty() || token.gap == U"-")) continue;
    const int first = name_start(tokens, known, k);
    bool artist = false;
    for (int n = first; n < k; ++n) artist = artist || any(known[n] & (NAME | TOP | STYLE)) || tokens[n].capital();
    mark(artist ? styled : out, first, k);  // "cinematic lighting" names nobody
  }
  for (int i = 0; i < count; ++i) out[i] = out[i] || in_context(U"triggers", tokens[i].folded);
  for (const Segment& s : segments_of(tokens)) {
    const bool genre = s.behind == s.first + 1 && in_context(U"genres", tokens[s.first].folded);
    if (genre && !tokens[s.first].capital()) out[s.first] = 1;  // "2girls, yuri, underwater"
  }
  mark_gear(tokens, known, phrases, out);
  mark_printed(tokens, out);
  mark_rendered(tokens, known, styled);
  join_names(tokens, known, phrases, styled);
  spread(tokens, known, styled);
  const Flags letters = lettered(tokens);
  for (int i = 0; i < count; ++i) out[i] = out[i] || styled[i] || letters[i];
  return out;
}

}  // namespace obclip::second_look
