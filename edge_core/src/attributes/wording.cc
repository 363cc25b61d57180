// The text around the slots: what a removed word leaves, articles that must fit again, capitals that stay
// (edge_sdk/attributes/wording.py).
#include "attributes/wording.h"

#include <algorithm>
#include <optional>
#include <set>

#include "contract/articles.h"

namespace obclip {
namespace {

constexpr View OPENING = U"([", CLOSING = U")]";

int length(View text) { return static_cast<int>(text.size()); }

// Whether the sign at `i` only weighs words.
bool is_weight(const Document& document, int i) {
  return i >= 0 && i < length(document.typed) && i < length(document.prompt) && document.prompt[i] == U' ' &&
         !is_space(document.typed[i]);
}

// The stretch with the brackets and weights that hold nothing else: "(old:1.2)".
std::pair<int, int> own_group(const Document& document, int start, int end) {
  const Text& typed = document.typed;
  const int size = length(typed);
  while (true) {
    int i = start - 1, j = end;
    while (i >= 0 && is_space(typed[i])) --i;
    while (j < size && is_space(typed[j])) ++j;
    if (i >= 0 && typed[i] == U'{' && j < size && typed[j] == U'}') {
      start = i;
      end = j + 1;
      continue;
    }
    if (i < 0 || !contains(OPENING, typed[i]) || !(is_weight(document, i) && is_weight(document, j))) {
      return {start, end};
    }
    while (j < size && !contains(CLOSING, typed[j])) ++j;
    start = i;
    end = j + 1;
  }
}

// The text before `before`'s comma, if it ends with one.
std::optional<View> without_comma(View before) {
  const View bare = rstrip(before);
  if (!ends_with(bare, U",")) return std::nullopt;
  return bare.substr(0, bare.size() - 1);
}

bool is_gap(char32_t c) { return c == GONE || is_space(c); }

// Spaces before a removed word that a sign or the end follows: r"[ \t]+(\x00+)(?=[,.;:!?)\]]|$)" -> r"\1".
Text without_hanging(View text) {
  Text out;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t start = i;
    while (i < text.size() && (text[i] == U' ' || text[i] == U'\t')) ++i;
    if (i == start) {
      out += text[i++];
      continue;
    }
    std::size_t end = i;
    while (end < text.size() && text[end] == GONE) ++end;
    const bool last = end == text.size() || (end + 1 == text.size() && text[end] == U'\n');
    const bool hangs = end > i && (last || contains(U",.;:!?)]", text[end]));
    if (!hangs) out += text.substr(start, i - start);
    out += text.substr(i, end - i);
    i = end;
  }
  return out;
}

// One match of r"(?<![\w'{-])([Aa])[Nn]?((?:\s|\x00)(?:\s|\x00|[(\[])*)(\S)" that begins at `start`.
struct Article {
  std::size_t gap, next;  // where group 2 and group 3 begin
};

std::optional<Article> article_at(View text, std::size_t start) {
  if (text[start] != U'a' && text[start] != U'A') return std::nullopt;
  if (start > 0) {
    const char32_t before = text[start - 1];
    if (is_word(before) || contains(U"'{-", before)) return std::nullopt;
  }
  std::size_t gap = start + 1;
  if (gap < text.size() && (text[gap] == U'n' || text[gap] == U'N')) ++gap;
  if (gap >= text.size() || !is_gap(text[gap])) return std::nullopt;
  std::size_t next = gap + 1;
  while (next < text.size() && (is_gap(text[next]) || contains(OPENING, text[next]))) ++next;
  if (next < text.size()) return Article{gap, next};
  // Nothing follows: the last of the run that is no space is the word (a pattern's way back).
  while (--next > gap) {
    if (!is_space(text[next])) return Article{gap, next};
  }
  return std::nullopt;
}

bool is_letter(char32_t c) { return (c >= U'a' && c <= U'z') || (c >= U'A' && c <= U'Z'); }

// The name of a slot whose brace stands at `at` (r"\{(s\d+)\}"), or "".
View slot_at(View text, std::size_t at) {
  if (at + 1 >= text.size() || text[at] != U'{' || text[at + 1] != U's') return {};
  std::size_t end = at + 2;
  while (end < text.size() && is_decimal(text[end])) ++end;
  if (end == at + 2 || end >= text.size() || text[end] != U'}') return {};
  return text.substr(at + 1, end - at - 1);
}

// The slot that begins the template, behind spaces, brackets and doubled braces; "" if none does.
View first_slot(View text) {
  std::size_t at = 0;
  while (at < text.size()) {
    if (is_space(text[at]) || contains(OPENING, text[at])) {
      ++at;
    } else if (text.substr(at, 2) == U"{{") {
      at += 2;
    } else {
      break;
    }
  }
  return slot_at(text, at);
}

// Slots behind a sign that ends a sentence: r"[.!?] +\{(s\d+)\}".
std::set<View> sentence_slots(View text) {
  std::set<View> found;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!contains(U".!?", text[i])) continue;
    std::size_t at = i + 1;
    while (at < text.size() && text[at] == U' ') ++at;
    if (at == i + 1) continue;
    const View name = slot_at(text, at);
    if (!name.empty()) found.insert(name);
  }
  return found;
}

}  // namespace

