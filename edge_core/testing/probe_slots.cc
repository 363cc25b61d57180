// Whole readings for tests/edge_core/test_slots.py. Arguments: lexicon.bin, second_look.bin.
#include <memory>

#include "answers.h"
#include "attributes/reader.h"
#include "fields.h"
#include "lines.h"
#include "privacy/closing.h"
#include "privacy/negative.h"
#include "privacy/rules.h"
#include "second_look/look.h"

namespace {

using namespace obclip;
using namespace obclip::testing;

// A function that decides each finding, which the test knows too.
Decision by_place(const Finding& f) {
  constexpr Decision EACH[] = {Decision::SLOT, Decision::GENERALISE, Decision::ALLOW, Decision::REFUSE};
  return EACH[(static_cast<std::size_t>(f.start) + f.surface.size()) % 4];
}

struct Asked {
  Text prompt;
  Privacy privacy;
};

// prompt, axes (-1: none), opt_in, domains, strict, unspecified, second look, what is done with implied words
Asked asked(Fields& fields, const Detector& look) {
  Asked out;
  out.prompt = fields.text();
  Privacy& privacy = out.privacy;
  if (const int count = fields.number(); count >= 0) {
    privacy.axes.emplace();
    for (int left = count; left > 0; --left) privacy.axes->push_back(fields.text());
  }
  privacy.opt_in = fields.texts();
  for (int left = fields.number(); left > 0; --left) {
    Text axis = fields.text();
    privacy.domains.emplace_back(std::move(axis), fields.texts());
  }
  privacy.strict = fields.number() != 0;
  privacy.unspecified = fields.number() != 0;
  if (fields.number() != 0) privacy.detector = &look;
  privacy.on_implied.word = fields.text();
  if (privacy.on_implied.word == U"by place") privacy.on_implied.decide = by_place;
  return out;
}

std::string refused(const Error& error, const std::vector<Finding>& findings) {
  std::string out = json(error);
  out.pop_back();
  return out + ", \"findings\": " + json_list(findings) + "}";
}

std::string ruled(const CandidateSlots& slots) {
  const auto left = apply_rules(slots);
  return left ? "[" + json(left->slots) + ", " + json_list(left->notes) + "]" : json(left.error());
}

std::string answer(const Lexicons& lexicons, const Detector& look, std::string_view line) {
  Fields fields(line);
  const std::string what = fields.word();
  if (what == "negative") {
    const Status status = check_negative(fields.text(), lexicons);
    return status ? "null" : json(status.error());
  }
  if (what == "found") {  // what stands in a prompt, by default settings
    const Document document = read(fields.text(), {}, lexicons);
    const std::vector<Span> found = spans(document);
    return "[" + json(document.typed) + ", " + json_list(found) + ", " + json_list(implied(document, found)) + "]";
  }
  const Asked given = asked(fields, look);
  std::vector<Finding> findings;
  const auto whole = read_whole(given.prompt, given.privacy, lexicons, &findings);
  if (!whole) return refused(whole.error(), findings);
  const CandidateSlots& slots = whole->slots;
  const Text& last = whole->members.back();
  std::string large = "[";
  for (bool is_large : slots.large()) large += std::string(large.size() > 1 ? ", " : "") + json(is_large);
  return "{\"slots\": " + json(slots) + ", \"members\": " + json_list(whole->members) + ", \"says\": " +
         json_list(says(slots, last)) + ", \"hints\": " + json_list(hints(slots, last)) + ", \"large\": " + large +
         "], \"looks\": " + json(slots.looks != nullptr) + ", \"ruled\": " + ruled(slots) + "}";
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  const auto lexicons = Lexicons::open(read_file(argv[1]));
  const auto look = SecondLook::open(read_file(argv[2]));
  if (!lexicons || !look) return 2;
  return serve([&](std::string_view line) { return answer(**lexicons, **look, line); });
}
