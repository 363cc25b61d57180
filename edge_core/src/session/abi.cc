// The C ABI (include/obclip/core.h): every pointer, size and order of calls is checked here.
#include <cstdlib>
#include <map>
#include <memory>
#include <utility>

#include "obclip/core.h"
#include "second_look/look.h"
#include "session/fields.h"
#include "session/options.h"
#include "session/session.h"

namespace {

using namespace obclip;

// No prompt, word list or answer is larger; a size above it is a mistake, and is told before anything is copied.
constexpr std::size_t MOST = std::size_t{64} << 20;
constexpr std::size_t MOST_PROMPT = std::size_t{1} << 20;

// Tells an object from a pointer to something else, and from one that was freed, as far as memory allows.
constexpr std::uint32_t CORE = 0x4f42434f, OPTIONS = 0x4f42434e, SESSION = 0x4f424353;

std::string& start_error() {
  static std::string said;  // of the last obclip_core_new that gave no core
  return said;
}

std::optional<std::string_view> view(const std::uint8_t* data, std::size_t size, std::size_t most = MOST) {
  if (size > most || (data == nullptr && size > 0)) return std::nullopt;
  return std::string_view(reinterpret_cast<const char*>(data), size);
}

bool give(std::string_view from, const std::uint8_t** to, std::size_t* size) {
  if (to == nullptr || size == nullptr) return false;
  *to = reinterpret_cast<const std::uint8_t*>(from.data() == nullptr ? "" : from.data());
  *size = from.size();
  return true;
}

}  // namespace

struct obclip_core {
  std::uint32_t tag = CORE;
  std::unique_ptr<Lexicons> lexicons;
  std::unique_ptr<SecondLook> looks;
  std::string version = utf8(LEXICON_VERSION);
  std::string error;
};

struct obclip_options {
  std::uint32_t tag = OPTIONS;
  obclip_core* core = nullptr;
  Options values;
};

struct obclip_session {
  std::uint32_t tag = SESSION;
  obclip_core* core = nullptr;
  std::unique_ptr<Session> session;
  // What obclip_get_text handed out for the action that waits.
  std::map<std::pair<int, std::size_t>, std::string> texts;
};

namespace {

template <class T>
bool is(const T* object, std::uint32_t tag) {
  return object != nullptr && object->tag == tag;
}

obclip_status misuse(obclip_core* core, const char* why) {
  if (core != nullptr) core->error = why;
  return OBCLIP_MISUSE;
}

obclip_status told(obclip_core* core, const Status& status) {
  if (status) return OBCLIP_OK;
  core->error = status.error().message;
  return status.error().kind == Refusal::MISUSE ? OBCLIP_MISUSE : OBCLIP_REFUSED;
}

// Of a call that changes a session: what was handed out before is good no more.
obclip_status given_to(obclip_session* session, const Status& status) {
  if (status) session->texts.clear();
  return told(session->core, status);
}

}  // namespace

