// What obclip_get_* gives for each field (include/obclip/core.h lists them).
#include "session/fields.h"

#include <cmath>
#include <limits>
#include <vector>

namespace obclip {
namespace {

constexpr double NONE = std::numeric_limits<double>::quiet_NaN();

// The same headers for every request of every device (edge_sdk/cloud/client.py). A shell that may not set one of them
// (a browser) leaves it out.
struct Header {
  const char *name, *value;
};
constexpr Header HEADERS[] = {
    {"content-type", "application/json"},
    {"accept", "application/vnd.obclip.latents+safetensors"},
    {"accept-encoding", "identity"},
    {"user-agent", "obclip"},
    {"connection", "close"},
};

template <class List>
bool has(const List& list, std::size_t index) {
  return index < list.size();
}

std::optional<std::string> finding_text(const Finding& f, int field) {
  switch (field) {
    case OBCLIP_FINDING_AXIS: return utf8(f.axis);
    case OBCLIP_FINDING_SURFACE: return utf8(f.surface);
    case OBCLIP_FINDING_VALUE: return utf8(f.value);
    case OBCLIP_FINDING_INSTEAD: return utf8(f.instead);
    case OBCLIP_FINDING_SLOT: return utf8(f.slot);
    case OBCLIP_FINDING_WHY: return f.why();
    default: return std::nullopt;
  }
}

std::optional<std::string> release_text(const Release& r, int field, std::size_t i) {
  switch (field) {
    case OBCLIP_TEMPLATE: return utf8(r.grid.template_);
    case OBCLIP_MEMBER: return has(r.members, i) ? std::optional(utf8(r.members[i])) : std::nullopt;
    case OBCLIP_AXIS: return has(r.grid.axes, i) ? std::optional(utf8(r.grid.axes[i].name)) : std::nullopt;
    case OBCLIP_ATTRIBUTE_AXIS: return has(r.attributes, i) ? std::optional(utf8(r.attributes[i].axis)) : std::nullopt;
    case OBCLIP_ATTRIBUTE_SURFACE:
      return has(r.attributes, i) ? std::optional(utf8(r.attributes[i].surface)) : std::nullopt;
    case OBCLIP_ATTRIBUTE_VALUE: return has(r.attributes, i) ? std::optional(utf8(r.attributes[i].value)) : std::nullopt;
    case OBCLIP_MECHANISM: return r.mechanism;
    case OBCLIP_GUARANTEE: return r.guarantee.says;
    case OBCLIP_HINT_AXIS: return has(r.hints, i) ? std::optional(utf8(r.hints[i].first)) : std::nullopt;
    case OBCLIP_HINT_WORDS: return has(r.hints, i) ? std::optional(utf8(r.hints[i].second)) : std::nullopt;
    case OBCLIP_TRUE_MEMBER: return utf8(r.true_member);
    default: return std::nullopt;
  }
}

std::optional<double> release_number(const Release& r, int field, std::size_t i) {
  switch (field) {
    case OBCLIP_MEMBERS: return static_cast<double>(r.members.size());
    case OBCLIP_AXES: return static_cast<double>(r.grid.axes.size());
    case OBCLIP_ATTRIBUTES: return static_cast<double>(r.attributes.size());
    case OBCLIP_ATTRIBUTE_START: return has(r.attributes, i) ? std::optional<double>(r.attributes[i].start) : std::nullopt;
    case OBCLIP_ATTRIBUTE_END: return has(r.attributes, i) ? std::optional<double>(r.attributes[i].end) : std::nullopt;
    case OBCLIP_EPSILON: return r.epsilon().value_or(NONE);
    case OBCLIP_EPSILON_SPENT: return r.spent;
    case OBCLIP_EPSILON_TOTAL: return r.account ? r.account->basic : NONE;
    case OBCLIP_BITS: return r.guarantee.bits;
    case OBCLIP_HINTS: return static_cast<double>(r.hints.size());
    case OBCLIP_INDEX: return r.index;
    case OBCLIP_EXACT: return r.exact ? 1.0 : 0.0;
    default: return std::nullopt;
  }
}

// Of a picture that the device makes alone: nothing left it.
std::optional<double> local_number(int field) {
  switch (field) {
    case OBCLIP_EPSILON_TOTAL: return NONE;
    case OBCLIP_MEMBERS:
    case OBCLIP_AXES:
    case OBCLIP_ATTRIBUTES:
    case OBCLIP_EPSILON:
    case OBCLIP_EPSILON_SPENT:
    case OBCLIP_BITS:
    case OBCLIP_HINTS: return 0.0;
    default: return std::nullopt;
  }
}

template <class T>
std::string_view raw(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

}  // namespace

std::optional<std::string> text_field(const Session& session, int field, std::size_t index) {
  const int action = session.waiting();
  if (field == OBCLIP_LEXICON_VERSION) return utf8(LEXICON_VERSION);
  if (action == 0) return std::nullopt;
  if (action == OBCLIP_STOPPED) {
    if (field == OBCLIP_MESSAGE) return session.error().message;
    return std::nullopt;
  }
  if (action == OBCLIP_NEEDS_DECISION) {
    return has(session.findings(), index) ? finding_text(session.findings()[index], field) : std::nullopt;
  }
  if (field == OBCLIP_NOTE) return has(session.notes(), index) ? std::optional(session.notes()[index]) : std::nullopt;
  if (action == OBCLIP_SEND) {
    if (field == OBCLIP_METHOD) return session.asks_health() ? "GET" : "POST";
    if (field == OBCLIP_PATH) return session.asks_health() ? "/v1/health" : "/v1/latents";
    if (index < std::size(HEADERS)) {
      if (field == OBCLIP_HEADER_NAME) return HEADERS[index].name;
      if (field == OBCLIP_HEADER_VALUE) return HEADERS[index].value;
    }
  }
  if (field == OBCLIP_REQUEST_SHA256) return session.request() ? session.request()->sha256() : "";
  if (session.release() == nullptr) {
    if (!session.is_local()) return std::nullopt;  // refused, and the ledger is stored first
    if (field == OBCLIP_MECHANISM) return "local";
    if (field == OBCLIP_GUARANTEE) return "nothing left this device";
    return field == OBCLIP_TEMPLATE ? std::optional<std::string>("") : std::nullopt;
  }
  return release_text(*session.release(), field, index);
}

std::optional<std::string_view> bytes_field(const Session& session, int field) {
  const int action = session.waiting();
  switch (field) {
    case OBCLIP_BODY:
      // What will be sent can be looked at before it is.
      if (session.request() == nullptr || (action != OBCLIP_SEND && action != OBCLIP_DETECTED && action != OBCLIP_DONE)) break;
      return action == OBCLIP_SEND && session.asks_health() ? std::string_view() : session.request()->to_bytes();
    case OBCLIP_LEDGER_BYTES:
      if (action != OBCLIP_STORE) break;
      return session.ledger();
    case OBCLIP_TOKENS:
      if (action != OBCLIP_ENCODE_TEXT) break;
      return raw(session.tokens());
    case OBCLIP_SAMPLE:
      if (action != OBCLIP_DENOISE) break;
      return raw(session.sample());
    case OBCLIP_LATENT_FLOATS:
      if (action != OBCLIP_STEP && action != OBCLIP_DECODE) break;
      return raw(session.sample());
    case OBCLIP_PIXELS:
      if (action != OBCLIP_DONE) break;
      return raw(session.pixels());
    default: break;
  }
  return std::nullopt;
}

std::optional<double> number_field(const Session& session, int field, std::size_t index) {
  const int action = session.waiting();
  const Options& options = session.options();
  if (action == 0) return std::nullopt;
  if (action == OBCLIP_STOPPED) {
    if (field == OBCLIP_REFUSAL) return refusal_number(session.error().kind);
    if (field == OBCLIP_EXIT_CODE) return exit_code(session.error().kind);
    return std::nullopt;
  }
  switch (field) {
    case OBCLIP_REFUSAL: return 0.0;
    case OBCLIP_NOTES: return static_cast<double>(session.notes().size());
    case OBCLIP_FINDINGS: return action == OBCLIP_NEEDS_DECISION ? static_cast<double>(session.findings().size()) : 0.0;
    case OBCLIP_FINDING_START:
    case OBCLIP_FINDING_END:
      if (action != OBCLIP_NEEDS_DECISION || !has(session.findings(), index)) return std::nullopt;
      return field == OBCLIP_FINDING_START ? session.findings()[index].start : session.findings()[index].end;
    case OBCLIP_HEADERS: return action == OBCLIP_SEND ? std::optional<double>(std::size(HEADERS)) : std::nullopt;
    case OBCLIP_ROWS:
      return action == OBCLIP_ENCODE_TEXT || action == OBCLIP_DENOISE ? std::optional<double>(session.rows()) : std::nullopt;
    case OBCLIP_LENGTH: return options.bundle.tokenizer.max_length;
    case OBCLIP_TIMESTEP:
      return action == OBCLIP_DENOISE || action == OBCLIP_STEP ? std::optional(session.timestep()) : std::nullopt;
    case OBCLIP_STEP_INDEX: return static_cast<double>(session.step());
    case OBCLIP_STEPS: return static_cast<double>(session.steps());
    case OBCLIP_WIDTH:
    case OBCLIP_HEIGHT: return options.bundle.image_size;
    case OBCLIP_BYTES_UP: return static_cast<double>(session.bytes_up());
    case OBCLIP_BYTES_DOWN: return static_cast<double>(session.bytes_down());
    default: break;
  }
  if (action == OBCLIP_NEEDS_DECISION) return std::nullopt;
  if (session.release() != nullptr) return release_number(*session.release(), field, index);
  return session.is_local() ? local_number(field) : std::nullopt;  // refused, and the ledger is stored first
}

int refusal_number(Refusal refusal) {
  switch (refusal) {
    case Refusal::INPUT:
    case Refusal::MISUSE: return OBCLIP_INPUT;
    case Refusal::PRIVACY: return OBCLIP_PRIVACY;
    case Refusal::IMPLIED: return OBCLIP_IMPLIED;
    case Refusal::LEDGER: return OBCLIP_LEDGER;
    case Refusal::BUDGET: return OBCLIP_BUDGET;
    case Refusal::LEXICON: return OBCLIP_LEXICON;
    case Refusal::BUNDLE: return OBCLIP_BUNDLE;
    case Refusal::CLOUD: return OBCLIP_CLOUD;
    case Refusal::UNREACHABLE: return OBCLIP_UNREACHABLE;
    case Refusal::DEADLINE: return OBCLIP_DEADLINE;
    case Refusal::RESPONSE:
    case Refusal::LATENT:
    case Refusal::SAMPLER: return OBCLIP_LATENT;
    case Refusal::RUNTIME: return OBCLIP_RUNTIME;
    case Refusal::CANCELLED: return OBCLIP_CANCELLED;
  }
  return OBCLIP_INPUT;
}

int exit_code(Refusal refusal) {
  switch (refusal) {
    case Refusal::CLOUD:
    case Refusal::UNREACHABLE:
    case Refusal::DEADLINE:
    case Refusal::RESPONSE:
    case Refusal::LATENT:
    case Refusal::SAMPLER: return 3;
    case Refusal::RUNTIME: return 4;
    case Refusal::CANCELLED: return 130;
    case Refusal::LEXICON: return 1;
    case Refusal::BUNDLE: return 4;
    default: return 2;
  }
}

}  // namespace obclip
