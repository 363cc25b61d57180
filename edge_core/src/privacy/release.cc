// The one door from a prompt to what is sent for it: reading, public rules, limits, mechanism, closure, ledger
// (edge_sdk/privacy/release.py).
#include "privacy/release.h"

#include <algorithm>
#include <set>

#include "attributes/slots.h"
#include "privacy/booking.h"
#include "privacy/closing.h"
#include "privacy/limits.h"
#include "privacy/metric.h"
#include "privacy/negative.h"
#include "privacy/rules.h"

namespace obclip {

namespace {

// Whether it is an InputError in the reference, of which those are kinds.
bool is_input(Refusal kind) {
  return kind == Refusal::INPUT || kind == Refusal::PRIVACY || kind == Refusal::IMPLIED || kind == Refusal::LEDGER ||
         kind == Refusal::BUDGET;
}

// The wire form of the rows. Refused: there is none, or it breaks a limit of the contract; by the domain and the view
// alone.
Result<PromptGrid> grid_of(const Domain& domain, const Rows& view) {
  if (view.empty()) return input_error("this mechanism sends nothing; make the picture on the device alone");
  auto grid = domain.grid(view);
  if (!grid)
    return input_error("the prompt's set is too large or malformed: " + grid.error().message + "; shorten the prompt");
  return grid;
}

// Whether each phrase can say every value of its axes, "unspecified" too.
bool has_every_text(const CandidateSlots& found) {
  for (const auto& [name, phrase] : found.phrases) {
    std::size_t texts = 1;
    for (int a : phrase.axes) texts *= found.axes[a].values.size();
    if (phrase.text.size() != texts) return false;
  }
  return true;
}

// The set of one member with "unspecified" on every axis that it has; refused where the grammar does not allow it.
Result<CandidateSlots> silenced_from(const CandidateSlots& found, const Choice& row, const Privacy& privacy) {
  Privacy again;
  again.opt_in.assign(found.scope.opt_in.begin(), found.scope.opt_in.end());
  AxisSet named;
  for (const Axis& axis : found.axes) named.insert(Text(base_axis(axis.name)));
  again.axes.emplace(named.begin(), named.end());
  again.unspecified = true;
  again.on_implied.word = U"allow";  // it was settled before
  again.detector = privacy.detector;
  OBCLIP_TRY(CandidateSlots silent, slots(found.member(row), again, *found.lexicons));
  if (!has_every_text(silent)) return input_error("a phrase cannot be silent");
  OBCLIP_TRY(Ruled narrowed, apply_rules(std::move(silent)));
  OBCLIP_CHECK(check_limits(narrowed.slots));
  return std::move(narrowed.slots);
}

// The set with "unspecified" on every axis that it has, or none where the grammar does not allow it. It is read from the
// set's central and first member, so it is the same whichever member is true.
Result<std::optional<CandidateSlots>> silenced(const CandidateSlots& found, const Domain& domain, const Privacy& privacy) {
  Choice central;
  for (std::size_t i = 0; i < found.axes.size(); ++i) central.push_back(domain.ruler(i).central());
  for (const Choice& row : {central, Choice(found.axes.size(), 0)}) {
    auto narrowed = silenced_from(found, row, privacy);
    if (narrowed) return std::optional(std::move(*narrowed));
    if (!is_input(narrowed.error().kind)) return narrowed.error();
    // No stable set with it, or too large a one.
  }
  return std::optional<CandidateSlots>();
}

// Closed within the cell: each member is read as the row that it was made from.
Status check_cell(const Domain& domain, const Rows& view, const CandidateSlots& found) {
  for (const Choice& row : view) {
    std::vector<std::pair<Text, Text>> want;
    for (std::size_t i = 0; i < row.size(); ++i)
      want.emplace_back(domain.axes()[i].name, domain.axes()[i].values[row[i]]);
    auto said = says(found, domain.member(row));
    std::sort(want.begin(), want.end());
    std::sort(said.begin(), said.end());
    if (said != want)
      return privacy_error(
          "one way to fill the prompt would be read as another and tell itself apart; reword it, or use "
          "--mechanism cover. Nothing was sent");
  }
  return done();
}

std::string missed(View on_miss) {
  const std::string how =
      on_miss == U"nearest"
          ? "the device goes on from the nearest one, at higher noise: expect a picture less like the large model's"
          : "the device makes this picture alone";
  return "yours was not among the candidates that were sent; " + how;
}

// What the person should know, in the reference's order.
std::vector<std::string> notes_of(const CandidateSlots& found, const std::vector<std::string>& rules,
                                  const std::vector<std::string>& booked, bool exact, View on_miss) {
  std::vector<std::string> out;
  if (found.axes.empty()) out.push_back(NOTHING_HIDDEN);
  for (const auto* notes : {&found.notes, &rules, &booked}) out.insert(out.end(), notes->begin(), notes->end());
  if (!exact) out.push_back(missed(on_miss));
  return out;
}

}  // namespace

std::int64_t Release::most_tokens(const Count& count) const {
  std::int64_t out = obclip::most_tokens(domain, count);
  for (const Text& member : members) out = std::max(out, count(member));
  return out;
}

Result<Release> release(View prompt, const Privacy& privacy, View negative_prompt, Ledger* ledger, Coins& coins,
                        const Lexicons& lexicons, std::vector<Finding>* implied_words) {
  OBCLIP_TRY(WholeReading whole, read_whole(prompt, privacy, lexicons, implied_words));
  OBCLIP_TRY(Ruled ruled, apply_rules(std::move(whole.slots)));
  const CandidateSlots& found = ruled.slots;
  OBCLIP_CHECK(check_negative(negative_prompt, lexicons));
  OBCLIP_CHECK(check_limits(found));
  Domain domain = domain_of(found);
  OBCLIP_TRY(const std::unique_ptr<Mechanism> mechanism, privacy.choose(domain));
  // The set that is shown is another one only where the mechanism does not speak.
  std::optional<CandidateSlots> silent;
  if (!mechanism->speaks() && !found.axes.empty()) {
    OBCLIP_TRY(silent, silenced(found, domain, privacy));
  }
  const bool same = !silent;
  const CandidateSlots& shown = same ? found : *silent;
  const Domain sent_from = same ? domain : domain_of(shown);
  OBCLIP_TRY(Guarantee guarantee, mechanism->guarantee(sent_from));
  OBCLIP_TRY(Drawn drawn, draw(sent_from, shown.choice, *mechanism, guarantee, ledger, coins));
  const Rows& view = drawn.view;
  OBCLIP_TRY(PromptGrid grid, grid_of(sent_from, view));
  std::vector<Text> members = grid.expand();
  const std::set<Text> known(whole.members.begin(), whole.members.end());
  std::vector<Text> unread;
  for (const Text& member : members)
    if (!same || known.count(member) == 0) unread.push_back(member);
  OBCLIP_CHECK(check_closed(shown, unread, implied_words));  // the others were read when the prompt was
  if (guarantee.bits > 0) OBCLIP_CHECK(check_cell(domain, view, found));
  const int index = view.size() > 1 ? mechanism->start(sent_from, view, shown.choice) : 0;
  Text true_member = domain.member(found.choice);
  const bool exact = members[index] == true_member;
  auto notes = notes_of(found, ruled.notes, drawn.book.notes, exact, privacy.on_miss);
  auto hinted = hints(shown, members[0]);  // of one fixed member: the same for every truth
  const bool hides = !found.axes.empty();
  Guarantee nothing;
  nothing.says = NOTHING_HIDDEN;
  return Release{
      std::move(grid),
      std::move(members),
      hides ? mechanism->name() : "none",
      hides ? std::move(guarantee) : std::move(nothing),
      index,
      exact,
      std::move(true_member),
      std::move(domain),
      mechanism->may_miss() && Whole(view.size()) < sent_from.size(),
      privacy.on_miss,
      drawn.book.spent,
      drawn.book.account,
      found.attributes,
      std::move(hinted),
      std::move(notes),
      ledger != nullptr && ledger->changed() ? ledger->bytes() : std::string(),
  };
}

}  // namespace obclip
