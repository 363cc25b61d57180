// The closed set as data: a template, ordered axes, and the phrases that depend on them (obclip_contract/grid.py).
#include "contract/grid.h"

#include <algorithm>
#include <set>

#include "contract/limits.h"
#include "contract/placeholders.h"

namespace obclip {
namespace {

// Stand for the article until the words around it are known, and for a text of no characters, which takes the spaces
// beside it along. Text cannot hold them (control characters).
constexpr char32_t SMALL_A = 1, CAPITAL_A = 2, EMPTY = 3;
constexpr std::int64_t MOST = std::int64_t{1} << 62;

bool is_article(View name) { return name == U"a" || name == U"A"; }
bool is_small(char32_t c) { return c >= U'a' && c <= U'z'; }
bool is_name_sign(char32_t c) { return is_small(c) || (c >= U'0' && c <= U'9') || c == U'_'; }

std::int64_t times(std::int64_t product, std::int64_t size) {
  if (product == 0 || size == 0) return 0;
  return product > MOST / size ? MOST : product * size;
}

// The product of any sizes in decimals: what a message says of a set that no number here holds.
std::string exact_product(const std::vector<std::int64_t>& sizes) {
  std::string digits = "1";  // the lowest first
  for (std::int64_t size : sizes) {
    std::int64_t carry = 0;
    for (char& digit : digits) {
      carry += (digit - '0') * size;
      digit = static_cast<char>('0' + carry % 10);
      carry /= 10;
    }
    for (; carry != 0; carry /= 10) digits += static_cast<char>('0' + carry % 10);
  }
  while (digits.size() > 1 && digits.back() == '0') digits.pop_back();
  return std::string(digits.rbegin(), digits.rend());
}

// An empty text takes the spaces behind it along, and those before it if then a sign or the end follows.
Text tidy(const Text& text) {
  if (text.find(EMPTY) == Text::npos) return text;
  Text joined;
  for (std::size_t i = 0; i < text.size(); ++i) {
    joined += text[i];
    if (text[i] == EMPTY) {
      while (i + 1 < text.size() && text[i + 1] == U' ') ++i;
    }
  }
  Text out;
  for (std::size_t i = 0; i < joined.size();) {
    if (joined[i] != EMPTY) {
      out += joined[i++];
      continue;
    }
    while (i < joined.size() && joined[i] == EMPTY) ++i;
    if (i == joined.size() || contains(U",.;:!?", joined[i])) {
      while (!out.empty() && out.back() == U' ') out.pop_back();
    }
  }
  return out;
}

Text with_articles(const Text& text) {
  Text out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != SMALL_A && text[i] != CAPITAL_A) {
      out += text[i];
      continue;
    }
    // Marks further right are no word characters, so the article looks through them.
    const View word = article(View(text).substr(i + 1));
    if (text[i] == SMALL_A) {
      out += word;
    } else {
      out += U'A';
      out += word.substr(1);
    }
  }
  return out;
}

bool is_plain(View text) {
  return std::none_of(text.begin(), text.end(), [](char32_t c) {
    return c < 0x20 || (c >= 0x7F && c <= 0x9F) || (c >= 0xD800 && c <= 0xDFFF);
  });
}

Error refused(const std::string& field, const std::string& message) { return input_error(field + ": " + message); }

bool is_axis_name(View name) {
  return !name.empty() && is_small(name[0]) &&
         std::all_of(name.begin(), name.end(), [](char32_t c) { return is_name_sign(c) || c == U'.'; });
}

bool is_phrase_name(View name) {
  return !name.empty() && is_small(name[0]) && std::all_of(name.begin(), name.end(), is_name_sign);
}

Status check_axis(const std::string& where, const Axis& axis, std::set<View>& seen) {
  OBCLIP_CHECK(check_text(where + ".name", axis.name, limits::MAX_NAME_CHARS));
  if (!is_axis_name(axis.name) || !seen.insert(axis.name).second) {
    return refused(where + ".name", "an axis needs a lower-case name of its own");
  }
  const bool many = axis.values.empty() || axis.size() > limits::MAX_VALUES_PER_AXIS;
  if (many || std::set<View>(axis.values.begin(), axis.values.end()).size() != axis.values.size()) {
    return refused(where + ".values", "an axis needs 1 to " + std::to_string(limits::MAX_VALUES_PER_AXIS) +
                                          " values, all different");
  }
  for (const Text& value : axis.values) {
    OBCLIP_CHECK(check_text(where + ".values", value, limits::MAX_NAME_CHARS));
    if (value.empty()) return refused(where + ".values", "a value needs a name");
  }
  return done();
}

