// A draw and its entry in the ledger, made before anything is sent (edge_sdk/privacy/booking.py).
#ifndef OBCLIP_PRIVACY_BOOKING_H
#define OBCLIP_PRIVACY_BOOKING_H

#include <optional>
#include <string>
#include <vector>

#include "ledger/ledger.h"
#include "mechanisms/protocol.h"
#include "result.h"

namespace obclip {

struct Book {
  double spent = 0.0;              // epsilon that is newly spent
  std::optional<Account> account;  // the ledger's total after it, where one was asked
  std::vector<std::string> notes;  // UTF-8
};

struct Drawn {
  Rows view;
  Book book;
};

// The rows, entered into the ledger. A randomised mechanism without a ledger is refused (kind LEDGER): the core has no
// folder to open one in.
Result<Drawn> draw(const Domain& domain, const Choice& truth, const Mechanism& mechanism, const Guarantee& guarantee,
                   Ledger* ledger, Coins& coins);

}  // namespace obclip

#endif
