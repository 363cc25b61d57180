// A value, or why there is none. The core is compiled without exceptions; nothing else carries an error.
#ifndef OBCLIP_RESULT_H
#define OBCLIP_RESULT_H

#include <cstdlib>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "exact.h"

namespace obclip {

// The classes of `edge_sdk.errors` and `obclip_contract.errors` that the core can end in; their exit codes are theirs.
enum class Refusal {
  INPUT,      // InputError: what the person typed or chose cannot be used
  PRIVACY,    // PrivacyError: it cannot be hidden
  IMPLIED,    // ImpliedError: words outside the slots say who somebody is; the person decides
  LEDGER,     // LedgerError
  BUDGET,     // BudgetError: this draw would pass a privacy budget
  LEXICON,    // LexiconError: lexicon.bin or the second look's table is damaged or of another version
  BUNDLE,     // BundleError: the cloud serves another pair
  RESPONSE,   // ResponseError: what the cloud answered is malformed
  LATENT,     // LatentError: the latents of an answer cannot be used
  CLOUD,      // the cloud refused, or is no ObCLIP engine
  UNREACHABLE,  // UnreachableError: no connection (the shell says so)
  DEADLINE,   // DeadlineError: no whole answer in time (the shell says so)
  SAMPLER,    // SamplerError
  RUNTIME,    // a graph gave numbers that cannot be used
  CANCELLED,
  MISUSE,     // the caller broke the ABI's rules
};

struct Error {
  Refusal kind = Refusal::INPUT;
  std::string message;  // UTF-8, word for word the reference's
};

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::move(value)) {}
  Result(Error error) : error_(std::move(error)) {}
  explicit operator bool() const { return value_.has_value(); }
  T& operator*() { return checked(); }
  const T& operator*() const { return const_cast<Result*>(this)->checked(); }
  T* operator->() { return &checked(); }
  const T* operator->() const { return &const_cast<Result*>(this)->checked(); }
  const Error& error() const { return error_; }

 private:
  T& checked() {
    if (!value_) std::abort();
    return *value_;
  }
  std::optional<T> value_;
  Error error_;
};

struct Nothing {};
// For what gives nothing back but may be refused: `return done();`
using Status = Result<Nothing>;
inline Status done() { return Status(Nothing{}); }

inline Error input_error(std::string message) { return {Refusal::INPUT, std::move(message)}; }
inline Error privacy_error(std::string message) { return {Refusal::PRIVACY, std::move(message)}; }

// `OBCLIP_TRY(auto x, f());`: x is the value of f(), or this function returns its error.
#define OBCLIP_JOIN2(a, b) a##b
#define OBCLIP_JOIN(a, b) OBCLIP_JOIN2(a, b)
#define OBCLIP_TRY(declared, ...)                                        \
  auto OBCLIP_JOIN(tried_, __LINE__) = (__VA_ARGS__);                    \
  if (!OBCLIP_JOIN(tried_, __LINE__)) return OBCLIP_JOIN(tried_, __LINE__).error(); \
  declared = std::move(*OBCLIP_JOIN(tried_, __LINE__))
#define OBCLIP_CHECK(...)                                                \
  do {                                                                   \
    auto tried_status = (__VA_ARGS__);                                   \
    if (!tried_status) return tried_status.error();                      \
  } while (false)

}  // namespace obclip

#endif
