// Answers what a lexicon holds: "FIELD OPT_IN NEUTRAL" (OPT_IN is a list with commas or "-", NEUTRAL 0 or 1) gives the
// field of that variant in one line of JSON, sets and dictionaries sorted, tries as their phrases; "open PATH" says why a
// file is refused, or nothing. Argument: lexicon.bin.
#include <algorithm>
#include <cstdio>
#include <map>
#include <string>

#include "fields.h"
#include "lexicon/loading.h"
#include "lines.h"

namespace {

using namespace obclip;
using testing::Fields;
using testing::quote;

std::string show(bool value) { return value ? "true" : "false"; }
std::string show(int value) { return std::to_string(value); }
std::string show(View value) { return quote(value); }
std::string show(char32_t value) { return quote(View(&value, 1)); }
template <class E, class = decltype(value_of(E()))>
std::string show(E value) {
  return quote(value_of(value));
}
template <class T>
std::string show(const std::optional<T>& value);
template <class T>
std::string show(const T* value);
std::string show(const Noun& n);
std::string show(const Trait& t);
std::string show(const Origin& o);
std::string show(const Cue& c);
std::string show(const Hint& h);
std::string show(const Frame& f);
std::string show(const AxisForms& f);
std::string show(const Meaning& m);
template <class T>
std::string show(const std::vector<T>& items);
std::string show(const ByNumber& forms);
template <class T>
std::string show(const std::unordered_set<T>& set);
template <class V>
std::string show(const ByWord<V>& map);
template <class V>
std::string show(const InOrder<V>& map);

std::string row() { return ""; }
template <class First, class... Rest>
std::string row(const First& first, const Rest&... rest) {
  return show(first) + (sizeof...(rest) != 0 ? "," + row(rest...) : "");
}
template <class... Parts>
std::string list(const Parts&... parts) {
  return "[" + row(parts...) + "]";
}
template <class Items, class Show>
std::string each(const Items& items, Show one) {
  std::string out = "[";
  for (const auto& item : items) out += (out.size() > 1 ? "," : "") + one(item);
  return out + "]";
}

template <class T>
std::string show(const std::optional<T>& value) {
  return value ? show(*value) : "null";
}
template <class T>
std::string show(const T* value) {
  return value == nullptr ? "null" : show(*value);
}
std::string show(const Noun& n) { return list(n.kind, n.plural, n.gender, n.age, n.forms, n.collective); }
std::string show(const Trait& t) {
  return list(t.axis, t.value, t.adjective, t.singular, t.plural, t.behind, t.near, t.direct, t.gender, t.capital, t.place);
}
std::string show(const Origin& o) { return list(o.axis, o.value, o.kind); }
std::string show(const Cue& c) { return list(c.axis, c.value, c.instead, c.strong); }
std::string show(const Hint& h) { return list(h.axis, h.value, h.instead, h.slot, h.decides); }
std::string show(const Frame& f) { return list(f.before, f.behind, f.fits); }
std::string show(const AxisForms& f) { return list(f.before, f.behind, f.predicate); }
std::string show(const Meaning& m) {
  return list(m.kind, m.noun, m.trait, m.value, m.form, m.near, m.behind, m.decoy, m.hyphens);
}
template <class T>
std::string show(const std::vector<T>& items) {
  return each(items, [](const T& item) { return show(item); });
}
std::string show(const ByNumber& forms) { return list(forms[0], forms[1]); }
template <class T>
std::string show(const std::unordered_set<T>& set) {
  std::vector<T> sorted(set.begin(), set.end());
  std::sort(sorted.begin(), sorted.end());
  return show(sorted);
}
template <class V>
std::string show(const ByWord<V>& map) {
  std::map<View, const V*> sorted;
  for (const auto& [key, value] : map) sorted[key] = &value;
  return each(sorted, [](const auto& pair) { return "[" + show(pair.first) + "," + show(*pair.second) + "]"; });
}
template <class V>
std::string show(const InOrder<V>& map) {
  return each(map, [](const auto& pair) { return list(pair.first, pair.second); });
}

template <class T>
void walk(const Trie<T>& node, std::vector<View>& path, std::map<std::vector<View>, const T*>& out) {
  if (node.meaning != nullptr) out[path] = node.meaning;
  for (const auto& [token, below] : node.below) {
    if (below == nullptr) continue;
    path.push_back(token);
    walk(*below, path, out);
    path.pop_back();
  }
}
// Nodes are made when they are looked up, so every word that a phrase may begin with is looked up first.
template <class T>
std::string phrases(const Trie<T>& root, const std::vector<Text>& words) {
  for (const Text& word : words) (void)root.find(word);
  std::vector<View> path;
  std::map<std::vector<View>, const T*> out;
  walk(root, path, out);
  return each(out, [](const auto& pair) { return list(pair.first, pair.second); });
}

std::string field(const Lexicon& lex, const std::string& name, const std::vector<Text>& words) {
  if (name == "phrases") return phrases(lex.phrases, words);
  if (name == "origins") return phrases(lex.origins, words);
  if (name == "cues") return phrases(lex.cues, words);
#define OBCLIP_FIELD(f) \
  if (name == #f) return show(lex.f);
  OBCLIP_FIELD(axes)
  OBCLIP_FIELD(values)
  OBCLIP_FIELD(alone)
  OBCLIP_FIELD(nouns)
  OBCLIP_FIELD(vocabulary)
  OBCLIP_FIELD(sensitive)
  OBCLIP_FIELD(frame_starts)
  OBCLIP_FIELD(emoji)
  OBCLIP_FIELD(emoji_starts)
  OBCLIP_FIELD(longest_emoji)
  OBCLIP_FIELD(forms)
  OBCLIP_FIELD(gender_adjectives)
  OBCLIP_FIELD(titles)
  OBCLIP_FIELD(given_names)
  OBCLIP_FIELD(respelled)
  OBCLIP_FIELD(pronouns)
  OBCLIP_FIELD(ages)
  OBCLIP_FIELD(tones)
  OBCLIP_FIELD(tone_keys)
  OBCLIP_FIELD(suffixes)
  OBCLIP_FIELD(words)
  OBCLIP_FIELD(neutral)
  OBCLIP_FIELD(plain)
  OBCLIP_FIELD(children)
  OBCLIP_FIELD(title_forms)
  OBCLIP_FIELD(child_below)
  OBCLIP_FIELD(old_from)
  OBCLIP_FIELD(numbers)
  OBCLIP_FIELD(decades)
  OBCLIP_FIELD(decade_forms)
  OBCLIP_FIELD(age_predicates)
  OBCLIP_FIELD(year_forms)
  OBCLIP_FIELD(roles_plural)
  OBCLIP_FIELD(neutral_pairs)
  OBCLIP_FIELD(noun_hints)
  OBCLIP_FIELD(nameless)
  OBCLIP_FIELD(languages)
  OBCLIP_FIELD(large)
  OBCLIP_FIELD(groups)
#undef OBCLIP_FIELD
  return "no such field";
}

std::string answer(std::string_view line, const Lexicons& lexicons, std::vector<Text>& words) {
  Fields fields(line);
  const std::string name = fields.word();
  if (name == "open") {
    const auto opened = Lexicons::open(testing::read_file(fields.word().c_str()));
    return opened ? "null" : quote(*from_utf8(opened.error().message));
  }
  if (name == "words") {  // what phrases may begin with
    words = fields.texts();
    return "null";
  }
  AxisSet opt_in;
  const std::string axes = fields.word();
  for (std::size_t from = 0; axes != "-" && from <= axes.size();) {
    const std::size_t comma = std::min(axes.find(',', from), axes.size());
    opt_in.insert(ascii(std::string_view(axes).substr(from, comma - from)));
    from = comma + 1;
  }
  return field(lexicons.get(opt_in, fields.number() != 0), name, words);
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) return 2;
  const auto lexicons = Lexicons::open(testing::read_file(arguments[1]));
  if (!lexicons) {
    std::fprintf(stderr, "%s\n", lexicons.error().message.c_str());
    return 1;
  }
  std::vector<Text> words;
  return testing::serve([&](std::string_view line) { return answer(line, **lexicons, words); });
}
