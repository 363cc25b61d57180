// The one response: a safetensors body with the latents of every member in half precision (obclip_contract/response.py).
//
// Every length is checked before it is used, and nothing is allocated by a number that the body states. Every member is
// checked by one rule, and a refusal does not say which one broke it.
#include "contract/response.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>

#include "contract/decimal.h"
#include "contract/json.h"
#include "contract/limits.h"
#include "contract/sampler.h"
#include "mechanisms/printing.h"

namespace obclip {
namespace {

constexpr std::string_view VERSION = "2";
constexpr std::array<const char*, 7> METADATA = {"cloud_steps", "log_snr",        "pair_sha256", "plan",
                                                 "request_sha256", "version", "x0_log_snr"};
constexpr std::size_t LENGTH_BYTES = 8;
constexpr std::size_t ALIGN = 8;
constexpr std::size_t LEVEL_WIDTH = 24;
constexpr std::int64_t MOST = std::int64_t{1} << 60;  // twice it fits too

using Metadata = std::map<std::string, std::string>;

std::string value_of(const Metadata& metadata, const char* name) {
  const auto found = metadata.find(name);
  return found == metadata.end() ? std::string() : found->second;
}

Error response_error(std::string message) { return {Refusal::RESPONSE, std::move(message)}; }

std::int64_t times(std::int64_t a, std::int64_t b) {
  if (a <= 0 || b <= 0) return 0;
  return a > MOST / b ? MOST : a * b;
}

bool is_digit_sign(char c) { return c >= '0' && c <= '9'; }
bool is_letter_sign(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool is_sha256(std::string_view text) {
  return text.size() == 64 &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_digit_sign(c) || (c >= 'a' && c <= 'f'); });
}

bool is_plan(std::string_view text) {
  const auto plain = [](char c) { return is_digit_sign(c) || is_letter_sign(c); };
  return !text.empty() && text.size() <= 64 && plain(text[0]) && std::all_of(text.begin(), text.end(), [plain](char c) {
    return plain(c) || c == '.' || c == '_' || c == '-';
  });
}

// Four digits, 0001 to 0200; 0 for others.
int read_steps(std::string_view text) {
  if (text.size() != 4 || !std::all_of(text.begin(), text.end(), is_digit_sign)) return 0;
  int steps = 0;
  for (char c : text) steps = steps * 10 + (c - '0');
  return steps <= limits::MAX_STEPS ? steps : 0;
}

std::string right_aligned(std::string_view word) { return std::string(LEVEL_WIDTH - word.size(), ' ') + std::string(word); }

// "     -1.250000000000e+00": five spaces, then C's %+.12e.
std::optional<double> read_level(std::string_view text) {
  constexpr std::string_view FORM = "     +0.000000000000e+00";
  if (text.size() != FORM.size()) return std::nullopt;
  for (std::size_t i = 0; i < FORM.size(); ++i) {
    const char c = text[i];
    const bool fits = FORM[i] == '0' ? is_digit_sign(c) : FORM[i] == '+' ? c == '+' || c == '-' : c == FORM[i];
    if (!fits) return std::nullopt;
  }
  const auto level = number_of(text.substr(5));
  if (!level || std::fabs(*level) > limits::MAX_ABS_LOG_SNR) return std::nullopt;
  return level;
}

Error not_a_level(const char* name) {
  return response_error(std::string("the response's ") + name + " is not a noise level within ±" +
                        general_text(limits::MAX_ABS_LOG_SNR));
}

struct Header {
  bool is_object = false;
  std::optional<Metadata> metadata;  // nothing if there are none, or not of strings alone
};

// Nothing if the text is not JSON. Of repeated keys the last counts, as in Python.
std::optional<Header> read_header(std::string_view bytes) {
  const auto text = from_utf8(bytes);
  if (!text) return std::nullopt;
  json::Reader reader(*text);
  Header out;
  if (reader.peek() != json::Kind::OBJECT) {
    if (!reader.skip() || !reader.at_end()) return std::nullopt;
    return out;
  }
  out.is_object = true;
  const bool whole = reader.object([&](const Text& key) {
    if (key != U"__metadata__") return reader.skip();
    out.metadata.reset();
    if (reader.peek() != json::Kind::OBJECT) return reader.skip();
    std::map<Text, std::optional<Text>> found;
    const bool read = reader.object([&](const Text& name) {
      found[name].reset();
      if (reader.peek() != json::Kind::STRING) return reader.skip();
      found[name] = reader.string();
      return found[name].has_value();
    });
    out.metadata.emplace();
    for (const auto& [name, value] : found) {
      if (value && out.metadata) (*out.metadata)[utf8(name)] = utf8(*value);
      if (!value) out.metadata.reset();
    }
    return read;
  });
  if (!whole || !reader.at_end()) return std::nullopt;
  return out;
}

Status check_metadata(const Metadata& metadata, bool carry) {
  const auto same_name = [](const auto& entry, const char* name) { return entry.first == name; };
  const bool whole = std::equal(metadata.begin(), metadata.end(), METADATA.begin(), METADATA.end(), same_name);
  if (!whole || value_of(metadata, "version") != VERSION) {
    return response_error("the response is not of version " + std::string(VERSION) + ", or its metadata are incomplete");
  }
  if (!is_sha256(value_of(metadata, "request_sha256")) || !is_sha256(value_of(metadata, "pair_sha256"))) {
    return response_error("the response's request_sha256 or pair_sha256 is malformed");
  }
  if (!is_plan(value_of(metadata, "plan"))) return response_error("the response's plan is malformed");
  if (read_steps(value_of(metadata, "cloud_steps")) == 0) {
    return response_error("the response's cloud_steps is not between 1 and " + std::to_string(limits::MAX_STEPS));
  }
  const bool clean = value_of(metadata, "log_snr") == right_aligned("inf");
  const auto level = read_level(value_of(metadata, "log_snr"));
  if (!clean && !level) return not_a_level("log_snr");
  if (!carry) {
    if (value_of(metadata, "x0_log_snr") == right_aligned("none")) return done();
    return response_error("the response's x0_log_snr must be none without x0");
  }
  const auto x0_level = read_level(value_of(metadata, "x0_log_snr"));
  if (!x0_level) return not_a_level("x0_log_snr");
  if (!clean && !(*x0_level < *level)) {
    return response_error("the response's x0 must come from a noisier level than its latents");
  }
  return done();
}

// The header's one form: metadata first, keys sorted, no spaces, padded with spaces to 8 bytes.
std::string header_bytes(const Metadata& metadata, const Expected& expected, std::int64_t size) {
  std::string out = "{\"__metadata__\":{";
  for (const auto& [name, value] : metadata) {
    if (out.back() == '"') out += ',';
    out += '"' + name + "\":\"" + value + '"';
  }
  out += '}';
  const std::string shape = "[" + std::to_string(expected.candidates) + "," + std::to_string(expected.shape.channels) +
                            "," + std::to_string(expected.shape.height) + "," + std::to_string(expected.shape.width) + "]";
  for (int i = 0; i < (expected.carry ? 2 : 1); ++i) {
    out += std::string(",\"") + (i == 0 ? "latents" : "x0") + "\":{\"dtype\":\"F16\",\"shape\":" + shape +
           ",\"data_offsets\":[" + std::to_string(i * size) + "," + std::to_string((i + 1) * size) + "]}";
  }
  out += '}';
  return out + std::string((ALIGN - out.size() % ALIGN) % ALIGN, ' ');
}

std::string shape_text(const Expected& expected) {
  const LatentShape& s = expected.shape;
  return "[" + std::to_string(expected.candidates) + ", " + std::to_string(s.channels) + ", " +
         std::to_string(s.height) + ", " + std::to_string(s.width) + "]";
}

bool is_finite(const Halves& halves) {
  bool finite = true;
  for (std::size_t i = 0; i < halves.count(); ++i) finite &= (halves.bits(i) & 0x7C00) != 0x7C00;
  return finite;
}

// The header's bytes and where the data begins.
Result<std::string_view> cut_header(std::string_view body) {
  if (body.size() > limits::MAX_RESPONSE_BYTES) {
    return response_error("the response is over " + std::to_string(limits::MAX_RESPONSE_BYTES) + " bytes");
  }
  if (body.size() < LENGTH_BYTES) return response_error("the response is truncated");
  std::uint64_t length = 0;
  for (std::size_t i = LENGTH_BYTES; i-- > 0;) length = length << 8 | static_cast<unsigned char>(body[i]);
  if (length > limits::MAX_RESPONSE_HEADER_BYTES) return response_error("the response's header is too long");
  if (body.size() < LENGTH_BYTES + length) return response_error("the response is truncated");
  return body.substr(LENGTH_BYTES, static_cast<std::size_t>(length));
}

Result<Metadata> check_header(std::string_view header, const Expected& expected) {
  auto read = read_header(header);
  if (!read) return response_error("the response's header is not JSON");
  if (!read->is_object) return response_error("the response's header is not an object");
  if (!read->metadata) return response_error("the response has no metadata");
  Metadata metadata = std::move(*read->metadata);
  OBCLIP_CHECK(check_metadata(metadata, expected.carry));
  if (value_of(metadata, "request_sha256") != expected.request_sha256) {
    return response_error("the response answers another request");
  }
  if (value_of(metadata, "pair_sha256") != expected.pair_sha256) {
    return response_error(
        "the response comes from another pair of models than this device's bundle; use the two bundles of one export, "
        "on every machine of the cloud");
  }
  return metadata;
}

}  // namespace

