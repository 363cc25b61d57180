// The ledger: a line is a sequence of what happens to one, which is stored and opened anew before each of them.
//
// A line: key; operations (open NOW, permanent, record, budget, account, all), or "bytes HEX": whether they are opened.
#include "ledger/ledger.h"

#include "contract/sha256.h"
#include "mechanisms/protocol.h"
#include "request_line.h"

namespace {

using namespace obclip;
using namespace obclip::testing;

std::string error_of(const Error& error) {
  return "{\"error\":" + quoted(error.message) + ",\"kind\":" + std::to_string(static_cast<int>(error.kind)) + "}";
}

std::string rows_of(const Rows& rows) {
  return list(rows, [](const Choice& row) { return list(row, [](int v) { return std::to_string(v); }); });
}

Charge charge_of(Request& in) {
  Charge out;
  out.mechanism = std::string(in.word());
  out.template_text = utf8(in.text());
  for (std::int64_t n = in.number(); n > 0; --n) out.axes.push_back(utf8(in.text()));
  out.lexicon = utf8(in.text());
  out.domain = utf8(in.text());
  out.size = Whole::of_text(in.word()).value_or(Whole(0));
  out.rows = static_cast<int>(in.number());
  out.ratio = Ratio::of_text(in.word()).value_or(Ratio(1));
  out.bits = in.real();
  return out;
}

std::string permanent(Ledger& ledger, Request& in) {
  const Charge charge = charge_of(in);
  Rows view;
  for (std::int64_t rows = in.number(), columns = in.number(); rows > 0; --rows) {
    view.emplace_back();
    for (std::int64_t i = 0; i < columns; ++i) view.back().push_back(static_cast<int>(in.number()));
  }
  const auto got = ledger.permanent(charge, [&]() -> Result<Rows> {
    if (view.empty()) return input_error("no draw");
    return view;
  });
  if (!got) return error_of(got.error());
  return "[" + rows_of(got->first) + "," + bits(got->second) + "]";
}

std::string account(const Ledger& ledger, const std::string& axis) {
  const Account a = ledger.account(axis);
  return "[" + bits(a.basic) + "," + bits(a.tight) + "," + std::to_string(a.draws) + "," +
         (a.budget ? bits(*a.budget) : "null") + "," + (a.left() ? bits(*a.left()) : "null") + "]";
}

std::string all(const Ledger& ledger) {
  const auto name = [](const std::string& s) { return quoted(s); };
  return "{\"entries\":" + list(ledger.entries(), [&](const Entry& e) {
           return "[" + quoted(hex(e.template_hash)) + "," + name(e.axis) + "," + name(e.mechanism) + "," + bits(e.bits) +
                  "," + name(e.lexicon) + "," + std::to_string(e.requests) + "," + std::to_string(e.first) + "," +
                  std::to_string(e.last) + "," + (e.bits > 0 ? "null" : bits(log_up(e.ratio))) + "]";
         }) +
         ",\"draws\":" + list(ledger.draws(), [&](const KeptDraw& d) {
           return "[" + bits(log_up(d.draw.ratio)) + "," + d.draw.d.text() + "," + std::to_string(d.draw.k) + "," +
                  list(d.axes, name) + "," + std::to_string(d.at) + "]";
         }) +
         ",\"clock_ran_back\":" + std::to_string(ledger.clock_ran_back()) + "}";
}

std::string happened(Ledger& ledger, std::string_view what, Request& in) {
  if (what == "permanent") return permanent(ledger, in);
  if (what == "record") {
    const auto done_it = ledger.record(charge_of(in));
    return done_it ? "null" : error_of(done_it.error());
  }
  if (what == "budget") {
    const std::string axis = utf8(in.text());
    const bool limited = in.number() != 0;
    const double epsilon = in.real();
    const auto done_it = ledger.set_budget(limited ? std::optional(epsilon) : std::nullopt, axis);
    return done_it ? "null" : error_of(done_it.error());
  }
  if (what == "account") return account(ledger, utf8(in.text()));
  return all(ledger);
}

std::string answer(std::string_view line) {
  Request in(line);
  const std::string key = in.bytes();
  std::string stored;
  std::int64_t now = 0;
  std::string out = "[";
  while (!in.at_end()) {
    const std::string_view what = in.word();
    if (what == "open") {
      now = in.number();
      continue;
    }
    if (out.size() > 1) out += ",";
    if (what == "bytes") stored = in.bytes();
    if (what == "hashed") {  // with the hash at the end put right, so that what stands before it is read
      stored = in.bytes();
      const auto hash = sha256(stored);
      stored.append(hash.begin(), hash.end());
    }
    auto ledger = Ledger::open(stored, key, now);
    if (!ledger) {
      out += error_of(ledger.error());
      stored.clear();
      continue;
    }
    if (what == "bytes" || what == "hashed") {
      out += ledger->bytes() == stored ? "\"same\"" : "\"other\"";
    } else if (what == "stored") {
      out += quoted(hex(ledger->bytes()));
    } else {
      out += happened(*ledger, what, in);
      if (ledger->changed()) stored = ledger->bytes();
    }
  }
  return out + "]";
}

}  // namespace

int main() { return obclip::testing::serve(answer); }
