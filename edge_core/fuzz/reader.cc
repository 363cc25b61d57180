// libFuzzer: whatever somebody types, with whatever choices, it is read and released, or refused with words.
//
// A release reads every member of its set anew and takes many times as long, so most inputs are only read.
#include "attributes/findings.h"
#include "attributes/reader.h"
#include "attributes/slots.h"
#include "attributes/spans.h"
#include "given.h"
#include "privacy/release.h"

namespace {

using namespace obclip;

Privacy privacy_of(fuzz::Bytes& in) {
  static const View IMPLIED[] = {U"slot", U"generalise", U"allow", U"refuse", U"ask"};
  Privacy out;
  out.mechanism = mechanism_names()[in.below(mechanism_names().size())];
  if (out.mechanism == U"k-subset") out.epsilon = 1 + in.byte() / 16.0;
  const std::uint8_t flags = in.byte(), more = in.byte();
  if ((flags & 1) != 0) out.cell_size = 1 + flags / 4;
  if ((flags & 2) != 0) out.max_candidates = 1 + flags / 4;
  // One axis at a time, or none: each set of axes has a lexicon of its own, which takes seconds to make here.
  if ((more & 7) < opt_in_axes().size()) out.opt_in = {opt_in_axes()[more & 7]};
  out.strict = (more & 0x80) != 0;
  out.unspecified = (more & 0x40) != 0;
  out.on_implied.word = in.one_of(IMPLIED);
  out.detector = in.flag() ? &fuzz::second_look() : nullptr;
  return out;
}

void check_release(View prompt, const Privacy& privacy) {
  if (privacy.mechanism == U"local" || !privacy.check()) return;
  static const std::string BYTES = [] {
    std::string out;
    for (int i = 0; i < 4096; ++i) out += static_cast<char>((i * 167 + 13) % 251);
    return out;
  }();
  Coins coins(BYTES);
  auto ledger = Ledger::open({}, std::string(32, 'k'), 1'700'000'000);
  const auto released = release(prompt, privacy, {}, &*ledger, coins, fuzz::lexicons());
  if (!released) {
    if (released.error().message.empty()) std::abort();
    return;
  }
  // What is sent is a set that holds the row which the device goes on from.
  const auto members = static_cast<int>(released->members.size());
  if (members < 1 || released->index < 0 || released->index >= members) std::abort();
  const Text& own = released->members[static_cast<std::size_t>(released->index)];
  if (released->exact && own != released->true_member) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Bytes in(data, size);
  const bool whole = in.byte() >= 224;
  const Privacy privacy = privacy_of(in);
  const Text prompt = fuzz::text_of(in.rest());
  if (whole) {
    check_release(prompt, privacy);
    return 0;
  }
  Scope scope;
  scope.opt_in = AxisSet(privacy.opt_in.begin(), privacy.opt_in.end());
  if (privacy.unspecified) scope.unspecified = {U"gender", U"age", U"ethnicity"};
  const Document document = read(prompt, scope, fuzz::lexicons());
  const auto found = spans(document);
  for (const Span& s : found) {
    if (s.start < 0 || s.start > s.end) std::abort();
  }
  for (const Finding& f : implied(document, found)) (void)f.why();
  for (const Finding& f : residue(document)) (void)f.why();
  const CandidateSlots slots = build(document);
  if (slots.choice.size() != slots.axes.size()) std::abort();
  (void)slots.member(slots.choice);
  return 0;
}
