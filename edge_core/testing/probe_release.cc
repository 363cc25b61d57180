// The door: what is sent for a prompt, whole. Arguments: lexicon.bin, second_look.bin.
//
// A line: the settings, the negative prompt, the prompt, the ledger ("none", "new" or "kept": as the last release of this
// program left it), the time, coins. Or "ruler", an axis, its values.
#include "contract/sha256.h"
#include "privacy/metric.h"
#include "privacy/release.h"
#include "second_look/look.h"
#include "request_line.h"

namespace {

using namespace obclip;
using namespace obclip::testing;

std::string number(std::int64_t n) { return std::to_string(n); }

std::string error_of(const Error& error, const std::vector<Finding>& implied = {}) {
  return "{\"error\":" + quoted(error.message) + ",\"kind\":" + number(static_cast<int>(error.kind)) + ",\"implied\":" +
         list(implied, [](const Finding& f) {
           return "[" + quote(f.axis) + "," + quote(f.surface) + "," + number(f.start) + "," + number(f.end) + "," +
                  number(f.strong) + "," + quote(f.value) + "," + quote(f.instead) + "," + quote(f.slot) + "," +
                  number(f.covered) + "]";
         }) +
         "}";
}

std::vector<Text> texts(Request& in) {
  std::vector<Text> out;
  for (std::int64_t n = in.number(); n > 0; --n) out.push_back(in.text());
  return out;
}

// A decision of its own for each finding; tests/edge_core/test_release.py has the same.
Decision decided(const Finding& f) {
  constexpr Decision CHOICES[] = {Decision::SLOT, Decision::GENERALISE, Decision::ALLOW, Decision::REFUSE,
                                  Decision::GENERALISE, Decision::SLOT, Decision::ALLOW};
  return CHOICES[(f.surface.size() + static_cast<std::size_t>(f.start)) % 7];
}

Privacy privacy_of(Request& in, const Detector* detector) {
  Privacy out;
  out.mechanism = in.text();
  if (in.number() != 0) out.epsilon = in.real();
  out.cell_size = in.number();
  if (const std::int64_t most = in.number(); most != -1) out.max_candidates = most;
  out.on_miss = in.text();
  if (in.number() != 0) out.axes = texts(in);
  out.opt_in = texts(in);
  for (std::int64_t n = in.number(); n > 0; --n) {
    const Text axis = in.text();
    out.domains.emplace_back(axis, texts(in));
  }
  out.strict = in.number() != 0;
  out.unspecified = in.number() != 0;
  out.on_implied.word = in.text();
  if (out.on_implied.word == U"by") out.on_implied.decide = decided;
  if (in.number() != 0) out.detector = detector;
  return out;
}

std::string grid_of(const PromptGrid& grid) {
  const auto numbers = [](const std::vector<int>& row) { return list(row, [](int v) { return number(v); }); };
  return "[" + quote(grid.template_) + "," + list(grid.axes, [](const Axis& a) {
           return "[" + quote(a.name) + "," + list(a.values, quote) + "]";
         }) +
         "," + list(grid.phrases, [&](const auto& row) {
           return "[" + quote(row.first) + "," + numbers(row.second.axes) + "," + list(row.second.text, quote) + "]";
         }) +
         "," + (grid.rows ? list(*grid.rows, numbers) : "null") + "]";
}

std::string guarantee_of(const Guarantee& g) {
  return "[\"" + g.ratio.text() + "\"," + bits(g.bits) + "," +
         list(g.bits_by_axis, [](const auto& row) { return "[" + quote(row.first) + "," + bits(row.second) + "]"; }) +
         "," + quoted(g.says) + "]";
}

std::string account_of(const std::optional<Account>& a) {
  if (!a) return "null";
  return "[" + bits(a->basic) + "," + bits(a->tight) + "," + number(static_cast<std::int64_t>(a->draws)) + "," +
         (a->budget ? bits(*a->budget) : "null") + "]";
}

// A count that the reference's test has too.
std::int64_t counted(View text) {
  std::int64_t out = 0;
  for (View word : split(text)) out += static_cast<std::int64_t>(word.size() + 2) / 3;
  return out;
}

std::string release_of(const Release& r) {
  const auto flag = [](bool b) { return b ? "true" : "false"; };
  const auto epsilon = r.epsilon();
  return "{\"grid\":" + grid_of(r.grid) + ",\"members\":" + list(r.members, quote) + ",\"mechanism\":\"" + r.mechanism +
         "\",\"guarantee\":" + guarantee_of(r.guarantee) + ",\"index\":" + number(r.index) + ",\"exact\":" +
         flag(r.exact) + ",\"true_member\":" + quote(r.true_member) + ",\"size\":" + r.domain.size().text() +
         ",\"may_miss\":" + flag(r.may_miss) + ",\"on_miss\":" + quote(r.on_miss) + ",\"spent\":" + bits(r.spent) +
         ",\"account\":" + account_of(r.account) + ",\"attributes\":" + list(r.attributes, [](const Span& s) {
           return "[" + quote(s.axis) + "," + quote(s.surface) + "," + number(s.start) + "," + number(s.end) + "," +
                  quote(s.value) + "]";
         }) +
         ",\"hints\":" + list(r.hints, [](const auto& h) { return "[" + quote(h.first) + "," + quote(h.second) + "]"; }) +
         ",\"notes\":" + list(r.notes, quoted) + ",\"epsilon\":" + (epsilon ? bits(*epsilon) : "null") +
         ",\"tokens\":" + number(r.most_tokens(counted)) + "}";
}

std::string ruler_of(Request& in, const Lexicons& lexicons) {
  const Text name = in.text();
  const auto ruler = measure({name, texts(in)}, lexicons);
  const auto numbers = [](const Ruler::Row& row) { return list(row, number); };
  return "[" + list(ruler->apart(), numbers) + "," + numbers(ruler->prior()) + "," +
         (ruler->silent() ? number(*ruler->silent()) : "null") + "," +
         list(ruler->representatives(),
              [](const std::vector<int>& row) { return list(row, [](int v) { return number(v); }); }) +
         "]";
}

class Door {
 public:
  Door(std::unique_ptr<Lexicons> lexicons, std::unique_ptr<Detector> second_look)
      : lexicons_(std::move(lexicons)), second_look_(std::move(second_look)) {}

