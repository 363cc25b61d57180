// What a request can hold, checked on a prompt's public parts (edge_sdk/privacy/limits.py).
#include "privacy/limits.h"

#include <algorithm>
#include <set>

#include "contract/limits.h"
#include "contract/placeholders.h"
#include "privacy/tokens.h"

namespace obclip {
namespace {

const char FEWER[] = "describe fewer persons, or less of each of them. Nothing was sent";

std::string number(std::size_t n) { return std::to_string(n); }

// The person's part of an axis' name: "gender.2" -> "2", and "" for the first.
View person_of(View axis) {
  const std::size_t dot = axis.find(U'.');
  return dot == View::npos ? View() : axis.substr(dot + 1);
}

}  // namespace

Status check_prompt(View prompt) {
  if (strip(prompt).empty()) return input_error("the prompt is empty");
  const bool bad = std::any_of(prompt.begin(), prompt.end(), [](char32_t c) {
    return (c < 32 && c != U'\t' && c != U'\n' && c != U'\r') || (c >= 0xD800 && c < 0xE000);
  });
  if (bad) return input_error("the prompt holds control characters");
  if (prompt.size() > limits::MAX_MEMBER_CHARS) {
    return input_error("the prompt has " + number(prompt.size()) + " characters and a request holds " +
                       number(limits::MAX_MEMBER_CHARS) + ": shorten it");
  }
  return done();
}

Status check_axes(const CandidateSlots& slots) {
  if (slots.axes.size() <= limits::MAX_AXES) return done();
  std::set<View> persons;
  for (const Axis& axis : slots.axes) persons.insert(person_of(axis.name));
  return input_error(number(slots.axes.size()) + " attributes of " + number(persons.size()) +
                     " persons were found and a request holds " + number(limits::MAX_AXES) + ": " + FEWER);
}

Status check_limits(const CandidateSlots& slots) {
  OBCLIP_CHECK(check_axes(slots));
  const Phrases& phrases = slots.phrases;
  if (phrases.size() > limits::MAX_PHRASES) {
    return input_error("the prompt has " + number(phrases.size()) + " slots and a request holds " +
                       number(limits::MAX_PHRASES) + ": " + FEWER);
  }
  const View template_ = slots.template_;
  if (template_.size() > limits::MAX_TEMPLATE_CHARS) {
    return input_error("the prompt's public part has " + number(template_.size()) +
                       " characters and a request holds " + number(limits::MAX_TEMPLATE_CHARS) + ": shorten it");
  }
  const auto longest = [](const Phrase& phrase) {
    std::size_t most = 0;
    for (const Text& text : phrase.text) most = std::max(most, text.size());
    return most;
  };
  std::size_t bad = 0;
  for (const auto& row : phrases) bad += longest(row.second) > limits::MAX_PHRASE_CHARS ? 1 : 0;
  if (bad > 0) {
    return input_error(number(bad) + " slots can be longer than " + number(limits::MAX_PHRASE_CHARS) +
                       " characters: say them shorter");
  }
  std::size_t total = template_.size();
  for (auto at = next_placeholder(template_, 0); at; at = next_placeholder(template_, at->end)) {
    const Phrase* phrase = at->kind == Placeholder::NAMED ? phrases.find(at->name) : nullptr;
    if (phrase != nullptr) total += longest(*phrase);
  }
  if (total > limits::MAX_MEMBER_CHARS) {
    return input_error("the prompt has up to " + number(total) + " characters and a request holds " +
                       number(limits::MAX_MEMBER_CHARS) + ": shorten it");
  }
  return check_forms(slots);
}

}  // namespace obclip
