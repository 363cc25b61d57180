// Names of persons: given names of the lists with what follows them, and surnames behind a title
// (edge_sdk/attributes/passes/people.py).
#include <set>

#include "attributes/looking_up.h"
#include "attributes/passes/passes.h"

namespace obclip::passes {
namespace {

constexpr int LONGEST = 5;  // parts of a name at most

bool is_raised(const Document& document, int i) { return is_upper(document.prompt[document.tokens.starts[i]]); }

bool opens_style(const Document& document, int i) {
  const View text = at(document.tokens, i);
  if (text == U"by" || text == U"artist") {
    return !(text == U"by" && i > 0 && document.in_class(U"by_place", at(document.tokens, i - 1)));
  }
  return text == U"style" && at(document.tokens, i + 1) == U"of";
}

// Tokens of artists' names: behind "by" or "in the style of", and what a comma or "and" joins to them.
std::set<int> artists(const Document& document) {
  const Tokens& tokens = document.tokens;
  std::set<int> found;
  for (int i = 0; i < tokens.size(); ++i) {
    if (!opens_style(document, i)) continue;
    int j = at(tokens, i) != U"style" ? i + 1 : i + 2;
    while (j < tokens.size()) {
      const View text = at(tokens, j);
      if (is_one_of(text, {U",", U"and", U"&", U"|"}) || is_raised(document, j) ||
          is_one_of(text, {U"-", U".", U"'", U":"})) {
        found.insert(j);
      } else if (!document.in_class(U"surname_particles", text)) {
        break;
      }
      ++j;
      if (at(tokens, j - 1) == U"." && j < tokens.size() && tokens.starts[j] > tokens.ends[j - 1] &&
          at(tokens, j - 2).size() > 1) {
        break;
      }
    }
  }
  return found;
}

// Model tags ("<lora:magazineCover:0.6>") that hold no sensitive word: those that did are gone.
void add_tags(Document& document) {
  const Text& prompt = document.prompt;
  for (std::size_t start = prompt.find(U'<'); start != Text::npos;) {
    const std::size_t end = prompt.find(U'>', start);
    if (end == Text::npos) break;
    document.public_.emplace_back(static_cast<int>(start), static_cast<int>(end + 1));
    start = prompt.find(U'<', end);
  }
}

// The token behind the name: capitals that are no known word, and particles before them.
int end_of(const Document& document, int here) {
  const Tokens& tokens = document.tokens;
  const int count = tokens.size();
  int j = here + 1;
  while (j < count && j - here < LONGEST && tokens.starts[j] - tokens.ends[j - 1] <= 1) {
    const View text = at(tokens, j);
    const bool hyphen = text == U"-" && tokens.starts[j] == tokens.ends[j - 1];
    const bool capital = is_raised(document, j) && is_alpha(text);
    const bool unknown = !begins_phrase(document.lex, text) || document.in_class(U"surnames", text);
    const bool particle = document.in_class(U"surname_particles", text) && j + 1 < count && is_raised(document, j + 1);
    const bool named = capital && unknown && tokens.starts[j] > tokens.ends[j - 1];
    if (!(named || particle || (hyphen && j + 1 < count))) break;
    j += hyphen ? 2 : 1;
  }
  return std::min(j, count);
}

bool behind_title(const Document& document, int here) {
  const Tokens& tokens = document.tokens;
  const int j = at(tokens, here - 1) == U"." ? here - 2 : here - 1;
  return j >= 0 && (document.lex.titles.count(at(tokens, j)) != 0 || document.in_class(U"callings", at(tokens, j)));
}

bool is_dismissed(const Document& document, int here) {
  const int start = document.tokens.starts[here];
  for (int i = 0; i < document.size(); ++i) {
    const Mark& m = document.marks[i];
    if (m.start <= start && start < m.end && document.is_dismissed(i)) return true;
  }
  return false;
}

// "Mr. and Mrs. Kowalski": two titles and one name.
void add_couples(Document& document) {
  const Tokens& tokens = document.tokens;
  std::vector<int> solid;
  for (int i = 0; i < tokens.size(); ++i) {
    if (at(tokens, i) != U".") solid.push_back(i);
  }
  for (std::size_t n = 0; n + 2 < solid.size(); ++n) {
    const int first = solid[n], second = solid[n + 2];
    const View joint = at(tokens, solid[n + 1]);
    const bool titles = document.lex.titles.count(at(tokens, first)) != 0 && document.lex.titles.count(at(tokens, second)) != 0;
    if (!titles || (joint != U"and" && joint != U"&") || !is_raised(document, first)) continue;
    const int end = end_of(document, second + (at(tokens, second + 1) == U"." ? 1 : 0));
    document.names.emplace_back(tokens.starts[first], tokens.ends[end - 1]);
  }
}

// Where first names are an axis, a name is one mark, surname and all.
void slot_names(Document& document) {
  const Words* found = find_in(document.lex.values, U"first_names");
  if (found == nullptr || found->empty()) return;
  const Words& values = *found;
  std::vector<Mark> out;
  std::size_t next = 0;
  for (const Mark& m : document.marks) {
    while (next < document.names.size() && document.names[next].second <= m.start) ++next;
    if (next == document.names.size() || m.end <= document.names[next].first) {
      out.push_back(m);
      continue;
    }
    const auto [start, end] = document.names[next];
    if (!out.empty() && out.back().start == start) continue;
    Mark mark;
    mark.start = start;
    mark.end = end;
    mark.kind = Kind::NAME;
    mark.word = lower(slice(document.prompt, start, end));
    mark.near = true;
    mark.value = (end - start) % static_cast<int>(values.size());
    for (std::size_t v = 0; v < values.size(); ++v) {
      if (mark.word == lower(values[v])) {
        mark.value = static_cast<int>(v);
        mark.near = false;
        break;
      }
    }
    out.push_back(std::move(mark));
  }
  document.insert(std::move(out));
}

}  // namespace

void people(Document& document) {
  const Tokens& tokens = document.tokens;
  const std::set<int> styles = artists(document);
  for (int i : styles) document.public_.emplace_back(tokens.starts[i], tokens.ends[i]);
  add_tags(document);
  for (int i = 0; i < tokens.size();) {
    const int here = i++;
    if (styles.count(here) != 0 || !is_raised(document, here)) continue;
    const View text = at(tokens, here);
    const bool titled = behind_title(document, here);
    if (document.lex.given_names.count(text) == 0 && !(titled && document.in_class(U"surnames", text))) continue;
    const int end = end_of(document, here);
    const bool alone = end == here + 1;
    if (alone && !titled && document.in_class(U"with_surname_only", text)) continue;
    if (document.in_class(U"not_before_names", at(tokens, end))) continue;
    bool other = false;
    for (int k = here + 1; k < end; ++k) other = other || document.in_class(U"not_before_names", at(tokens, k));
    if (other || is_dismissed(document, here)) continue;
    document.names.emplace_back(tokens.starts[here], tokens.ends[end - 1]);
    i = end;
  }
  add_couples(document);
  std::sort(document.names.begin(), document.names.end());
  if (document.hides(U"first_names")) slot_names(document);
}

}  // namespace obclip::passes
