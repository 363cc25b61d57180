// The name, and the work it is from in brackets: "texas \(arknights\)" (edge_sdk/second_look/series.py).
#include "second_look/series.h"

#include <algorithm>

namespace obclip::second_look {
namespace {

constexpr int LONGEST = 4;

bool any(Bits bits) { return bits != 0; }

bool is_work(const Tokens& tokens, const Known& known, const Phrases& phrases, const std::vector<int>& within, bool escaped) {
  const int first = within.front(), behind = within.back() + 1;
  for (int i : within) {
    if (in_context(U"ordinary_series", tokens[i].folded)) return false;
  }
  const bool listed = std::any_of(phrases.begin(), phrases.end(), [&](const Phrase& p) {
    return p.first == first && p.behind == behind && any(p.bits & FICTION);
  });
  if (!escaped) return listed && (behind - first > 1 || !any(known[first] & DICTIONARY));
  for (int i : within) {
    if (any(known[i] & STYLE)) return false;
  }
  return listed || behind - first > 1 || !any(known[first] & WORD);
}

// The words of the same item of the list right before the bracket, and before another bracket behind them.
std::vector<int> words_before(const Tokens& tokens, int behind, int start, View prompt) {
  while (behind > 0) {
    const View between = slice(prompt, tokens[behind - 1].end, std::max(start, tokens[behind - 1].end));
    if (!contains(between, U')') || !strip(between, U" _\\)").empty()) break;
    const std::size_t opened = prompt.substr(0, static_cast<std::size_t>(start)).rfind(U'(');
    if (opened == View::npos) return {};
    const int inner = static_cast<int>(opened);
    start = inner - (inner > 0 && prompt[inner - 1] == U'\\' ? 1 : 0);
    while (behind > 0 && tokens[behind - 1].start > inner) --behind;
  }
  if (behind == 0 || !strip(slice(prompt, tokens[behind - 1].end, std::max(start, tokens[behind - 1].end)), U" _").empty()) {
    return {};
  }
  const int last = behind - 1;
  int first = last;
  while (first > 0 && tokens[first - 1].segment == tokens[last].segment) --first;
  std::vector<int> out;
  for (int i = first; behind - first <= LONGEST && i < behind; ++i) out.push_back(i);
  return out;
}

}  // namespace

Marked names_of_series(View prompt, const Tokens& tokens, const Known& known, const Flags& is_public, const Phrases& phrases) {
  Marked found;
  for (std::size_t start, from = 0; (start = prompt.find(U'(', from)) != View::npos; from = start + 1) {
    const std::size_t end = prompt.find(U')', start);
    if (end == View::npos) break;
    const bool escaped = start > 0 && prompt[start - 1] == U'\\';
    std::vector<int> within;
    bool artist = false;
    for (int i = 0; i < static_cast<int>(tokens.size()); ++i) {
      if (!(static_cast<int>(start) < tokens[i].start && tokens[i].end <= static_cast<int>(end))) continue;
      within.push_back(i);
      artist = artist || (is_public[i] && !any(known[i] & FICTION));
    }
    if (within.empty() || artist || !is_work(tokens, known, phrases, within, escaped)) continue;
    const std::vector<int> name = words_before(tokens, within[0], static_cast<int>(start) - escaped, prompt);
    bool common = name.size() > 1, styled = false;  // "special feeling \(meme\)"
    for (int i : name) {
      common = common && any(known[i] & WORD);
      styled = styled || is_public[i] || any(known[i] & STYLE);
    }
    if (!common && !styled) found.insert(name.begin(), name.end());
  }
  return found;
}

}  // namespace obclip::second_look