Status check_axes(const std::vector<Axis>& axes) {
  if (axes.size() > limits::MAX_AXES) {
    return refused("grid.axes", "at most " + std::to_string(limits::MAX_AXES) + " axes are allowed, got " +
                                    std::to_string(axes.size()));
  }
  std::set<View> seen;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    OBCLIP_CHECK(check_axis("grid.axes." + std::to_string(i), axes[i], seen));
  }
  return done();
}

bool is_row(const Choice& row, const std::vector<Axis>& axes) {
  if (row.size() != axes.size()) return false;
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (row[i] < 0 || row[i] >= axes[i].size()) return false;
  }
  return true;
}

// A list of rows has one form: rising, without repeats, every value in use, and not the whole product.
Status check_rows(const std::vector<Axis>& axes, const std::optional<std::vector<Choice>>& rows) {
  std::vector<std::int64_t> sizes;
  for (const Axis& axis : axes) sizes.push_back(axis.size());
  const std::int64_t whole = product_size(axes);
  const std::int64_t count = rows ? static_cast<std::int64_t>(rows->size()) : whole;
  if (count < 1 || count > limits::MAX_CANDIDATES) {
    return refused("grid", "1 to " + std::to_string(limits::MAX_CANDIDATES) +
                               " candidates are allowed, the grid has " +
                               (rows ? std::to_string(count) : exact_product(sizes)));
  }
  if (!rows) return done();
  for (std::size_t i = 0; i < rows->size(); ++i) {
    if (!is_row((*rows)[i], axes)) {
      return refused("grid.rows." + std::to_string(i), "a row is the position of one value of each axis");
    }
  }
  for (std::size_t i = 0; i + 1 < rows->size(); ++i) {
    if ((*rows)[i] >= (*rows)[i + 1]) {
      return refused("grid.rows", "rows must rise: each after the one before, none twice");
    }
  }
  if (count == whole) return refused("grid.rows", "rows that are the whole product must be left out");
  for (std::size_t i = 0; i < axes.size(); ++i) {
    std::set<int> used;
    for (const Choice& row : *rows) used.insert(row[i]);
    if (static_cast<int>(used.size()) != axes[i].size()) {
      return refused("grid.axes." + std::to_string(i) + ".values", "every value must be in use by a row");
    }
  }
  return done();
}

Status check_phrase(const std::string& where, const Phrase& phrase, const std::vector<Axis>& axes) {
  bool fits = std::set<int>(phrase.axes.begin(), phrase.axes.end()).size() == phrase.axes.size();
  for (int a : phrase.axes) fits = fits && a >= 0 && a < static_cast<int>(axes.size());
  if (!fits) return refused(where + ".axes", "each must be the position of an axis, and occur once");
  std::int64_t want = 1;
  std::vector<std::int64_t> sizes;
  for (int a : phrase.axes) {
    sizes.push_back(axes[a].size());
    want = times(want, sizes.back());
  }
  if (want > limits::MAX_CANDIDATES) {  // can only be with rows
    return refused(where + ".axes", "at most " + std::to_string(limits::MAX_CANDIDATES) + " texts are allowed, not " +
                                        exact_product(sizes));
  }
  if (static_cast<std::int64_t>(phrase.text.size()) != want) {
    return refused(where + ".text",
                   std::to_string(want) + " texts are needed, got " + std::to_string(phrase.text.size()));
  }
  for (const Text& text : phrase.text) OBCLIP_CHECK(check_text(where + ".text", text, limits::MAX_PHRASE_CHARS));
  return done();
}

Status check_phrases(const std::vector<Axis>& axes, const Phrases& phrases) {
  if (phrases.size() > limits::MAX_PHRASES) {
    return refused("grid.phrases", "at most " + std::to_string(limits::MAX_PHRASES) + " phrases are allowed, got " +
                                       std::to_string(phrases.size()));
  }
  for (const auto& [name, phrase] : phrases) {
    if (!is_phrase_name(name) || name.size() > limits::MAX_NAME_CHARS || is_article(name)) {
      return refused("grid.phrases", "a phrase needs a lower-case name of 1 to " +
                                         std::to_string(limits::MAX_NAME_CHARS) + " characters, not 'a'");
    }
    OBCLIP_CHECK(check_phrase("grid.phrases." + utf8(name), phrase, axes));
  }
  return done();
}

