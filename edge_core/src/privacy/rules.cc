// Public rules that narrow what the axes of a template may say, or refuse the template (edge_sdk/privacy/rules.py).
#include "privacy/rules.h"

#include <algorithm>
#include <set>

#include "contract/placeholders.h"
#include "mechanisms/domain.h"

namespace obclip {
namespace {

// A character as a pattern that ignores case compares it with ASCII letters: the Kelvin sign is a "k", a long "s" is
// an "s".
char32_t folded(char32_t c) {
  if (c >= U'A' && c <= U'Z') return c + 32;
  if (c == 0x212A) return U'k';
  if (c == 0x17F) return U's';
  if (c == 0x130 || c == 0x131) return U'i';
  return c;
}

bool is_inside(char32_t c) { return c == U'-' || is_word(c); }

// Where `word` ends that begins at `at`, or 0: its spaces match any white space.
std::size_t end_of(View text, std::size_t at, View word) {
  for (char32_t c : word) {
    if (c == U' ') {
      const std::size_t start = at;
      while (at < text.size() && is_space(text[at])) ++at;
      if (at == start) return 0;
    } else if (at < text.size() && folded(text[at]) == folded(c)) {
      ++at;
    } else {
      return 0;
    }
  }
  return at;
}

// Whether one of the words stands in the text, with no letter, digit or hyphen beside it.
bool holds(View text, const std::vector<View>& words) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (at > 0 && is_inside(text[at - 1])) continue;
    for (View word : words) {
      const std::size_t end = end_of(text, at, word);
      if (end > 0 && (end == text.size() || !is_inside(text[end]))) return true;
    }
  }
  return false;
}

std::string joined(const std::set<View>& words) {
  return utf8(join(U", ", std::vector<View>(words.begin(), words.end())));
}

std::string by_rule(const Rule& rule) {
  return "the prompt is refused by the rule " + repr(rule.name) + ": " + utf8(rule.says);
}

Status refuse(const Rule& rule, View text, const std::set<View>& axes) {
  if (!rule.refuse_words.empty() && holds(text, rule.refuse_words)) {
    return input_error(by_rule(rule) + ". Nothing was sent");
  }
  std::set<View> hit;
  for (View axis : rule.refuse_axes) {
    if (axes.count(axis) != 0) hit.insert(axis);
  }
  if (!hit.empty()) {
    return input_error(by_rule(rule) + " (" + joined(hit) +
                       "). Reword it, or make the picture with --mechanism local. Nothing was sent");
  }
  return done();
}

bool is_dropped(const Rule& rule, View axis, View value) {
  for (const auto& [of, values] : rule.drop) {
    if (of == axis) return std::find(values.begin(), values.end(), value) != values.end();
  }
  return false;
}

// Leaves out what the rule drops; which values went, in order, for the person.
Result<std::string> narrow(const Rule& rule, CandidateSlots& slots) {
  std::vector<std::vector<int>> keep;
  std::set<View> dropped;
  for (const Axis& axis : slots.axes) {
    const View base = base_axis(axis.name);
    keep.emplace_back();
    for (int i = 0; i < axis.size(); ++i) {
      if (is_dropped(rule, base, axis.values[i])) {
        dropped.insert(axis.values[i]);
      } else {
        keep.back().push_back(i);
      }
    }
    if (keep.back().empty()) return input_error(by_rule(rule) + ". Nothing was sent");
  }
  std::string told = joined(dropped);  // before the values that it points to go
  if (!dropped.empty()) slots = slots.narrowed(keep);
  return told;
}

}  // namespace

Text public_words(View template_) {
  const Text text = replace(replace(template_, U"{{", U" "), U"}}", U" ");
  Text out;
  std::size_t from = 0;
  for (std::size_t at = 0; at < text.size();) {
    const auto found = next_placeholder(View(text), at);
    if (!found) break;
    at = found->end;
    if (found->kind != Placeholder::NAMED) {
      at = found->start + 1;  // here a doubled brace is two
      continue;
    }
    out += slice(text, from, found->start);
    out += U' ';
    from = found->end;
  }
  return out + Text(slice(text, from));
}

Result<Ruled> apply_rules(CandidateSlots slots) {
  const Text text = public_words(slots.template_);
  Ruled out{std::move(slots), {}};
  for (const Rule& rule : rules()) {
    if (!holds(text, rule.words)) continue;
    std::set<View> axes;
    for (const Axis& axis : out.slots.axes) axes.insert(base_axis(axis.name));
    OBCLIP_CHECK(refuse(rule, text, axes));
    OBCLIP_TRY(const std::string dropped, narrow(rule, out.slots));
    // What the slots still can say after that: "schoolgirl" and "schoolboy" have no age to drop.
    std::vector<View> said;
    for (const auto& row : out.slots.phrases) said.insert(said.end(), row.second.text.begin(), row.second.text.end());
    OBCLIP_CHECK(refuse(rule, join(U" | ", said), {}));
    if (!dropped.empty()) {
      out.notes.push_back("by the rule " + repr(rule.name) + " (" + utf8(rule.says) +
                          ") these values are left out: " + dropped);
    }
  }
  return out;
}

Status refuse_alone(View prompt) {
  for (const Rule& rule : rules()) {
    if (!rule.refuse_words.empty() && holds(prompt, rule.words)) OBCLIP_CHECK(refuse(rule, prompt, {}));
  }
  return done();
}

}  // namespace obclip
