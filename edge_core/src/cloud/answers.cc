// What an answer that holds no latents says: the health report, and the error envelope (edge_sdk/cloud/answers.py).
//
// Unlike Python's json.loads, which guesses UTF-16 and UTF-32 from the first bytes, this reads UTF-8 alone: SPEC.md allows
// nothing else.
#include "cloud/answers.h"

#include <optional>

#include "contract/json.h"

namespace obclip {
namespace {

constexpr View NO_REASON = U"no reason given";
constexpr std::size_t SHOWN_CHARS = 300;

View hint(int status) {
  switch (status) {
    case 401: return U"check token=";
    case 403: return U"check token=, and whether this address may be used from here";
    case 404: return U"check the address: a base path, or another model";
    case 407: return U"check the user and password of proxy=";
    default: return {};
  }
}

bool is_packed(const Answer& answer) { return lower(answer.encoding) != U"identity"; }

// The text of the body; nothing where it is not looked into.
std::optional<Text> body_text(const Answer& answer) {
  if (answer.cut || is_packed(answer) || answer.body.size() > SMALL_ANSWER) return std::nullopt;
  std::string_view body = answer.body;
  if (body.substr(0, 3) == "\xEF\xBB\xBF") body.remove_prefix(3);
  return from_utf8(body);
}

// Of an object, what stands under each of `names`; nothing if the reader's value is no object. Of repeated keys the last
// counts.
template <std::size_t N>
bool read_texts(json::Reader& reader, const View (&names)[N], std::optional<Text> (&found)[N]) {
  for (auto& value : found) value.reset();
  if (reader.peek() != json::Kind::OBJECT) return reader.skip();
  return reader.object([&](const Text& key) {
    for (std::size_t i = 0; i < N; ++i) {
      if (key != names[i]) continue;
      found[i].reset();
      if (reader.peek() != json::Kind::STRING) return reader.skip();
      found[i] = reader.string();
      return found[i].has_value();
    }
    return reader.skip();
  });
}

std::optional<Health> parse_health(const Answer& answer) {
  const auto text = body_text(answer);
  if (!text) return std::nullopt;
  json::Reader reader(*text);
  static constexpr View NAMES[] = {U"model", U"pair_sha256"};
  std::optional<Text> found[2];
  if (!read_texts(reader, NAMES, found) || !reader.at_end() || !found[0] || !found[1]) return std::nullopt;
  return Health{std::move(*found[0]), std::move(*found[1])};
}

// "field: message" of the envelope, without what is missing.
Text told_reason(const Answer& answer) {
  const auto text = body_text(answer);
  if (!text) return {};
  json::Reader reader(*text);
  static constexpr View NAMES[] = {U"field", U"message"};
  std::optional<Text> found[2];
  bool read = false;
  if (reader.peek() == json::Kind::OBJECT) {
    read = reader.object([&](const Text& key) { return key == U"error" ? read_texts(reader, NAMES, found) : reader.skip(); });
  }
  if (!read || !reader.at_end()) return {};
  std::vector<Text> parts;
  for (const auto& value : found) {
    Text part = value ? clean(*value) : Text();
    if (!part.empty()) parts.push_back(std::move(part));
  }
  return join(U": ", parts);
}

// What came instead, in a word or two.
Text kind(const Answer& answer) {
  if (is_packed(answer)) {
    const auto quoted = from_utf8(repr(slice(clean(answer.encoding), 0, 40)));
    return U"packed as " + (quoted ? *quoted : Text()) + U", which was not asked for";
  }
  return Text(slice(clean(answer.type), 0, 60)) + (answer.cut ? U", too long" : U"");
}

}  // namespace

Text clean(View text) {
  Text out;
  for (char32_t c : slice(text, 0, SHOWN_CHARS))
    if (is_printable(c)) out += c;
  return out;
}

Error refusal(const Answer& answer, View shown, View what) {
  Text reason = told_reason(answer);
  if (reason.empty()) reason = NO_REASON;
  if (answer.status >= 300 && answer.status < 400) {
    reason = U"it points to another address, which is never followed; give the cloud's own address";
  } else if (answer.status == 200) {
    reason = U"no latents: " + kind(answer);
  } else if (reason == NO_REASON && !hint(answer.status).empty()) {
    reason += U"; " + Text(hint(answer.status));
  }
  return {Refusal::CLOUD, (shown.empty() ? "the cloud " : "the cloud at " + utf8(shown) + " ") + utf8(what) + " (" + std::to_string(answer.status) +
                              "): " + utf8(reason)};
}

Result<Health> read_health(const Answer& answer, View shown) {
  if (answer.status != 200) return refusal(answer, shown, U"answers, but not as an ObCLIP engine");
  auto health = parse_health(answer);
  if (health) return std::move(*health);
  return Error{Refusal::CLOUD,
               (shown.empty() ? "the cloud" : utf8(shown)) + " answers, but not as an ObCLIP engine (" + utf8(kind(answer)) + "); check the address"};
}

}  // namespace obclip