Status check_template(View template_, const Phrases& phrases) {
  OBCLIP_CHECK(check_text("grid.template", template_, limits::MAX_TEMPLATE_CHARS));
  std::set<View> used;
  std::size_t longest = template_.size();
  for (auto at = next_placeholder(template_, 0); at; at = next_placeholder(template_, at->end)) {
    if (at->kind == Placeholder::LONE) {
      return refused("grid.template",
                     "unbalanced brace at character " + std::to_string(at->start) + "; double it to mean it");
    }
    if (at->kind == Placeholder::DOUBLED || is_article(at->name)) continue;
    const Phrase* phrase = phrases.find(at->name);
    if (phrase == nullptr) {
      return refused("grid.template",
                     "the placeholder at character " + std::to_string(at->start) + " has no phrase");
    }
    used.insert(at->name);
    std::size_t most = 0;
    for (const Text& text : phrase->text) most = std::max(most, text.size());
    longest += most;
  }
  if (used.size() != phrases.size()) return refused("grid.phrases", "every phrase must occur in the template");
  if (longest > limits::MAX_MEMBER_CHARS) {
    return refused("grid.template",
                   "a member could exceed " + std::to_string(limits::MAX_MEMBER_CHARS) + " characters");
  }
  return done();
}

}  // namespace

const Phrase* Phrases::find(View name) const {
  for (const auto& row : rows_) {
    if (row.first == name) return &row.second;
  }
  return nullptr;
}

void Phrases::set(Text name, Phrase phrase) {
  for (auto& row : rows_) {
    if (row.first == name) {
      row.second = std::move(phrase);
      return;
    }
  }
  rows_.emplace_back(std::move(name), std::move(phrase));
}

bool Phrases::operator==(const Phrases& other) const {
  if (size() != other.size()) return false;
  return std::all_of(begin(), end(), [&other](const auto& row) {
    const Phrase* theirs = other.find(row.first);
    return theirs != nullptr && *theirs == row.second;
  });
}

std::int64_t product_size(const std::vector<Axis>& axes) {
  std::int64_t product = 1;
  for (const Axis& axis : axes) product = times(product, axis.size());
  return product;
}

Status check_text(const std::string& where, View text, int most) {
  if (text.size() > static_cast<std::size_t>(most)) {
    return refused(where, "at most " + std::to_string(most) + " characters are allowed, got " +
                              std::to_string(text.size()));
  }
  if (!is_plain(text)) return refused(where, "control characters and lone surrogates are not allowed");
  return done();
}

Result<PromptGrid> PromptGrid::make(Text template_, std::vector<Axis> axes, Phrases phrases,
                                    std::optional<std::vector<Choice>> rows) {
  OBCLIP_CHECK(check_axes(axes));
  OBCLIP_CHECK(check_rows(axes, rows));
  OBCLIP_CHECK(check_phrases(axes, phrases));
  OBCLIP_CHECK(check_template(template_, phrases));
  return PromptGrid{std::move(template_), std::move(axes), std::move(phrases), std::move(rows)};
}

std::int64_t PromptGrid::count() const {
  return rows ? static_cast<std::int64_t>(rows->size()) : product_size(axes);
}

std::vector<Choice> PromptGrid::choices() const {
  if (rows) return *rows;
  std::vector<Choice> out;
  if (product_size(axes) == 0) return out;
  Choice choice(axes.size(), 0);
  while (true) {
    out.push_back(choice);
    std::size_t i = axes.size();
    while (i > 0 && ++choice[i - 1] == axes[i - 1].size()) choice[--i] = 0;
    if (i == 0) return out;
  }
}

std::vector<Text> PromptGrid::expand() const {
  std::vector<Text> out;
  for (const Choice& choice : choices()) out.push_back(member(choice));
  return out;
}

Text PromptGrid::member(const Choice& choice) const { return expand_member(template_, axes, phrases, choice); }

Text expand_member(View template_, const std::vector<Axis>& axes, const Phrases& phrases, const Choice& choice) {
  Text out;
  std::size_t from = 0;
  for (auto at = next_placeholder(template_, 0); at; at = next_placeholder(template_, at->end)) {
    out += template_.substr(from, at->start - from);
    from = at->end;
    if (at->kind != Placeholder::NAMED) {
      out += template_[at->start];
    } else if (is_article(at->name)) {
      out += at->name == U"a" ? SMALL_A : CAPITAL_A;
    } else if (const Phrase* phrase = phrases.find(at->name)) {  // a template without one is refused before
      std::size_t index = 0;
      for (int axis : phrase->axes) {
        index = index * static_cast<std::size_t>(axes[axis].size()) + static_cast<std::size_t>(choice[axis]);
      }
      if (index >= phrase->text.size() || phrase->text[index].empty()) {
        out += EMPTY;
      } else {
        out += phrase->text[index];
      }
    }
  }
  out += template_.substr(from);
  return with_articles(tidy(out));
}

Text escape(View text) {
  Text out;
  out.reserve(text.size());
  for (char32_t c : text) out.append(c == U'{' || c == U'}' ? 2 : 1, c);
  return out;
}

}  // namespace obclip
