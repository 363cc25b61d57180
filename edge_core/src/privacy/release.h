// The one door from a prompt to what is sent for it (edge_sdk/privacy/release.py).
#ifndef OBCLIP_PRIVACY_RELEASE_H
#define OBCLIP_PRIVACY_RELEASE_H

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "attributes/findings.h"
#include "attributes/spans.h"
#include "contract/grid.h"
#include "ledger/ledger.h"
#include "lexicon/loading.h"
#include "mechanisms/coins.h"
#include "mechanisms/protocol.h"
#include "privacy/choices.h"
#include "privacy/tokens.h"
#include "result.h"

namespace obclip {

// What is sent for a prompt. `index`, `exact`, `true_member` and `notes` speak of the truth: device only.
struct Release {
  PromptGrid grid;
  std::vector<Text> members;
  std::string mechanism;  // ASCII; "none" where nothing is hidden
  Guarantee guarantee;
  int index = 0;       // the row that the device goes on from: the truth's, or the nearest
  bool exact = false;  // that row is the truth's
  Text true_member;
  Domain domain;          // every way to fill the prompt, sent or not (public)
  bool may_miss = false;  // the mechanism may send rows without the truth (public)
  Text on_miss;
  double spent = 0.0;              // epsilon newly spent by this release
  std::optional<Account> account;  // the ledger's total after it, where one was asked
  std::vector<Span> attributes;
  std::vector<std::pair<Text, Text>> hints;  // (axis, words) in the public part that still hint at an axis
  std::vector<std::string> notes;            // UTF-8
  std::string ledger;  // the ledger's bytes, to be stored before anything is sent; empty where it has not changed

  // Of this template's release; nothing where there was nothing to hide, and where bits leak (`cells`).
  std::optional<double> epsilon() const { return mechanism == "none" ? std::nullopt : guarantee.epsilon(); }
  // Tokens of the longest text that any truth could make a model read, there or here: the same for all.
  std::int64_t most_tokens(const Count& count) const;
};

// Decide what is sent for a prompt. Nothing is sent here.
//
// `privacy` is checked; its mechanism is not "local", which sends nothing. `ledger`: where requests are entered; null
// for none, which k-subset refuses. What it holds counts even where the release is refused after a draw was made: the
// caller stores a ledger that has `changed()` in any case. `coins`: random bytes, for k-subset alone.
// Refused: INPUT, PRIVACY, BUDGET, LEDGER, IMPLIED (the findings then stand in `*implied_words`, if it is not null), and
// MISUSE where the random bytes run out.
Result<Release> release(View prompt, const Privacy& privacy, View negative_prompt, Ledger* ledger, Coins& coins,
                        const Lexicons& lexicons, std::vector<Finding>* implied_words = nullptr);

}  // namespace obclip

#endif
