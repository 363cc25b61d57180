// Rules, limits, token counts and narrowed slots for tests/edge_core/test_rules.py. Argument: lexicon.bin.
#include "answers.h"
#include "fields.h"
#include "lines.h"
#include "privacy/limits.h"
#include "privacy/rules.h"
#include "privacy/tokens.h"

namespace {

using namespace obclip;
using namespace obclip::testing;

std::string json_of(const Status& status) { return status ? "null" : json(status.error()); }

std::string rules_as_data() {
  return json_list(rules(), [](const Rule& r) {
    const auto drop = json_list(r.drop, [](const auto& d) {
      return "[" + json(d.first) + ", " + json_list(d.second) + "]";
    });
    return "[" + json(r.name) + ", " + json_list(r.words) + ", " + json(r.says) + ", " + drop + ", " +
           json_list(r.refuse_words) + ", " + json_list(r.refuse_axes) + "]";
  });
}

// As many tokens as the words have letters, but one for an article.
std::int64_t letters(View text) {
  std::int64_t count = 0;
  for (View word : split(text)) {
    const Text low = lower(word);
    count += low == U"a" || low == U"an" ? 1 : static_cast<std::int64_t>(word.size());
  }
  return count;
}

std::string answer(const Lexicons& lexicons, std::string_view line) {
  Fields fields(line);
  const std::string what = fields.word();
  if (what == "rules") return rules_as_data();
  if (what == "alone") return json_of(refuse_alone(fields.text()));
  if (what == "prompt") return json_of(check_prompt(fields.text()));
  if (what == "public") return quote(public_words(fields.text()));
  const Parts parts = read_parts(fields);
  if (what == "tokens") {
    const Domain domain(parts.template_, parts.axes, parts.phrases);
    return std::to_string(most_tokens(domain, letters));
  }
  CandidateSlots slots;
  slots.template_ = parts.template_;
  slots.axes = parts.axes;
  slots.phrases = parts.phrases;
  slots.lexicons = &lexicons;
  if (what == "limits") return json_of(check_limits(slots));
  slots.choice = fields.numbers();
  for (const Text& axis : fields.texts()) slots.scope.opt_in.insert(axis);
  if (what == "covering") return json_list(slots.covering(64));
  if (what == "narrowed") {
    std::vector<std::vector<int>> keep;
    for (std::size_t i = 0; i < slots.axes.size(); ++i) keep.push_back(fields.numbers());
    return json(slots.narrowed(keep));
  }
  auto ruled = apply_rules(slots);
  if (!ruled) return json(ruled.error());
  return "[" + json(ruled->slots) + ", " + json_list(ruled->notes) + "]";
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  auto lexicons = Lexicons::open(read_file(argv[1]));
  if (!lexicons) return 2;
  return serve([&](std::string_view line) { return answer(**lexicons, line); });
}