std::pair<Text, int> cut_before(const Document& document, int at, const Mark& mark) {
  const View typed = document.typed;
  auto [start, end] = own_group(document, mark.start, mark.end);
  const View before = slice(typed, at, start < 0 ? 0 : start);
  const auto bare = without_comma(before);
  if ((mark.place == Place::YEARS || mark.place == Place::LISTED) && bare) return {Text(*bare), end};
  const View rest = slice(typed, end);
  const View behind = lstrip(rest);
  if (bare && (behind.empty() || contains(U",.;", behind[0]))) return {Text(*bare), end};
  const int comma = end + length(rest) - length(behind);
  const bool opens = mark.place == Place::YEARS && strip(slice(typed, 0, std::max(0, start))).empty();  // "9yo, 1girl"
  const bool loose = mark.place == Place::NONE || mark.place == Place::LISTED || opens;
  if (slice(typed, comma, comma + 1) == U"," && mark.kind == Kind::AGE && loose) end = comma + 1;
  while (end < length(typed) && contains(U" -_\t\n", typed[end])) ++end;
  return {Text(before), end};
}

std::pair<Text, Text> weights_within(const Document& document, const Mark& mark) {
  Text opened, closed, run;
  for (int i = mark.start; i < mark.end; ++i) {
    if (!is_weight(document, i)) {
      run.clear();
      continue;
    }
    const char32_t c = document.typed[i];
    run += c;
    if (contains(OPENING, c)) {
      opened += c;
      run.clear();
    } else if (contains(CLOSING, c)) {
      if (opened.empty()) {
        closed += run;
      } else {
        opened.pop_back();
      }
      run.clear();
    }
  }
  return {std::move(opened), std::move(closed)};
}

Text fit_articles(View template_) {
  const Text whole = without_hanging(template_);
  const View text = whole;
  Text out;
  for (std::size_t i = 0; i < text.size();) {
    const auto found = article_at(text, i);
    if (!found) {
      out += text[i++];
      continue;
    }
    const bool capital = text[i] == U'A';
    const View gap = text.substr(found->gap, found->next - found->gap);
    const char32_t next = text[found->next];
    if (next == U'{' && slice(text, found->next + 1, found->next + 2) != U"{") {
      out += capital ? U"{A}" : U"{a}";
    } else if (!contains(gap, GONE)) {
      out += text.substr(i, found->gap - i);
    } else {
      const View word = article(text.substr(found->next));
      out += capital ? capitalize(word) : Text(word);
    }
    out += gap;
    out += next;
    i = found->next + 1;
  }
  out.erase(std::remove(out.begin(), out.end(), GONE), out.end());
  return out;
}

void keep_capitals(View template_, Phrases& phrases, View prompt, const std::vector<Text>& raised) {
  std::set<View> names;
  const std::set<View> behind_signs = sentence_slots(template_);
  for (const Text& name : raised) {
    const auto at = behind_signs.find(View(name));
    if (at != behind_signs.end()) names.insert(*at);
  }
  const View first = first_slot(template_);
  const auto letter = std::find_if(prompt.begin(), prompt.end(), is_letter);
  if (!first.empty() && letter != prompt.end() && *letter <= U'Z') names.insert(first);
  for (View name : names) {
    const Phrase* old = phrases.find(name);
    if (old == nullptr) continue;
    // A value with a capital of its own ("Asian") tells nothing of how the sentence began.
    const bool own = std::any_of(old->text.begin(), old->text.end(),
                                 [](const Text& t) { return !t.empty() && is_upper(t[0]); });
    if (own) continue;
    Phrase capital{old->axes, {}};
    for (const Text& text : old->text) {
      capital.text.push_back(upper(slice(text, 0, 1)) + Text(slice(text, 1)));
    }
    phrases.set(Text(name), std::move(capital));
  }
}

}  // namespace obclip
