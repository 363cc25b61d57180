// The ledger: what was spent on this device, by template and axis, and the draws that are kept for good
// (edge_sdk/ledger/ledger.py).
//
// In the reference it is a database in a folder; here it is a value, which the caller reads from its storage, gives to
// `open`, and stores anew (all of `bytes`, in one step that cannot be half done) before anything is sent. Only one of it
// may be in use at a time: the caller holds a lock from reading to storing. No prompt text is in it: a template is its
// HMAC under the device key, a draw is the positions of its rows. Nothing is given back by time.
//
// The bytes, version 1. Numbers are little endian; `text` is a u16 size and as many bytes of UTF-8; `f64` is an IEEE
// 754 double:
//
//     "obclip-ledger-1\n"
//     i64 latest      the latest time seen (seconds since 1970)
//     u64 ran_back    how often the clock had run back
//     u32 budgets     each: text axis ("total": over everything); u8 limited; f64 epsilon (0 where not limited)
//     u32 draws       each: 32 bytes memo; text ratio ("3/2"); text size; u16 k; i64 at; u8 axes; text of each, rising;
//                     u16 rows; u8 columns; u16 of each row's values
//     u32 entries     each: 32 bytes template; text axis; text mechanism; text ratio; f64 bits; text lexicon;
//                     u64 requests; i64 first; i64 last
//     32 bytes        the SHA-256 of everything before
//
// Bytes that are not exactly this, that are over a limit below, or that hold a number which no ledger can hold are
// refused (kind LEDGER). No bytes at all are a new ledger.
#ifndef OBCLIP_LEDGER_LEDGER_H
#define OBCLIP_LEDGER_LEDGER_H

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ledger/composition.h"
#include "mechanisms/domain.h"
#include "mechanisms/rational.h"
#include "result.h"

namespace obclip {

// Name of the budget over everything; other budgets are by axis.
inline constexpr std::string_view TOTAL = "total";
// Epsilon that may be spent in all unless the person sets another budget.
inline constexpr double DEFAULT_BUDGET = 10.0;
// Limits of a ledger: years of use on a phone, and some MiB in memory.
inline constexpr std::size_t MOST_LEDGER_BYTES = 32U << 20;
inline constexpr std::size_t MOST_BUDGETS = 1'000;
inline constexpr std::size_t MOST_DRAWS = 10'000;
inline constexpr std::size_t MOST_ENTRIES = 100'000;

// What one request is entered as. `template_text` and `domain` are hashed, never stored. All texts are UTF-8.
struct Charge {
  std::string mechanism, template_text;
  std::vector<std::string> axes;
  std::string lexicon;
  std::string domain;  // everything the draw depends on but the truth
  Whole size;          // choices of the domain
  int rows = 0;
  Ratio ratio = Ratio(1);
  double bits = 0.0;
};

// A total: `basic` and `tight` epsilon, the draws behind it, and the budget, if any.
struct Account {
  double basic = 0.0, tight = 0.0;
  std::size_t draws = 0;
  std::optional<double> budget;
  std::optional<double> left() const;
};

struct KeptDraw {
  std::string memo;  // 32 bytes
  Draw draw;
  std::vector<std::string> axes;
  std::int64_t at = 0;
  Rows view;
};

struct Entry {
  std::string template_hash;  // 32 bytes
  std::string axis, mechanism;
  Ratio ratio = Ratio(1);
  double bits = 0.0;
  std::string lexicon;
  std::uint64_t requests = 0;
  std::int64_t first = 0, last = 0;
};

class Ledger {
 public:
  // `key`: the device's 32 random bytes. `now`: seconds since 1970.
  static Result<Ledger> open(std::string_view bytes, std::string_view key, std::int64_t now);
  // One that cannot be read: whatever is to be entered is refused with `why`.
  static Ledger unusable(Error why);
  std::string bytes() const;
  // Whether it differs from what was opened, and so has to be stored.
  bool changed() const { return changed_; }

  // The kept draw of this domain and mechanism, or a new one, charged; and the epsilon that is newly spent. Refused
  // with nothing changed: BUDGET, LEDGER (it is full), or as `draw`.
  Result<std::pair<Rows, double>> permanent(const Charge& charge, const std::function<Result<Rows>()>& draw);
  // Enter a request that spends nothing.
  Status record(const Charge& charge);
  Account account(std::string_view axis = TOTAL) const;
  // Nothing lifts it.
  Status set_budget(std::optional<double> epsilon, std::string_view axis = TOTAL);

  using Budget = std::pair<std::string, std::optional<double>>;
  const std::vector<Budget>& budgets() const { return budgets_; }
  const std::vector<KeptDraw>& draws() const { return draws_; }
  const std::vector<Entry>& entries() const { return entries_; }
  std::uint64_t clock_ran_back() const { return ran_back_; }

 private:
  Ledger() = default;
  Status read(std::string_view bytes);
  Status check_budget(const Charge& charge) const;
  Status enter(const Charge& charge);
  std::int64_t tick();
  std::vector<Draw> costly(std::string_view axis) const;
  std::optional<double> budget(std::string_view axis) const;

  std::optional<Error> unusable_;
  std::string key_;
  std::int64_t now_ = 0, latest_ = 0;
  std::uint64_t ran_back_ = 0;
  bool changed_ = false;
  std::vector<Budget> budgets_;
  std::vector<KeptDraw> draws_;
  std::vector<Entry> entries_;
};

}  // namespace obclip

#endif
