// The ledger: charges, draws that are kept, budgets (edge_sdk/ledger/ledger.py).
#include "ledger/ledger.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "ledger/key.h"
#include "mechanisms/printing.h"
#include "mechanisms/protocol.h"
#include "text/text.h"

namespace obclip {

namespace {

// The axes without the persons' numbers, each once, rising.
std::set<std::string> base_axes(const std::vector<std::string>& axes) {
  std::set<std::string> out;
  for (const std::string& axis : axes) out.insert(axis.substr(0, axis.find('.')));
  return out;
}

// What a draw is kept under, before it is hashed.
std::string memo_of(const Charge& charge) {
  const std::string zero(1, '\0');
  return charge.mechanism + zero + charge.ratio.text() + zero + std::to_string(charge.rows) + zero + charge.domain;
}

Error full() {
  return {Refusal::LEDGER, "the ledger is full: begin a new one (what was spent is forgotten). Nothing was sent"};
}

// Whether it fits the form in which draws are stored (`read_draw` of schema.cc); every request's does.
bool can_be_kept(const Charge& charge, const Rows& view) {
  if (view.empty() || view.size() > 64 || view[0].empty() || view[0].size() > 64 || charge.axes.size() > 64) return false;
  if (charge.rows < 1 || charge.rows > 64 || charge.size <= Whole(static_cast<std::uint64_t>(charge.rows))) return false;
  for (const Choice& row : view)
    for (int value : row)
      if (value < 0 || value > 0xffff) return false;
  return charge.size.text().size() <= 200 && charge.ratio.text().size() <= 200;
}

}  // namespace

std::optional<double> Account::left() const {
  if (!budget) return std::nullopt;
  return std::max(0.0, *budget - basic);
}

Result<Ledger> Ledger::open(std::string_view bytes, std::string_view key, std::int64_t now) {
  if (key.size() != KEY_BYTES)
    return Error{Refusal::LEDGER, "the device key has " + std::to_string(key.size()) + " bytes and needs " +
                                      std::to_string(KEY_BYTES) + "; nothing was sent"};
  Ledger out;
  out.key_ = std::string(key);
  out.now_ = now;
  if (bytes.empty()) {
    out.budgets_.push_back({std::string(TOTAL), DEFAULT_BUDGET});
  } else {
    OBCLIP_CHECK(out.read(bytes));
  }
  return out;
}

Ledger Ledger::unusable(Error why) {
  Ledger out;
  out.unusable_ = std::move(why);
  return out;
}

Result<std::pair<Rows, double>> Ledger::permanent(const Charge& charge, const std::function<Result<Rows>()>& draw) {
  if (unusable_) return *unusable_;
  const std::string memo = keyed_hash(key_, "draw", memo_of(charge));
  for (const KeptDraw& kept : draws_) {
    if (kept.memo != memo) continue;
    Rows view = kept.view;
    OBCLIP_CHECK(enter(charge));
    return std::pair(std::move(view), 0.0);
  }
  OBCLIP_CHECK(check_budget(charge));
  if (draws_.size() >= MOST_DRAWS || entries_.size() + std::max<std::size_t>(charge.axes.size(), 1) > MOST_ENTRIES)
    return full();
  OBCLIP_TRY(Rows view, draw());
  if (!can_be_kept(charge, view)) return Error{Refusal::LEDGER, "the ledger cannot hold this draw. Nothing was sent"};
  const std::set<std::string> axes = base_axes(charge.axes);
  const std::int64_t at = tick();
  draws_.push_back({memo, {charge.ratio, charge.size, charge.rows}, {axes.begin(), axes.end()}, at, view});
  OBCLIP_CHECK(enter(charge));
  return std::pair(std::move(view), log_up(charge.ratio));
}

Status Ledger::record(const Charge& charge) {
  if (unusable_) return *unusable_;
  return enter(charge);
}

Account Ledger::account(std::string_view axis) const {
  const std::vector<Draw> draws = costly(axis);
  return {basic(draws), tight(draws), draws.size(), budget(axis)};
}

Status Ledger::set_budget(std::optional<double> epsilon, std::string_view axis) {
  if (epsilon && !(*epsilon >= 0.0 && *epsilon < std::numeric_limits<double>::infinity()))
    return Error{Refusal::LEDGER, "a budget is a number that is 0 or more, not " + general_text(*epsilon)};
  if (axis.size() > 200 || !from_utf8(axis)) return Error{Refusal::LEDGER, "a budget is of an axis"};
  const auto known = std::find_if(budgets_.begin(), budgets_.end(), [&](const Budget& b) { return b.first == axis; });
  if (known != budgets_.end()) {
    known->second = epsilon;
  } else if (budgets_.size() >= MOST_BUDGETS) {
    return full();
  } else {
    budgets_.push_back({std::string(axis), epsilon});
  }
  changed_ = true;
  return done();
}

Status Ledger::check_budget(const Charge& charge) const {
  const double asked = log_up(charge.ratio);
  std::vector<std::string> axes{std::string(TOTAL)};
  for (const std::string& axis : base_axes(charge.axes)) axes.push_back(axis);
  for (const std::string& axis : axes) {
    const std::optional<double> most = budget(axis);
    if (!most) continue;
    const double spent = basic(costly(axis));
    if (spent + asked > *most)
      return Error{Refusal::BUDGET,
                   "the privacy budget is exhausted: epsilon " + general_text(spent, 3) + " of " +
                       general_text(*most, 3) + " is spent " + (axis == TOTAL ? "in all" : "on " + axis) +
                       ", and this draw needs " + general_text(asked, 3) +
                       "; use --mechanism cover (epsilon 0) or local, or raise it with 'obclip ledger budget'. "
                       "Nothing was sent"};
  }
  return done();
}

Status Ledger::enter(const Charge& charge) {
  const std::vector<std::string> axes = charge.axes.empty() ? std::vector<std::string>{""} : charge.axes;
  // More than needed where some are known: it is all the same whether the last few fit.
  if (entries_.size() + axes.size() > MOST_ENTRIES) return full();
  const std::string hash = keyed_hash(key_, "template", charge.template_text);
  const std::int64_t now = tick();
  for (const std::string& axis : axes) {
    const auto known = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& e) {
      return e.template_hash == hash && e.axis == axis && e.mechanism == charge.mechanism &&
             e.ratio == charge.ratio && !(e.bits < charge.bits) && !(charge.bits < e.bits) &&
             e.lexicon == charge.lexicon;
    });
    if (known != entries_.end()) {
      if (known->requests < std::numeric_limits<std::uint64_t>::max()) ++known->requests;
      known->last = std::max(known->last, now);
    } else {
      entries_.push_back({hash, axis, charge.mechanism, charge.ratio, charge.bits, charge.lexicon, 1, now, now});
    }
  }
  changed_ = true;
  return done();
}

// Seconds since 1970 that never fall; a clock that runs back is counted.
std::int64_t Ledger::tick() {
  if (now_ < latest_) {
    if (ran_back_ < std::numeric_limits<std::uint64_t>::max()) ++ran_back_;
    return latest_;
  }
  latest_ = now_;
  return now_;
}

// The draws that cost something, of one axis or in all.
std::vector<Draw> Ledger::costly(std::string_view axis) const {
  std::vector<Draw> out;
  for (const KeptDraw& kept : draws_)
    if (kept.draw.ratio.above_one() &&
        (axis == TOTAL || std::find(kept.axes.begin(), kept.axes.end(), axis) != kept.axes.end()))
      out.push_back(kept.draw);
  return out;
}

std::optional<double> Ledger::budget(std::string_view axis) const {
  for (const Budget& b : budgets_)
    if (b.first == axis) return b.second;
  return std::nullopt;
}

}  // namespace obclip
