// Answers of the test programs as JSON: texts, lists of them, slots, and refusals.
#ifndef OBCLIP_TESTING_ANSWERS_H
#define OBCLIP_TESTING_ANSWERS_H

#include <string>
#include <utility>
#include <vector>

#include "attributes/findings.h"
#include "attributes/slots.h"
#include "fields.h"
#include "lines.h"

namespace obclip::testing {

inline std::string json(View text) { return quote(text); }
inline std::string json(const Text& text) { return quote(text); }
// UTF-8, for messages and notes.
inline std::string json(const std::string& text) {
  const auto read = from_utf8(text);
  return read ? quote(*read) : "\"<no UTF-8>\"";
}
inline std::string json(int number) { return std::to_string(number); }
inline std::string json(bool flag) { return flag ? "true" : "false"; }

// Declared before the lists of them.
std::string json(const Axis& axis);
std::string json(const std::pair<Text, Phrase>& row);
std::string json(const std::pair<Text, Text>& both);
std::string json(const Span& s);
std::string json(const Finding& f);
std::string json(const Choice& choice);

template <class Range, class Make>
std::string json_list(const Range& range, const Make& make) {
  std::string out = "[";
  for (const auto& item : range) {
    if (out.size() > 1) out += ", ";
    out += make(item);
  }
  return out + "]";
}
template <class Range>
std::string json_list(const Range& range) {
  return json_list(range, [](const auto& item) { return json(item); });
}

inline std::string json(const Axis& axis) { return "[" + json(axis.name) + ", " + json_list(axis.values) + "]"; }
inline std::string json(const std::pair<Text, Phrase>& row) {
  return "[" + json(row.first) + ", " + json_list(row.second.axes) + ", " + json_list(row.second.text) + "]";
}
inline std::string json(const std::pair<Text, Text>& both) {
  return "[" + json(both.first) + ", " + json(both.second) + "]";
}
inline std::string json(const Span& s) {
  return "[" + json(s.axis) + ", " + json(s.surface) + ", " + json(s.start) + ", " + json(s.end) + ", " +
         json(s.value) + "]";
}
inline std::string json(const Finding& f) {
  return "[" + json(f.axis) + ", " + json(f.surface) + ", " + json(f.start) + ", " + json(f.end) + ", " +
         json(f.strong) + ", " + json(f.value) + ", " + json(f.instead) + ", " + json(f.slot) + ", " +
         json(f.covered) + "]";
}
inline std::string json(const Choice& choice) { return json_list(choice); }

inline std::string json(const Error& error) {
  return "{\"refused\": " + json(static_cast<int>(error.kind)) + ", \"message\": " + json(error.message) + "}";
}

// Everything of slots that a test compares.
inline std::string json(const CandidateSlots& slots) {
  const WholeSet& whole = slots.whole;
  return "{\"template\": " + json(slots.template_) + ", \"axes\": " + json_list(slots.axes) +
         ", \"phrases\": " + json_list(slots.phrases) + ", \"choice\": " + json(slots.choice) +
         ", \"attributes\": " + json_list(slots.attributes) + ", \"notes\": " + json_list(slots.notes) +
         ", \"whole\": [" + json(whole.template_) + ", " + json_list(whole.axes) + ", " + json_list(whole.phrases) +
         "], \"allowed\": " + json_list(slots.allowed) + ", \"scope\": [" + json_list(slots.scope.opt_in) + ", " +
         json_list(slots.scope.axes) + ", " + json_list(slots.scope.unspecified) + "]}";
}

// A template, its axes and its phrases, as test_grid.py writes them.
struct Parts {
  Text template_;
  std::vector<Axis> axes;
  Phrases phrases;
};
inline Parts read_parts(Fields& fields) {
  Parts parts;
  parts.template_ = fields.text();
  parts.axes.resize(static_cast<std::size_t>(fields.number()));
  for (Axis& axis : parts.axes) {
    axis.name = fields.text();
    axis.values = fields.texts();
  }
  for (int left = fields.number(); left > 0; --left) {
    Text name = fields.text();
    std::vector<int> of = fields.numbers();
    parts.phrases.set(std::move(name), Phrase{std::move(of), fields.texts()});
  }
  return parts;
}

}  // namespace obclip::testing

#endif
