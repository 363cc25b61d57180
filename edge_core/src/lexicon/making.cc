// From the file's tables to the structs of lexicon.h (edge_sdk/attributes/lexicon_file.py, `value` and `_changed`).
#include "lexicon/making.h"

namespace obclip {
namespace {

// Words of the longest phrase, far more than any has: a damaged file cannot make the walk deep.
constexpr int DEEPEST = 256;

// Take a phrase out, with the nodes that nothing else needs; true if the node is empty then.
template <class T>
bool remove(Trie<T>& node, const Words& path, std::size_t at) {
  if (at == path.size()) {
    node.meaning = nullptr;
  } else {
    const auto found = node.below.find(path[at]);
    if (found == node.below.end()) return false;
    if (remove(*found->second, path, at + 1)) node.below.erase(found);
  }
  return node.meaning == nullptr && node.below.empty();
}

}  // namespace

Row Maker::record(std::uint32_t ref, View name, const std::vector<View>& names) {
  const Row row = file_.row(ref, Ref::RECORD);
  if (row.size != names.size() + 1) {
    file_.fail();
    return {};
  }
  const auto known = types_.find(row[0]);
  bool same = known != types_.end() && known->second;
  if (known == types_.end()) {
    const Words type = words(row[0]);
    same = type.size() == names.size() + 1 && type[0] == name && std::equal(names.begin(), names.end(), type.begin() + 1);
    types_[row[0]] = same;
  }
  // One type stands for one name: a record of another type has another row, whose name differs.
  const Row type = same ? file_.row(row[0], Ref::TUPLE) : Row{};
  if (type.size == 0 || file_.string(type[0]) != name) {
    file_.fail();
    return {};
  }
  return row;
}

std::optional<int> Maker::maybe_integer(std::uint32_t ref) {
  if (file_.is_none(ref)) return std::nullopt;
  return file_.integer(ref);
}

Words Maker::words(std::uint32_t ref) {
  const Row row = file_.row(ref, Ref::TUPLE);
  Words out;
  out.reserve(row.size);
  for (std::size_t i = 0; i < row.size; ++i) out.push_back(file_.string(row[i]));
  return out;
}

WordSet Maker::word_set(std::uint32_t ref) {
  const Row row = file_.row(ref, Ref::SET);
  WordSet out;
  out.reserve(row.size);
  for (std::size_t i = 0; i < row.size; ++i) out.insert(file_.string(row[i]));
  return out;
}

ByNumber Maker::by_number(std::uint32_t ref) {
  const Row row = file_.row(ref, Ref::TUPLE);
  if (row.size != 2) {
    file_.fail();
    return {};
  }
  return {words(row[0]), words(row[1])};
}

template <class E>
E Maker::enumerated(std::uint32_t ref, View type, int count) {
  const Row row = file_.row(ref, Ref::ENUM);
  if (row.size == 2 && file_.string(row[0]) == type) {
    const View value = file_.string(row[1]);
    for (int i = 0; i < count; ++i) {
      if (value_of(static_cast<E>(i)) == value) return static_cast<E>(i);
    }
  }
  file_.fail();
  return E{};
}

Noun Maker::noun(std::uint32_t ref) {
  const Row row = record(ref, U"Noun", {U"kind", U"plural", U"gender", U"age", U"forms", U"collective"});
  if (row.size == 0) return {};
  Noun out;
  out.kind = enumerated<NounKind>(row[1], U"NounKind", 7);
  out.plural = file_.boolean(row[2]);
  out.gender = maybe_integer(row[3]);
  out.age = maybe_integer(row[4]);
  if (!file_.is_none(row[5])) out.forms = words(row[5]);
  out.collective = file_.boolean(row[6]);
  return out;
}

Trait Maker::trait(std::uint32_t ref) {
  const Row row = record(ref, U"Trait", {U"axis", U"value", U"adjective", U"singular", U"plural", U"behind", U"near",
                                         U"direct", U"gender", U"capital", U"place"});
  if (row.size == 0) return {};
  Trait out;
  out.axis = file_.string(row[1]);
  out.value = maybe_integer(row[2]);
  bool* const flags[] = {&out.adjective, &out.singular, &out.plural, &out.behind, &out.near, &out.direct};
  for (std::size_t i = 0; i < 6; ++i) *flags[i] = file_.boolean(row[3 + i]);
  out.gender = maybe_integer(row[9]);
  out.capital = file_.boolean(row[10]);
  out.place = file_.boolean(row[11]);
  return out;
}

Meaning Maker::meaning(std::uint32_t ref) {
  const Row row = record(ref, U"Meaning", {U"kind", U"noun", U"trait", U"value", U"form", U"near", U"behind", U"decoy",
                                           U"hyphens"});
  if (row.size == 0) return {};
  Meaning out;
  out.kind = enumerated<Kind>(row[1], U"Kind", 15);
  if (!file_.is_none(row[2])) out.noun = kept_noun(row[2]);
  if (!file_.is_none(row[3])) out.trait = kept(row[3], traits_, &Maker::trait);
  out.value = file_.integer(row[4]);
  if (!file_.is_none(row[5])) out.form = enumerated<PronounForm>(row[5], U"PronounForm", 5);
  out.near = file_.boolean(row[6]);
  out.behind = file_.boolean(row[7]);
  out.decoy = file_.boolean(row[8]);
  out.hyphens = file_.boolean(row[9]);
  return out;
}

Origin Maker::origin(std::uint32_t ref) {
  const Row row = record(ref, U"Origin", {U"axis", U"value", U"kind"});
  if (row.size == 0) return {};
  return {file_.string(row[1]), maybe_integer(row[2]), file_.string(row[3])};
}

Origins Maker::origins(std::uint32_t ref) {
  const Row row = file_.row(ref, Ref::TUPLE);
  Origins out;
  for (std::size_t i = 0; i < row.size; ++i) out.push_back(origin(row[i]));
  return out;
}

Cue Maker::cue(std::uint32_t ref) {
  const Row row = record(ref, U"Cue", {U"axis", U"value", U"instead", U"strong"});
  if (row.size == 0) return {};
  return {file_.string(row[1]), file_.string(row[2]), file_.string(row[3]), file_.boolean(row[4])};
}

Hint Maker::hint(std::uint32_t ref) {
  const Row row = record(ref, U"Hint", {U"axis", U"value", U"instead", U"slot", U"decides"});
  if (row.size == 0) return {};
  return {file_.string(row[1]), file_.string(row[2]), file_.string(row[3]), file_.string(row[4]), file_.boolean(row[5])};
}

AxisForms Maker::axis_forms(std::uint32_t ref) {
  const Row row = record(ref, U"AxisForms", {U"before", U"behind", U"predicate"});
  if (row.size == 0) return {};
  return {words(row[1]), by_number(row[2]), by_number(row[3])};
}

std::vector<Frame> Maker::frames(std::uint32_t ref) {
  const Row rows = file_.row(ref, Ref::TUPLE);
  std::vector<Frame> out;
  for (std::size_t i = 0; i < rows.size; ++i) {
    const Row row = file_.row(rows[i], Ref::TUPLE);
    if (row.size != 3) {
      file_.fail();
      return out;
    }
    out.push_back({words(row[0]), words(row[1]), file_.string(row[2])});
  }
  return out;
}

std::vector<Hint> Maker::hints(std::uint32_t ref) {
  const Row row = file_.row(ref, Ref::TUPLE);
  std::vector<Hint> out;
  for (std::size_t i = 0; i < row.size; ++i) out.push_back(hint(row[i]));
  return out;
}

ByWord<Words> Maker::groups(std::uint32_t ref) {
  ByWord<Words> out;
  change(out, ref, &Maker::words);
  return out;
}

InOrder<WordSet> Maker::languages(std::uint32_t ref) {
  const Row row = file_.row(ref, Ref::DICT);
  if (row.size % 2 != 0) file_.fail();
  InOrder<WordSet> out;
  for (std::size_t i = 0; i + 1 < row.size; i += 2) out.emplace_back(file_.string(row[i]), word_set(row[i + 1]));
  return out;
}

std::unordered_set<char32_t> Maker::characters(std::uint32_t ref) {
  std::unordered_set<char32_t> out;
  for (View one : word_set(ref)) {
    if (one.size() != 1) {
      file_.fail();
    } else {
      out.insert(one[0]);
    }
  }
  return out;
}

template <class T>
const T* Maker::kept(std::uint32_t ref, std::unordered_map<std::uint32_t, T>& made, T (Maker::*make)(std::uint32_t)) {
  const auto known = made.find(ref);
  if (known != made.end()) return &known->second;
  return &made.emplace(ref, (this->*make)(ref)).first->second;
}

// -- what a field is, or how a layer changes it

template <class V>
void Maker::change(ByWord<V>& map, std::uint32_t ref, V (Maker::*make)(std::uint32_t)) {
  const bool patch = LexiconFile::kind(ref) == Ref::PATCH;
  const Row row = file_.row(ref, patch ? Ref::PATCH : Ref::DICT);
  if (row.size % 2 != 0) file_.fail();
  if (!patch) {
    map.clear();
    map.reserve(row.size / 2);
  }
  for (std::size_t i = 0; i + 1 < row.size; i += 2) {
    if (patch && LexiconFile::is_nothing(row[i + 1])) {
      map.erase(file_.string(row[i]));
    } else {
      map[file_.string(row[i])] = (this->*make)(row[i + 1]);
    }
  }
}

void Maker::change(WordSet& set, std::uint32_t ref) {
  if (LexiconFile::kind(ref) != Ref::PATCH) {
    set = word_set(ref);
    return;
  }
  const Row row = file_.row(ref);
  if (row.size % 2 != 0) file_.fail();
  for (std::size_t i = 0; i + 1 < row.size; i += 2) {
    if (LexiconFile::is_nothing(row[i + 1])) {
      set.erase(file_.string(row[i]));
    } else {
      set.insert(file_.string(row[i]));
    }
  }
}

template <class T>
void Maker::grow(Trie<T>& node, std::uint32_t from, const T* (Maker::*make)(std::uint32_t), int depth) {
  if (depth > DEEPEST) {
    file_.fail();
    return;
  }
  const std::uint32_t meaning = file_.meaning(from);
  node.meaning = LexiconFile::is_nothing(meaning) ? nullptr : (this->*make)(meaning);
  const std::uint32_t first = file_.first_child(from), behind = file_.behind_children(from);
  node.below.reserve(behind - first);
  for (std::uint32_t child = first; child < behind; ++child) {
    auto& below = node.below[file_.string(file_.token(child))];
    below = std::make_unique<Trie<T>>();
    grow(*below, child, make, depth + 1);
  }
}

template <class T>
void Maker::change(Trie<T>& root, std::uint32_t ref, const T* (Maker::*make)(std::uint32_t)) {
  if (LexiconFile::kind(ref) != Ref::PATCH) {
    if (LexiconFile::kind(ref) != Ref::TRIE || LexiconFile::number(ref) >= file_.nodes()) {
      file_.fail();
      return;
    }
    root.below.clear();
    grow(root, LexiconFile::number(ref), make, 0);
    return;
  }
  const Row row = file_.row(ref);
  if (row.size % 2 != 0) file_.fail();
  for (std::size_t i = 0; i + 1 < row.size; i += 2) {
    const Words path = words(row[i]);
    if (path.empty() || path.size() > DEEPEST) {
      file_.fail();
      return;
    }
    if (LexiconFile::is_nothing(row[i + 1])) {
      remove(root, path, 0);
      continue;
    }
    Trie<T>* node = &root;
    for (View token : path) {
      auto& below = node->below[token];
      if (below == nullptr) below = std::make_unique<Trie<T>>();
      node = below.get();
    }
    node->meaning = (this->*make)(row[i + 1]);
  }
}

const std::vector<Maker::Field>& Maker::fields() {
  static const std::vector<Field> FIELDS = {
      {U"axes", [](Maker& m, std::uint32_t ref, Lexicon& lex) { lex.axes = m.words(ref); }},
      {U"values", [](Maker& m, std::uint32_t ref, Lexicon& lex) { m.change(lex.values, ref, &Maker::words); }},
      {U"phrases", [](Maker& m, std::uint32_t ref, Lexicon& lex) { m.change(lex.phrases, ref, &Maker::kept_meaning); }},
      {U"alone", [](Maker& m, std::uint32_t ref, Lexicon& lex) { m.change(lex.alone, ref, &Maker::kept_meaning); }},
      {U"nouns", [](Maker& m, std::uint32_t ref, Lexicon& lex) { m.change(lex.nouns, ref, &Maker::kept_noun); }},
      {U"vocabulary", [](Maker& m, std::uint32_t ref, Lexicon& lex) { m.change(lex.vocabulary, ref); }},
      {U"sensitive", [](Maker& m, std::uint32_t ref, Lexicon& lex) { m.change(lex.sensitive, ref); }},
      {U"origins", [](Maker& m, std::uint32_t ref, Lexicon& lex) { m.change(lex.origins, ref, &Maker::kept_origins); }},
      {U"frame_starts", [](Maker& m, std::uint32_t ref, Lexicon& lex) { m.change(lex.frame_starts, ref, &Maker::frames); }},
      {U"emoji", [](Maker& m, std::uint32_t ref, Lexicon& lex) { m.change(lex.emoji, ref, &Maker::text); }},
      {U"emoji_starts", [](Maker& m, std::uint32_t ref, Lexicon& lex) { lex.emoji_starts = m.characters(ref); }},
      {U"longest_emoji", [](Maker& m, std::uint32_t ref, Lexicon& lex) { lex.longest_emoji = m.whole(ref); }},
      {U"forms", [](Maker& m, std::uint32_t ref, Lexicon& lex) { m.change(lex.forms, ref, &Maker::axis_forms); }},
      {U"gender_adjectives", [](Maker& m, std::uint32_t ref, Lexicon& lex) { lex.gender_adjectives = m.words(ref); }},
      {U"titles", [](Maker& m, std::uint32_t ref, Lexicon& lex) { m.change(lex.titles, ref, &Maker::whole); }},
      {U"given_names", [](Maker& m, std::uint32_t ref, Lexicon& lex) { m.change(lex.given_names, ref); }},
      {U"respelled", [](Maker& m, std::uint32_t ref, Lexicon& lex) { m.change(lex.respelled, ref, &Maker::text); }},
      {U"pronouns", [](Maker& m, std::uint32_t ref, Lexicon& lex) { m.change(lex.pronouns, ref, &Maker::words); }},
      {U"ages", [](Maker& m, std::uint32_t ref, Lexicon& lex) { m.change(lex.ages, ref, &Maker::whole); }},
      {U"tones", [](Maker& m, std::uint32_t ref, Lexicon& lex) { m.change(lex.tones, ref, &Maker::whole); }},
      {U"tone_keys", [](Maker& m, std::uint32_t ref, Lexicon& lex) { m.change(lex.tone_keys, ref, &Maker::text); }},
      {U"suffixes", [](Maker& m, std::uint32_t ref, Lexicon& lex) { lex.suffixes = m.words(ref); }},
      {U"words", [](Maker& m, std::uint32_t ref, Lexicon& lex) { m.change(lex.words, ref, &Maker::word_set); }},
      {U"neutral", [](Maker& m, std::uint32_t ref, Lexicon& lex) { lex.neutral = m.by_number(ref); }},
      {U"plain", [](Maker& m, std::uint32_t ref, Lexicon& lex) { lex.plain = m.by_number(ref); }},
      {U"children", [](Maker& m, std::uint32_t ref, Lexicon& lex) { lex.children = m.by_number(ref); }},
      {U"title_forms", [](Maker& m, std::uint32_t ref, Lexicon& lex) { lex.title_forms = m.words(ref); }},
      {U"child_below", [](Maker& m, std::uint32_t ref, Lexicon& lex) { lex.child_below = m.whole(ref); }},
      {U"old_from", [](Maker& m, std::uint32_t ref, Lexicon& lex) { lex.old_from = m.whole(ref); }},
      {U"numbers", [](Maker& m, std::uint32_t ref, Lexicon& lex) { m.change(lex.numbers, ref, &Maker::whole); }},
      {U"decades", [](Maker& m, std::uint32_t ref, Lexicon& lex) { m.change(lex.decades, ref, &Maker::whole); }},
      {U"decade_forms", [](Maker& m, std::uint32_t ref, Lexicon& lex) { lex.decade_forms = m.words(ref); }},
      {U"age_predicates", [](Maker& m, std::uint32_t ref, Lexicon& lex) { lex.age_predicates = m.words(ref); }},
      {U"year_forms", [](Maker& m, std::uint32_t ref, Lexicon& lex) { lex.year_forms = m.words(ref); }},
      {U"roles_plural", [](Maker& m, std::uint32_t ref, Lexicon& lex) { m.change(lex.roles_plural, ref, &Maker::text); }},
      {U"neutral_pairs", [](Maker& m, std::uint32_t ref, Lexicon& lex) { m.change(lex.neutral_pairs, ref, &Maker::text); }},
      {U"cues", [](Maker& m, std::uint32_t ref, Lexicon& lex) { m.change(lex.cues, ref, &Maker::kept_cue); }},
      {U"noun_hints", [](Maker& m, std::uint32_t ref, Lexicon& lex) { m.change(lex.noun_hints, ref, &Maker::hints); }},
      {U"nameless", [](Maker& m, std::uint32_t ref, Lexicon& lex) { lex.nameless = m.text(ref); }},
      {U"languages", [](Maker& m, std::uint32_t ref, Lexicon& lex) { lex.languages = m.languages(ref); }},
      {U"large", [](Maker& m, std::uint32_t ref, Lexicon& lex) { m.change(lex.large, ref, &Maker::words); }},
      {U"groups", [](Maker& m, std::uint32_t ref, Lexicon& lex) { m.change(lex.groups, ref, &Maker::groups); }},
  };
  return FIELDS;
}

void Maker::make_base(std::uint32_t ref, Lexicon& out) {
  std::vector<View> names;
  for (const Field& field : fields()) names.push_back(field.name);
  const Row row = record(ref, U"Lexicon", names);
  for (std::size_t i = 1; i < row.size; ++i) fields()[i - 1].change(*this, row[i], out);
}

void Maker::apply_layer(const Row& layer, std::size_t at, Lexicon& out) {
  for (; at + 1 < layer.size; at += 2) {
    const int field = file_.integer(layer[at]);
    if (field < 0 || static_cast<std::size_t>(field) >= fields().size()) {
      file_.fail();
      return;
    }
    fields()[static_cast<std::size_t>(field)].change(*this, layer[at + 1], out);
  }
}

}  // namespace obclip
