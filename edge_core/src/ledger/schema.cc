// The ledger's bytes: how they are written, and read with every limit checked (edge_sdk/ledger/schema.py; ledger.h has the
// layout).
#include <algorithm>
#include <cmath>
#include <cstring>
#include <type_traits>

#include "contract/sha256.h"
#include "ledger/key.h"
#include "ledger/ledger.h"
#include "text/text.h"

namespace obclip {

namespace {

constexpr std::string_view HEAD = "obclip-ledger-";
constexpr std::string_view VERSION = "1\n";
constexpr std::size_t HASH_BYTES = 32;
constexpr std::size_t MOST_NAME = 200;   // bytes of an axis, a mechanism, a version
constexpr std::size_t MOST_DIGITS = 200;  // characters of a ratio or a size
constexpr std::size_t MOST_AXES = 64, MOST_ROWS = 64;

class Writer {
 public:
  template <class T>
  void number(T value) {
    auto bits = static_cast<std::uint64_t>(value);
    for (std::size_t i = 0; i < sizeof(T); ++i, bits >>= 8) out_ += static_cast<char>(bits & 0xff);
  }
  void real(double value) {
    std::uint64_t bits = 0;
    std::memcpy(&bits, &value, sizeof bits);
    number(bits);
  }
  void raw(std::string_view bytes) { out_.append(bytes); }
  void text(std::string_view value) {
    number(static_cast<std::uint16_t>(value.size()));
    raw(value);
  }
  std::string take() { return std::move(out_); }
  const std::string& so_far() const { return out_; }

 private:
  std::string out_;
};

// Reads until something does not fit; then `ok` is false, and everything read is 0 or empty.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}
  bool ok() const { return ok_; }
  bool at_end() const { return ok_ && bytes_.empty(); }
  void fail() { ok_ = false; }

  template <class T>
  T number() {
    std::uint64_t out = 0;
    const std::string_view part = raw(sizeof(T));
    for (std::size_t i = part.size(); i-- > 0;) out = (out << 8) | static_cast<unsigned char>(part[i]);
    return static_cast<T>(out);
  }
  // A count of things that take `each` bytes at least.
  std::size_t count(std::size_t value, std::size_t most, std::size_t each) {
    if (value > most || value > bytes_.size() / each) ok_ = false;
    return ok_ ? value : 0;
  }
  double real() {
    const auto bits = number<std::uint64_t>();
    double out = 0;
    std::memcpy(&out, &bits, sizeof out);
    // Epsilons and bits of no more than a number of choices has.
    if (!(out >= 0 && std::isfinite(out))) ok_ = false;
    return ok_ ? out : 0;
  }
  std::string_view raw(std::size_t size) {
    if (!ok_ || size > bytes_.size()) {
      ok_ = false;
      return {};
    }
    const std::string_view out = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return out;
  }
  std::string text(std::size_t most) {
    const auto size = number<std::uint16_t>();
    if (size > most) ok_ = false;
    const std::string_view out = raw(size);
    if (!from_utf8(out)) ok_ = false;
    return ok_ ? std::string(out) : std::string();
  }
  Ratio ratio() {
    const auto out = Ratio::of_text(text(MOST_DIGITS));
    if (!out || out->numerator() < out->denominator()) ok_ = false;
    return ok_ ? *out : Ratio(1);
  }
  Whole whole() {
    const auto out = Whole::of_text(text(MOST_DIGITS), MOST_DIGITS);
    if (!out) ok_ = false;
    return ok_ ? *out : Whole(1);
  }

 private:
  std::string_view bytes_;
  bool ok_ = true;
};

KeptDraw read_draw(Reader& in) {
  KeptDraw out;
  out.memo = std::string(in.raw(HASH_BYTES));
  out.draw.ratio = in.ratio();
  out.draw.d = in.whole();
  out.draw.k = in.number<std::uint16_t>();
  out.at = in.number<std::int64_t>();
  if (out.draw.k < 1 || static_cast<std::size_t>(out.draw.k) > MOST_ROWS ||
      out.draw.d <= Whole(static_cast<std::uint64_t>(out.draw.k)))
    in.fail();
  const std::size_t axes = in.count(in.number<std::uint8_t>(), MOST_AXES, 2);
  for (std::size_t i = 0; i < axes; ++i) {
    out.axes.push_back(in.text(MOST_NAME));
    if (i > 0 && out.axes[i - 1] >= out.axes[i]) in.fail();
  }
  const std::size_t rows = in.number<std::uint16_t>(), columns = in.number<std::uint8_t>();
  if (rows < 1 || columns < 1) in.fail();
  in.count(rows, MOST_ROWS, 2 * std::max<std::size_t>(columns, 1));
  in.count(columns, MOST_AXES, 2);
  for (std::size_t row = 0; row < rows && in.ok(); ++row) {
    Choice choice;
    for (std::size_t i = 0; i < columns; ++i) choice.push_back(in.number<std::uint16_t>());
    if (!out.view.empty() && !(out.view.back() < choice)) in.fail();
    out.view.push_back(std::move(choice));
  }
  return out;
}

Entry read_entry(Reader& in) {
  Entry out;
  out.template_hash = std::string(in.raw(HASH_BYTES));
  out.axis = in.text(MOST_NAME);
  out.mechanism = in.text(MOST_NAME);
  out.ratio = in.ratio();
  out.bits = in.real();
  out.lexicon = in.text(MOST_NAME);
  out.requests = in.number<std::uint64_t>();
  out.first = in.number<std::int64_t>();
  out.last = in.number<std::int64_t>();
  return out;
}

Error damaged(const std::string& how) {
  return {Refusal::LEDGER, "the ledger is damaged (" + how +
                               "): put a copy of it back, or begin a new one (what was spent is forgotten). Nothing "
                               "was sent"};
}

}  // namespace

