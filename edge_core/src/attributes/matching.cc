// Tokens, and the longest match of phrases over them (edge_sdk/attributes/matching.py).
#include "attributes/matching.h"

#include <unordered_map>

namespace obclip {
namespace {

std::unordered_map<char32_t, char32_t> make_likes() {
  std::unordered_map<char32_t, char32_t> likes;
  for (char32_t c : {0x2010, 0x2011, 0x2012, 0x2013, 0x2212}) likes[c] = U'-';
  for (char32_t c : {0x2018, 0x2019, 0x02bc, 0xff07}) likes[c] = U'\'';
  for (char32_t c : {0x201c, 0x201d, 0x00ab, 0x00bb}) likes[c] = U'"';
  likes[0x130] = likes[0x131] = U'i';
  likes[0x17f] = U's';
  likes[0x212a] = U'k';
  for (char32_t c = 0x30; c < 0x7b; ++c) {
    if (is_alnum(c)) likes[0xfee0 + c] = c;
  }
  return likes;
}

bool is_letter(char32_t c) {
  return (c >= U'A' && c <= U'Z') || (c >= U'a' && c <= U'z') || (c >= 0xc0 && c <= 0x24f);
}
// What neither begins a word or number nor is white space is a token by itself; of digits, [0-9] alone are none.
bool is_sign(char32_t c) { return !is_letter(c) && !(c >= U'0' && c <= U'9') && !is_space(c); }

// Signs between which the words of a phrase may stand without spaces: "dark_skin".
bool joins(View token) { return token == U"-" || token == U"_"; }

}  // namespace

Text plain(View text) {
  Text out(text);
  if (is_ascii(text)) return out;
  static const std::unordered_map<char32_t, char32_t> LIKES = make_likes();
  for (char32_t& c : out) {
    if (c < 0x80) continue;
    // The styles come last in the reference's table, so of a letter in both (the kelvin sign) they count.
    const auto at = LIKES.find(c);
    if (const char32_t letter = styled(c); letter != c) {
      c = letter;
    } else if (at != LIKES.end()) {
      c = at->second;
    }
  }
  return out;
}

Tokens tokens(View text) {
  Text low = lower(text);
  if (low.size() != text.size()) {  // a letter whose lower case is two
    low.clear();
    for (char32_t c : text) {
      const Text one = lower(View(&c, 1));
      low += one.size() == 1 ? one[0] : c;
    }
  }
  Tokens out;
  const std::size_t size = text.size();
  for (std::size_t i = 0; i < size;) {
    std::size_t end = i;
    if (is_letter(text[i])) {
      while (end < size && is_letter(text[end])) ++end;
    } else if (is_decimal(text[i])) {
      while (end < size && is_decimal(text[end])) ++end;
    } else if (is_sign(text[i])) {
      ++end;
    } else {
      ++i;
      continue;
    }
    out.texts.push_back(low.substr(i, end - i));
    out.starts.push_back(static_cast<int>(i));
    out.ends.push_back(static_cast<int>(end));
    i = end;
  }
  return out;
}

template <class T>
std::optional<Found<T>> longest(const Trie<T>& root, const Tokens& found, int i) {
  const auto text = [&found](int at) -> View { return found.texts[static_cast<std::size_t>(at)]; };
  const auto start = [&found](int at) { return found.starts[static_cast<std::size_t>(at)]; };
  const auto end = [&found](int at) { return found.ends[static_cast<std::size_t>(at)]; };
  const Trie<T>* first = root.find(text(i));
  if (first == nullptr) return std::nullopt;
  const int count = found.size();
  if (i + 1 == count || (first->find(text(i + 1)) == nullptr && !joins(text(i + 1)))) {
    if (first->meaning == nullptr) return std::nullopt;
    return Found<T>{i + 1, first->meaning};
  }
  std::vector<const Trie<T>*> nodes{first};
  std::optional<Found<T>> best;
  int j = i + 1;
  while (!nodes.empty()) {
    for (const Trie<T>* node : nodes) {
      if (node->meaning != nullptr) best = Found<T>{j, node->meaning};
    }
    if (j >= count) break;
    if (joins(text(j))) {
      if (start(j) != end(j - 1) || j + 1 >= count || start(j + 1) != end(j)) break;
      ++j;
      // A phrase with the hyphen itself, and one where it counts as a space.
      const std::size_t before = nodes.size();
      for (std::size_t n = 0; n < before; ++n) {
        if (const Trie<T>* below = nodes[n]->find(text(j - 1))) nodes.push_back(below);
      }
    }
    std::vector<const Trie<T>*> next;
    for (const Trie<T>* node : nodes) {
      if (const Trie<T>* below = node->find(text(j))) next.push_back(below);
    }
    nodes = std::move(next);
    ++j;
  }
  return best;
}

template std::optional<Found<Meaning>> longest(const Trie<Meaning>&, const Tokens&, int);
template std::optional<Found<Origins>> longest(const Trie<Origins>&, const Tokens&, int);
template std::optional<Found<Cue>> longest(const Trie<Cue>&, const Tokens&, int);

}  // namespace obclip