std::int64_t LatentShape::size() const { return times(times(channels, height), width); }

float half_value(std::uint16_t bits) {
  const int exponent = (bits >> 10) & 31;
  const int fraction = bits & 1023;
  float size = 0;
  if (exponent == 31) {
    size = fraction != 0 ? std::numeric_limits<float>::quiet_NaN() : std::numeric_limits<float>::infinity();
  } else if (exponent == 0) {
    size = std::ldexp(static_cast<float>(fraction), -24);
  } else {
    size = std::ldexp(static_cast<float>(1024 + fraction), exponent - 25);
  }
  return (bits & 0x8000) != 0 ? -size : size;
}

Result<LatentsResponse> LatentsResponse::from_bytes(std::string_view body, const Expected& expected) {
  OBCLIP_TRY(const std::string_view header, cut_header(body));
  OBCLIP_TRY(const Metadata metadata, check_header(header, expected));
  const std::int64_t size = times(2, times(expected.candidates, expected.shape.size()));
  if (header != header_bytes(metadata, expected, size)) {
    return response_error(std::string("the response must hold exactly ") + (expected.carry ? "latents and x0" : "latents") +
                          ", float16 of shape " + shape_text(expected));
  }
  const std::size_t start = LENGTH_BYTES + header.size();
  const bool possible = size <= static_cast<std::int64_t>(limits::MAX_RESPONSE_BYTES);
  const std::size_t part = possible ? static_cast<std::size_t>(size) : 0;
  if (!possible || body.size() != start + part * (expected.carry ? 2 : 1)) {
    return response_error("the response is truncated or too long: " + std::to_string(body.size()) + " bytes");
  }
  LatentsResponse out;
  out.latents = Halves{body.substr(start, part)};
  if (expected.carry) out.x0 = Halves{body.substr(start + part, part)};
  const bool finite = is_finite(out.latents);
  if (!(out.x0 ? is_finite(*out.x0) : true) || !finite) {
    return response_error("the response holds values that are not finite; the whole set is discarded");
  }
  out.cloud_steps = read_steps(value_of(metadata, "cloud_steps"));
  const auto level = read_level(value_of(metadata, "log_snr"));
  out.log_snr = level ? *level : CLEAN_LOG_SNR;
  out.plan = value_of(metadata, "plan");
  if (expected.carry) out.x0_log_snr = read_level(value_of(metadata, "x0_log_snr"));
  return out;
}

}  // namespace obclip