std::string Ledger::bytes() const {
  Writer out;
  out.raw(HEAD);
  out.raw(VERSION);
  out.number(latest_);
  out.number(ran_back_);
  out.number(static_cast<std::uint32_t>(budgets_.size()));
  for (const auto& [axis, epsilon] : budgets_) {
    out.text(axis);
    out.number(static_cast<std::uint8_t>(epsilon ? 1 : 0));
    out.real(epsilon.value_or(0.0));
  }
  out.number(static_cast<std::uint32_t>(draws_.size()));
  for (const KeptDraw& kept : draws_) {
    out.raw(kept.memo);
    out.text(kept.draw.ratio.text());
    out.text(kept.draw.d.text());
    out.number(static_cast<std::uint16_t>(kept.draw.k));
    out.number(kept.at);
    out.number(static_cast<std::uint8_t>(kept.axes.size()));
    for (const std::string& axis : kept.axes) out.text(axis);
    out.number(static_cast<std::uint16_t>(kept.view.size()));
    out.number(static_cast<std::uint8_t>(kept.view.empty() ? 0 : kept.view[0].size()));
    for (const Choice& row : kept.view)
      for (int value : row) out.number(static_cast<std::uint16_t>(value));
  }
  out.number(static_cast<std::uint32_t>(entries_.size()));
  for (const Entry& entry : entries_) {
    out.raw(entry.template_hash);
    out.text(entry.axis);
    out.text(entry.mechanism);
    out.text(entry.ratio.text());
    out.real(entry.bits);
    out.text(entry.lexicon);
    out.number(entry.requests);
    out.number(entry.first);
    out.number(entry.last);
  }
  const auto hash = sha256(out.so_far());
  out.raw(std::string(hash.begin(), hash.end()));
  return out.take();
}

Status Ledger::read(std::string_view bytes) {
  if (bytes.size() > MOST_LEDGER_BYTES) return damaged("it is too large");
  if (bytes.substr(0, HEAD.size()) != HEAD) return damaged("it is no ledger");
  if (bytes.substr(HEAD.size(), VERSION.size()) != VERSION)
    return Error{Refusal::LEDGER, "the ledger is of another version than this obclip writes. Nothing was sent"};
  if (bytes.size() < HEAD.size() + VERSION.size() + HASH_BYTES) return damaged("it is cut off");
  const std::string_view body = bytes.substr(0, bytes.size() - HASH_BYTES);
  const auto hash = sha256(body);
  if (std::string(hash.begin(), hash.end()) != bytes.substr(body.size())) return damaged("its bytes were changed");
  Reader in(body.substr(HEAD.size() + VERSION.size()));
  latest_ = in.number<std::int64_t>();
  ran_back_ = in.number<std::uint64_t>();
  const std::size_t budgets = in.count(in.number<std::uint32_t>(), MOST_BUDGETS, 11);
  for (std::size_t i = 0; i < budgets && in.ok(); ++i) {
    std::string axis = in.text(MOST_NAME);
    const auto limited = in.number<std::uint8_t>();
    const double epsilon = in.real();
    if (limited > 1) in.fail();
    budgets_.push_back({std::move(axis), limited == 1 ? std::optional(epsilon) : std::nullopt});
  }
  const std::size_t draws = in.count(in.number<std::uint32_t>(), MOST_DRAWS, HASH_BYTES);
  for (std::size_t i = 0; i < draws && in.ok(); ++i) draws_.push_back(read_draw(in));
  const std::size_t entries = in.count(in.number<std::uint32_t>(), MOST_ENTRIES, HASH_BYTES);
  for (std::size_t i = 0; i < entries && in.ok(); ++i) entries_.push_back(read_entry(in));
  return in.at_end() ? done() : damaged("it holds what no ledger holds");
}

}  // namespace obclip