extern "C" {

std::uint32_t obclip_abi(void) { return OBCLIP_ABI; }

obclip_status obclip_core_new(const std::uint8_t* lexicon, std::size_t lexicon_size, const std::uint8_t* second_look,
                              std::size_t second_look_size, obclip_core** out) {
  start_error().clear();
  if (out == nullptr) return OBCLIP_MISUSE;
  *out = nullptr;
  const auto words = view(lexicon, lexicon_size), table = view(second_look, second_look_size);
  if (!words || !table) {
    start_error() = "a buffer is NULL, or too large";
    return OBCLIP_MISUSE;
  }
  auto opened = Lexicons::open(*words);
  if (!opened) {
    start_error() = opened.error().message;
    return OBCLIP_REFUSED;
  }
  auto looks = SecondLook::open(*table);
  if (!looks) {
    start_error() = looks.error().message;
    return OBCLIP_REFUSED;
  }
  auto core = std::make_unique<obclip_core>();
  core->lexicons = std::move(*opened);
  core->looks = std::move(*looks);
  *out = core.release();
  return OBCLIP_OK;
}

void obclip_core_free(obclip_core* core) {
  if (!is(core, CORE)) return;
  core->tag = 0;
  delete core;
}

obclip_status obclip_core_lexicon(const obclip_core* core, const std::uint8_t** text, std::size_t* size) {
  return is(core, CORE) && give(core->version, text, size) ? OBCLIP_OK : OBCLIP_MISUSE;
}

obclip_status obclip_last_error(const obclip_core* core, const std::uint8_t** text, std::size_t* size) {
  if (core == nullptr) return give(start_error(), text, size) ? OBCLIP_OK : OBCLIP_MISUSE;
  return is(core, CORE) && give(core->error, text, size) ? OBCLIP_OK : OBCLIP_MISUSE;
}

obclip_status obclip_options_new(obclip_core* core, obclip_options** out) {
  if (!is(core, CORE) || out == nullptr) return OBCLIP_MISUSE;
  auto options = std::make_unique<obclip_options>();
  options->core = core;
  *out = options.release();
  return OBCLIP_OK;
}

void obclip_options_free(obclip_options* options) {
  if (!is(options, OPTIONS)) return;
  options->tag = 0;
  delete options;
}

obclip_status obclip_set(obclip_options* options, const char* name, const std::uint8_t* value, std::size_t size) {
  if (!is(options, OPTIONS)) return OBCLIP_MISUSE;
  const auto given = view(value, size, MOST_PROMPT);
  if (name == nullptr || !given) return misuse(options->core, "obclip_set: a name or value is NULL, or too long");
  return told(options->core, set_option(options->values, name, *given));
}

obclip_status obclip_set_tokenizer(obclip_options* options, const std::uint8_t* json, std::size_t size) {
  if (!is(options, OPTIONS)) return OBCLIP_MISUSE;
  const auto given = view(json, size);
  if (!given) return misuse(options->core, "obclip_set_tokenizer: the buffer is NULL, or too large");
  auto pairs = BytePairs::open(*given);
  if (!pairs) return told(options->core, Status(pairs.error()));
  options->values.pairs.emplace(std::move(*pairs));
  return OBCLIP_OK;
}

obclip_status obclip_set_ledger(obclip_options* options, const std::uint8_t* bytes, std::size_t size,
                                const std::uint8_t* key, std::size_t key_size, std::int64_t now) {
  if (!is(options, OPTIONS)) return OBCLIP_MISUSE;
  const auto given = view(bytes, size), secret = view(key, key_size);
  if (!given || !secret || key_size != 32) {
    return misuse(options->core, "obclip_set_ledger: a buffer is NULL or too large, or the key has not 32 bytes");
  }
  Options& values = options->values;
  values.has_ledger = true;
  values.ledger = std::string(*given);
  values.key = std::string(*secret);
  values.now = now;
  return OBCLIP_OK;
}

obclip_status obclip_session_new(obclip_core* core, const obclip_options* options, const std::uint8_t* prompt,
                                 std::size_t prompt_size, std::uint64_t seed, const std::uint8_t* coins,
                                 std::size_t coins_size, obclip_session** out) {
  if (!is(core, CORE) || out == nullptr) return OBCLIP_MISUSE;
  *out = nullptr;
  if (!is(options, OPTIONS) || options->core != core) return misuse(core, "the options are of no core, or of another");
  const auto given = view(prompt, prompt_size, MOST_PROMPT), tossed = view(coins, coins_size, MOST_PROMPT);
  if (!given || !tossed) return misuse(core, "obclip_session_new: a buffer is NULL, or too large");
  const auto text = from_utf8(*given);
  if (!text) return told(core, Status(input_error("the prompt is no UTF-8")));
  if (Status checked = check_options(options->values); !checked) return told(core, checked);
  // Without a ledger no draw is made: the session says so.
  const bool draws = options->values.privacy.mechanism == U"k-subset" && options->values.has_ledger;
  if (draws && tossed->size() < OBCLIP_COINS) {
    return misuse(core, "obclip_session_new: k-subset needs OBCLIP_COINS random bytes");
  }
  auto session = std::make_unique<obclip_session>();
  session->core = core;
  session->session = std::make_unique<Session>(options->values, *text, seed, std::string(*tossed), *core->lexicons,
                                               *core->looks);
  *out = session.release();
  return OBCLIP_OK;
}

void obclip_session_free(obclip_session* session) {
  if (!is(session, SESSION)) return;
  session->tag = 0;
  delete session;
}

int obclip_next(obclip_session* session) {
  if (!is(session, SESSION)) return 0;
  const auto action = session->session->next();
  if (!action) {
    misuse(session->core, "obclip_next: what waits has not been answered");
    return 0;
  }
  session->texts.clear();
  return *action;
}

obclip_status obclip_get_text(obclip_session* session, int field, std::size_t index, const std::uint8_t** text,
                              std::size_t* size) {
  if (!is(session, SESSION)) return OBCLIP_MISUSE;
  auto found = text_field(*session->session, field, index);
  if (!found) return misuse(session->core, "obclip_get_text: there is no such text now");
  if (text == nullptr || size == nullptr) return misuse(session->core, "obclip_get_text: a result is NULL");
  give(session->texts.try_emplace({field, index}, std::move(*found)).first->second, text, size);
  return OBCLIP_OK;
}

obclip_status obclip_get_bytes(obclip_session* session, int field, const std::uint8_t** bytes, std::size_t* size) {
  if (!is(session, SESSION)) return OBCLIP_MISUSE;
  const auto found = bytes_field(*session->session, field);
  if (!found) return misuse(session->core, "obclip_get_bytes: there is no such buffer now");
  return give(*found, bytes, size) ? OBCLIP_OK : misuse(session->core, "obclip_get_bytes: a result is NULL");
}

obclip_status obclip_get_number(obclip_session* session, int field, std::size_t index, double* value) {
  if (!is(session, SESSION)) return OBCLIP_MISUSE;
  const auto found = number_field(*session->session, field, index);
  if (!found || value == nullptr) return misuse(session->core, "obclip_get_number: there is no such number now");
  *value = *found;
  return OBCLIP_OK;
}

obclip_status obclip_give_decision(obclip_session* session, std::size_t finding, const char* decision) {
  if (!is(session, SESSION)) return OBCLIP_MISUSE;
  if (decision == nullptr) return misuse(session->core, "obclip_give_decision: the decision is NULL");
  const auto word = from_utf8(decision);
  const auto chosen = word ? decision_of(*word) : std::nullopt;
  if (!chosen || *chosen == Decision::ASK) {
    return misuse(session->core, "obclip_give_decision: slot, generalise, allow or refuse");
  }
  return given_to(session, session->session->give_decision(finding, *chosen));
}

obclip_status obclip_give_stored(obclip_session* session, int stored) {
  if (!is(session, SESSION)) return OBCLIP_MISUSE;
  return given_to(session, session->session->give_stored(stored != 0));
}

obclip_status obclip_give_response(obclip_session* session, int http_status, const std::uint8_t* body, std::size_t size) {
  if (!is(session, SESSION)) return OBCLIP_MISUSE;
  const auto given = view(body, size);
  if (!given) return misuse(session->core, "obclip_give_response: the body is NULL, or too large");
  return given_to(session, session->session->give_response(http_status, *given));
}

obclip_status obclip_give_failure(obclip_session* session, int refusal, const std::uint8_t* message, std::size_t size) {
  if (!is(session, SESSION)) return OBCLIP_MISUSE;
  const auto given = view(message, size, MOST_PROMPT);
  if (!given || !from_utf8(*given)) return misuse(session->core, "obclip_give_failure: the message is NULL or no UTF-8");
  if (refusal != OBCLIP_UNREACHABLE && refusal != OBCLIP_DEADLINE) {
    return misuse(session->core, "obclip_give_failure: OBCLIP_UNREACHABLE or OBCLIP_DEADLINE");
  }
  const Refusal why = refusal == OBCLIP_UNREACHABLE ? Refusal::UNREACHABLE : Refusal::DEADLINE;
  return given_to(session, session->session->give_failure(why, std::string(*given)));
}

obclip_status obclip_give_floats(obclip_session* session, const float* values, std::size_t count) {
  if (!is(session, SESSION)) return OBCLIP_MISUSE;
  if (values == nullptr || count > MOST / sizeof(float)) {
    return misuse(session->core, "obclip_give_floats: the buffer is NULL, or too large");
  }
  return given_to(session, session->session->give_floats(values, count));
}

obclip_status obclip_cancel(obclip_session* session) {
  if (!is(session, SESSION)) return OBCLIP_MISUSE;
  session->texts.clear();
  session->session->cancel();
  return OBCLIP_OK;
}

void* obclip_alloc(std::size_t size) { return size > MOST ? nullptr : std::malloc(size == 0 ? 1 : size); }

void obclip_release(void* block) { std::free(block); }

}  // extern "C"