  std::string answer(std::string_view line) {
    Request in(line);
    if (Request peek(line); peek.word() == "ruler") return ruler_of(peek, *lexicons_);
    const Privacy privacy = privacy_of(in, second_look_.get());
    const Text negative = in.text(), prompt = in.text();
    const std::string_view which = in.word();
    const std::int64_t now = in.number();
    const std::string coins_given = in.bytes();
    Coins coins(coins_given);
    const Status fine = privacy.check();
    if (!fine) return error_of(fine.error());
    std::vector<Finding> implied;
    if (which == "none") {
      const auto got = release(prompt, privacy, negative, nullptr, coins, *lexicons_, &implied);
      return got ? release_of(*got) : error_of(got.error(), implied);
    }
    if (which == "new") stored_.clear();
    auto ledger = Ledger::open(stored_, std::string(32, 'k'), now);
    if (!ledger) return error_of(ledger.error());
    const auto got = release(prompt, privacy, negative, &*ledger, coins, *lexicons_, &implied);
    if (ledger->changed()) stored_ = ledger->bytes();
    return got ? release_of(*got) : error_of(got.error(), implied);
  }

 private:
  std::unique_ptr<Lexicons> lexicons_;
  std::unique_ptr<Detector> second_look_;
  std::string stored_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  auto lexicons = Lexicons::open(read_file(argv[1]));
  auto second_look = SecondLook::open(read_file(argv[2]));
  if (!lexicons || !second_look) return 3;
  Door door(std::move(*lexicons), std::move(*second_look));
  return serve([&](std::string_view line) { return door.answer(line); });
}
