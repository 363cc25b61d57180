// The one request a device sends: canonical JSON, padded to a length bucket (obclip_contract/request.py).
//
// Nothing in it depends on which member is real. The reference checks the fields with a library, whose sentences the
// refusals here repeat.
#include "contract/request.h"

#include <algorithm>
#include <cmath>

#include "contract/limits.h"
#include "contract/sha256.h"
#include "mechanisms/printing.h"

namespace obclip {
namespace {

constexpr int MAX_IDENTIFIER = 64;
constexpr int GUIDANCE_UNIT = 10000;
static_assert(limits::GUIDANCE_DECIMALS == 4);

Error request_error(const std::string& where, const std::string& message) { return input_error(where + ": " + message); }

bool has_surrogate(View text) {
  return std::any_of(text.begin(), text.end(), [](char32_t c) { return c >= 0xD800 && c <= 0xDFFF; });
}

Status check_unicode(const char* where, View text) {
  if (!has_surrogate(text)) return done();
  return request_error(where, "must be text in UTF-8");
}

Status check_identifier(const char* where, View text) {
  OBCLIP_CHECK(check_unicode(where, text));
  const auto plain = [](char32_t c) {
    return (c >= U'A' && c <= U'Z') || (c >= U'a' && c <= U'z') || (c >= U'0' && c <= U'9');
  };
  const auto allowed = [plain](char32_t c) { return plain(c) || c == U'.' || c == U'_' || c == U'-'; };
  const bool fits = !text.empty() && text.size() <= MAX_IDENTIFIER && plain(text[0]);
  if (fits && std::all_of(text.begin(), text.end(), allowed)) return done();
  return request_error(where, "must be 1 to 64 letters, digits, '.', '_' or '-', with a letter or digit first");
}

Status check_choice(const char* where, View text, View first, View second) {
  OBCLIP_CHECK(check_unicode(where, text));
  if (text == first || text == second) return done();
  return request_error(where, "must be '" + utf8(first) + "' or '" + utf8(second) + "'");
}

Status check_steps(const char* where, int steps) {
  if (steps < 1) return request_error(where, "must be at least 1");
  if (steps <= limits::MAX_STEPS) return done();
  return request_error(where, "must be at most " + std::to_string(limits::MAX_STEPS));
}

// In the order in which the reference finds a fault.
Status check_fields(const GenerateRequest& r) {
  OBCLIP_CHECK(check_identifier("model", r.model));
  OBCLIP_CHECK(check_identifier("lexicon", r.lexicon));
  OBCLIP_CHECK(check_unicode("negative_prompt", r.negative_prompt));
  if (r.negative_prompt.size() > limits::MAX_NEGATIVE_CHARS) {
    return request_error("negative_prompt", "must have at most " + std::to_string(limits::MAX_NEGATIVE_CHARS) +
                                                " characters");
  }
  OBCLIP_CHECK(check_choice("sampler", r.sampler, U"ddim", U"dpmpp_2m"));
  OBCLIP_CHECK(check_steps("steps", r.steps));
  OBCLIP_CHECK(check_steps("cloud_steps", r.cloud_steps));
  OBCLIP_CHECK(check_choice("handover", r.handover, RESTART, CARRY));
  OBCLIP_CHECK(check_identifier("plan", r.plan));
  OBCLIP_CHECK(check_text("negative_prompt", r.negative_prompt, limits::MAX_NEGATIVE_CHARS));
  if (r.cloud_steps > r.steps) {
    return request_error("cloud_steps", std::to_string(r.cloud_steps) + " is more than steps (" +
                                            std::to_string(r.steps) + ")");
  }
  return done();
}

// The text is plain: it has no control characters.
std::string quoted(View text) {
  std::string out = "\"";
  for (char c : utf8(text)) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

template <class Items, class Write>
std::string listed(const Items& items, Write write) {
  std::string out = "[";
  for (const auto& item : items) out += (out.size() > 1 ? "," : "") + write(item);
  return out + ']';
}

std::string numbers(const std::vector<int>& items) {
  return listed(items, [](int n) { return std::to_string(n); });
}

std::string texts(const std::vector<Text>& items) {
  return listed(items, [](const Text& t) { return quoted(t); });
}

std::string grid_json(const PromptGrid& grid) {
  std::vector<std::pair<Text, Phrase>> phrases(grid.phrases.begin(), grid.phrases.end());
  std::sort(phrases.begin(), phrases.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::string out = "{\"axes\":" + listed(grid.axes, [](const Axis& axis) {
                      return "{\"name\":" + quoted(axis.name) + ",\"values\":" + texts(axis.values) + "}";
                    });
  out += ",\"phrases\":{";
  for (std::size_t i = 0; i < phrases.size(); ++i) {
    const auto& [name, phrase] = phrases[i];
    out += (i > 0 ? "," : "") + quoted(name) + ":{\"axes\":" + numbers(phrase.axes) + ",\"text\":" + texts(phrase.text) + "}";
  }
  out += "}";
  if (grid.rows) out += ",\"rows\":" + listed(*grid.rows, numbers);
  return out + ",\"template\":" + quoted(grid.template_) + "}";
}

std::string guidance_text(double guidance) {
  const auto units = static_cast<int>(std::nearbyint(guidance * GUIDANCE_UNIT));
  std::string behind = std::to_string(units % GUIDANCE_UNIT);
  behind.insert(0, limits::GUIDANCE_DECIMALS - behind.size(), '0');
  return std::to_string(units / GUIDANCE_UNIT) + "." + behind;
}

std::string seed_text(std::uint64_t seed) {
  std::string out;
  for (int shift = 60; shift >= 0; shift -= 4) out += "0123456789abcdef"[(seed >> shift) & 15];
  return out;
}

// The body with an empty pad, and where the pad's spaces go.
std::pair<std::string, std::size_t> bare(const GenerateRequest& r) {
  std::string out = "{\"cloud_steps\":" + std::to_string(r.cloud_steps) + ",\"grid\":" + grid_json(r.grid) +
                    ",\"guidance_scale\":\"" + guidance_text(r.guidance_scale) + "\",\"handover\":" + quoted(r.handover) +
                    ",\"lexicon\":" + quoted(r.lexicon) + ",\"model\":" + quoted(r.model) +
                    ",\"negative_prompt\":" + quoted(r.negative_prompt) + ",\"pad\":\"";
  const std::size_t pad = out.size();
  out += "\",\"plan\":" + quoted(r.plan) + ",\"sampler\":" + quoted(r.sampler) + ",\"seed\":\"" + seed_text(r.seed) +
         "\",\"steps\":" + std::to_string(r.steps) + ",\"version\":" + std::to_string(REQUEST_VERSION) + "}";
  return {std::move(out), pad};
}

// Bytes that a body has at least: by the texts' length bucket and N, not by which axes there are.
std::size_t room(const GenerateRequest& r) {
  const std::size_t texts_size = utf8(r.grid.template_).size() + utf8(r.negative_prompt).size();
  std::size_t bucket = limits::REQUEST_TEXT_BUCKET_BYTES;
  while (bucket < texts_size) bucket *= 2;
  return limits::REQUEST_ROOM_BYTES + limits::REQUEST_ROOM_PER_TEXT_BYTE * bucket +
         limits::REQUEST_ROOM_PER_CANDIDATE * static_cast<std::size_t>(r.grid.count());
}

}  // namespace

int defaults::follow_steps(int steps) {
  return std::min(steps, std::max(1, (2 * steps * CLOUD_STEPS + STEPS) / (2 * STEPS)));
}

Result<GenerateRequest> GenerateRequest::make(GenerateRequest fields) {
  const double guidance = fields.guidance_scale;
  if (!(0.0 <= guidance && guidance <= limits::MAX_GUIDANCE)) {
    return request_error("guidance_scale", "must be a number between 0 and " + general_text(limits::MAX_GUIDANCE));
  }
  fields.guidance_scale = std::nearbyint(guidance * GUIDANCE_UNIT) / GUIDANCE_UNIT + 0.0;
  OBCLIP_CHECK(check_fields(fields));
  auto [body, pad] = bare(fields);
  if (body.size() > limits::MAX_REQUEST_BYTES) {
    return request_error("request", "over " + std::to_string(limits::MAX_REQUEST_BYTES) + " bytes; shorten the prompt");
  }
  const std::size_t needed = std::max(body.size(), room(fields));
  std::size_t size = limits::REQUEST_BUCKET_BYTES;
  while (size < needed) size *= 2;
  body.insert(pad, size - body.size(), ' ');
  fields.body_ = std::move(body);
  return fields;
}

std::string GenerateRequest::sha256() const { return hex(obclip::sha256(body_)); }

}  // namespace obclip
