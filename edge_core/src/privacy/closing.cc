// The closed candidate set of a prompt, and the check that it is closed (edge_sdk/privacy/closing.py, which has the
// theorem). What comes before the closure stands in settling.cc.
#include "privacy/closing.h"

#include <algorithm>
#include <optional>
#include <set>

#include "attributes/reader.h"
#include "attributes/spans.h"
#include "attributes/telling.h"
#include "contract/limits.h"
#include "privacy/limits.h"
#include "privacy/looking.h"
#include "privacy/settling.h"

namespace obclip {
namespace {

// How often the rewriting may be applied to its own first member before the prompt is refused.
constexpr int MAX_PASSES = 4;
constexpr View IDENTITY = U"identity";

// The reference's NoDetector.
class NobodyLooks : public Detector {
 public:
  std::vector<Span> find(View) const override { return {}; }
  std::vector<std::pair<int, int>> artists(View) const override { return {}; }
};

struct Closure {
  CandidateSlots slots;
  bool moved = false;  // more than one pass was needed
};

// E of a prompt as read, over the whole domains.
Result<Closure> closure(const Document& reading) {
  const Scope& scope = reading.scope;
  const Lexicons& lexicons = *reading.lexicons;
  const CandidateSlots first = build(reading);
  CandidateSlots found = first;
  bool moved = false;
  Text near;
  OBCLIP_CHECK(check_axes(first));  // before the members are read: a crowd is refused anyway
  for (int pass = 0; pass < MAX_PASSES; ++pass) {
    const Text member = found.member(Choice(found.axes.size(), 0));
    CandidateSlots again = build(read(member, scope, lexicons));
    if (again.same_set(found)) {
      if (found.axes != first.axes) break;  // a pronoun for someone who is not there: "a man kisses her"
      found.choice = first.choice;
      return Closure{std::move(found), moved};
    }
    near = parting(found, member, again);
    found = std::move(again);
    moved = true;
  }
  return privacy_error("the prompt's wording gives no stable candidate set" +
                       (near.empty() ? std::string() : " near " + repr(near)) +
                       "; name each person that a pronoun means, and say attributes in plain words, for instance "
                       "'a woman' and 'with dark skin'. Nothing was sent");
}

bool closes_to(const Document& reading, const CandidateSlots& found) {
  const auto closed = closure(reading);  // refused: a limit, or no stable set: another one, for every member alike
  return closed && closed->slots.same_set(found);
}

bool is_allowed(const CandidateSlots& found, const Finding& f) { return found.allowed.count(lower(f.surface)) != 0; }

// Whether the member, typed, would be asked about or rewritten, though the prompt was not: "clergyman".
bool is_asked(const CandidateSlots& found, const Document& reading) {
  if (found.looks == nullptr) return false;  // everything is allowed
  for (const Finding& f : strong(implied(reading, spans(reading)))) {
    if (f.axis != IDENTITY && !is_allowed(found, f)) return true;  // names: the detector's
  }
  return false;
}

Status check_member(const CandidateSlots& found, View member, std::vector<Finding>* implied_words) {
  const Document reading = read(member, found.scope, *found.lexicons);
  // E(member) is this stable set if one pass gives it; the whole closure is only needed otherwise.
  const CandidateSlots own = build(reading);
  const bool same = own.same_set(found) || closes_to(reading, found);
  std::vector<Finding> seen;
  if (found.looks != nullptr) {
    std::vector<std::pair<int, int>> known;
    add_stretches(spans(reading), known);
    seen = detected(*found.looks, reading, std::move(known));
  }
  seen.erase(std::remove_if(seen.begin(), seen.end(), [&found](const Finding& f) { return is_allowed(found, f); }),
             seen.end());
  if (!seen.empty()) {
    return closing::implied_error("words outside the slots stay readable for the cloud: " + closing::whys(seen) +
                                      ". Take them out, or choose on_implied: allow (go on knowingly). Nothing was "
                                      "sent",
                                  seen, implied_words);
  }
  if (same && !is_asked(found, reading)) return done();
  return privacy_error("one way to fill the prompt would tell itself apart from the others, near " +
                       repr(parting(found, member, own)) +
                       ": say that part in plainer words, or leave it out. Nothing was sent");
}

std::vector<std::string> notes_of(View prompt, const Document& reading, const CandidateSlots& found, bool moved) {
  std::vector<std::string> notes;
  std::set<View> allowed;
  for (const Axis& axis : found.axes) allowed.insert(axis.values.begin(), axis.values.end());
  std::set<std::pair<int, int>> near;
  for (const Mark& m : reading.marks) {
    if (m.near) near.insert({m.start, m.end});
  }
  for (const Span& s : spans(reading)) {
    const std::string said = repr(s.surface);
    if (s.value == UNLISTED) {
      notes.push_back(said + " is on no list of values: it is left out of what is sent");
    } else if (allowed.count(s.value) == 0) {
      notes.push_back(said + " (" + utf8(s.value) + ") is outside the chosen values; the nearest one is drawn");
    } else if (s.axis != U"gender" && near.count({s.start, s.end}) != 0) {
      notes.push_back(said + " is drawn as " + utf8(s.value));
    }
  }
  if (moved) {
    notes.emplace_back(
        "a pronoun or a word that fits one value only was settled so that all members share the wording");
  }
  for (const Text& model : reading.left_out) notes.push_back(left_out_note(model));
  if (lower(found.member(found.choice)) != lower(prompt)) {
    notes.emplace_back("the prompt was put into canonical words");
  }
  return closing::each_once(std::move(notes));
}

// The slots with each axis cut to the person's own list of values.
CandidateSlots cut_to(const CandidateSlots& found, const closing::Domains& domains) {
  std::vector<std::vector<int>> keep;
  for (const Axis& axis : found.axes) {
    const auto cut = domains.find(base_axis(axis.name));
    keep.emplace_back();
    for (int i = 0; i < axis.size(); ++i) {
      const bool stays = cut == domains.end() || std::find(cut->second.begin(), cut->second.end(), axis.values[i]) !=
                                                     cut->second.end();
      if (stays) keep.back().push_back(i);
    }
  }
  return found.narrowed(keep);
}

void add(std::vector<std::string>& notes, const std::vector<std::string>& more) {
  notes.insert(notes.end(), more.begin(), more.end());
}

}  // namespace

Result<WholeReading> read_whole(View typed, const Privacy& privacy, const Lexicons& lexicons,
                                std::vector<Finding>* implied_words) {
  static const NobodyLooks NOBODY;
  const OnImplied& on_implied = privacy.on_implied;
  OBCLIP_CHECK(closing::check_text(typed, lexicons));
  OBCLIP_TRY(const Scope asked, closing::scope_of(privacy));
  OBCLIP_TRY(const closing::Domains cut, closing::checked_domains(privacy, lexicons.get(asked.opt_in)));
  OBCLIP_TRY(std::vector<std::string> notes,
             closing::checked_language(typed, lexicons.get(asked.opt_in), on_implied));
  const Detector* looks = privacy.detector != nullptr ? privacy.detector : &NOBODY;
  if (closing::allows_all(on_implied)) looks = nullptr;
  OBCLIP_TRY(const auto bare, without_models(typed, looks));
  const Text& prompt = bare.first;
  OBCLIP_TRY(const closing::Settled first,
             closing::settled(prompt, asked, on_implied, looks, lexicons, implied_words));
  if (strip(first.wording).empty()) {
    return input_error("nothing is left of the prompt without the words that hint at somebody; say what is to be seen");
  }
  const Scope& scope = first.scope;
  const bool unchanged = first.wording == first.reading.typed && first.reading.scope == scope;
  std::optional<Document> again;
  if (!unchanged) again.emplace(read(first.wording, scope, lexicons));
  const Document& reading = again ? *again : first.reading;
  if (again) OBCLIP_CHECK(closing::check_settled(reading, on_implied, looks, implied_words));
  std::vector<Span> attributes = spans(first.wording == prompt ? reading : first.reading);
  if (privacy.strict) OBCLIP_CHECK(closing::check_strict(reading));
  OBCLIP_TRY(Closure closed, closure(reading));
  CandidateSlots& found = closed.slots;
  std::vector<Text> members;
  for (const Choice& choice : found.covering(limits::MAX_CANDIDATES)) members.push_back(found.member(choice));
  found.looks = looks;
  found.allowed = first.allowed;
  OBCLIP_CHECK(check_closed(found, members, implied_words));
  if (!cut.empty()) found = cut_to(found, cut);
  add(notes, bare.second);
  add(notes, notes_of(prompt, reading, found, closed.moved));
  add(notes, first.notes);
  found.attributes = std::move(attributes);
  found.notes = std::move(notes);
  return WholeReading{std::move(found), std::move(members)};
}

Result<CandidateSlots> slots(View prompt, const Privacy& privacy, const Lexicons& lexicons,
                             std::vector<Finding>* implied_words) {
  OBCLIP_TRY(WholeReading whole, read_whole(prompt, privacy, lexicons, implied_words));
  return std::move(whole.slots);
}

Status check_closed(const CandidateSlots& found, const std::vector<Text>& members,
                    std::vector<Finding>* implied_words) {
  for (const Text& member : members) OBCLIP_CHECK(check_member(found, member, implied_words));
  return done();
}

std::vector<std::pair<Text, Text>> says(const CandidateSlots& found, View member) {
  const CandidateSlots again = build(read(member, found.scope, *found.lexicons));
  std::vector<std::pair<Text, Text>> out;
  for (std::size_t i = 0; i < again.axes.size(); ++i) {
    out.emplace_back(again.axes[i].name, again.axes[i].values[again.choice[i]]);
  }
  return out;
}

std::vector<std::pair<Text, Text>> hints(const CandidateSlots& found, View member) {
  const Document reading = read(member, found.scope, *found.lexicons);
  std::vector<std::pair<Text, Text>> out;
  for (const Finding& f : implied(reading, spans(reading))) {
    std::pair<Text, Text> here{f.axis, f.surface};
    if (std::find(out.begin(), out.end(), here) == out.end()) out.push_back(std::move(here));
  }
  return out;
}

}  // namespace obclip
