// The contract's messages and numbers for tests/edge_core/test_contract.py. Doubles and floats go as hexadecimal bits.
#include <cstring>

#include "cloud/answers.h"
#include "contract/decimal.h"
#include "contract/json.h"
#include "contract/latents.h"
#include "contract/noise.h"
#include "contract/request.h"
#include "contract/response.h"
#include "contract/sampler.h"
#include "contract/sha256.h"
#include "device/finishing.h"
#include "device/handover.h"
#include "device/images.h"
#include "device/selection.h"
#include "fields.h"

namespace {

using namespace obclip;
using testing::Fields;
using testing::quote;

std::uint64_t bits_of(const std::string& digits) {
  std::uint64_t out = 0;
  for (char c : digits) out = out * 16 + static_cast<std::uint64_t>(c <= '9' ? c - '0' : c - 'a' + 10);
  return out;
}

template <class Bits, class Number>
std::string shown(Number value) {
  Bits bits;
  std::memcpy(&bits, &value, sizeof bits);
  std::string out;
  for (int shift = static_cast<int>(sizeof bits) * 8 - 4; shift >= 0; shift -= 4) out += "0123456789abcdef"[(bits >> shift) & 15];
  return out;
}
std::string show(double value) { return shown<std::uint64_t>(value); }
std::string show(float value) { return shown<std::uint32_t>(value); }

template <class Number>
std::string show(const std::vector<Number>& values) {
  std::string out;
  for (Number v : values) out += (out.empty() ? "" : " ") + show(v);
  return out;
}

double read_double(Fields& in) {
  const std::uint64_t bits = bits_of(in.word());
  double out;
  std::memcpy(&out, &bits, sizeof out);
  return out;
}

std::optional<double> read_optional(Fields& in) {
  if (in.word() == "none") return std::nullopt;
  return read_double(in);
}

std::vector<float> read_floats(Fields& in) {
  std::vector<float> out(static_cast<std::size_t>(in.number()));
  for (float& v : out) {
    const auto bits = static_cast<std::uint32_t>(bits_of(in.word()));
    std::memcpy(&v, &bits, sizeof v);
  }
  return out;
}

std::string read_bytes(Fields& in) {
  const std::string digits = in.word();
  std::string out;
  for (std::size_t i = 1; i + 1 < digits.size(); i += 2) out += static_cast<char>(bits_of(digits.substr(i, 2)));
  return out;  // behind an "x", so that no bytes are a word too
}

std::string refused(const Error& error) {
  const auto text = from_utf8(error.message);
  return "refused " + std::to_string(static_cast<int>(error.kind)) + " " + quote(text ? *text : Text());
}

NoiseSchedule read_schedule(Fields& in) {
  NoiseSchedule out;
  out.num_train_timesteps = in.number();
  out.beta_start = read_double(in);
  out.beta_end = read_double(in);
  out.beta_schedule = in.text();
  out.prediction_type = in.text();
  out.timestep_spacing = in.text();
  out.steps_offset = in.number();
  out.rescale_betas_zero_snr = in.number() != 0;
  return out;
}

std::string show(const SamplerTable& table) {
  std::string out = std::to_string(table.steps.size());
  for (const SamplerStep& s : table.steps) {
    for (double v : {s.timestep, s.log_snr, s.x0_from_latent, s.x0_from_model, s.next_from_latent, s.next_from_x0, s.next_from_previous})
      out += " " + show(v);
  }
  return out + " " + show(table.end_log_snr);
}

std::string show(const Result<SamplerTable>& table) { return table ? show(*table) : refused(table.error()); }

std::string schedule(Fields& in) {
  const NoiseSchedule given = read_schedule(in);
  if (Status checked = given.check(); !checked) return refused(checked.error());
  const std::string what = in.word();
  if (what == "alphas") return show(given.alphas_cumprod());
  if (what == "levels") return show(NoiseSchedule::log_snr(given.alphas_cumprod()));
  const int steps = in.number();
  if (what == "timesteps") {
    const auto grid = given.timesteps(steps, in.number() != 0);
    if (!grid) return refused(grid.error());
    std::string out;
    for (int t : *grid) out += (out.empty() ? "" : " ") + std::to_string(t);
    return out;
  }
  const Text kind = in.text();
  if (what == "table") return show(sampler_table(kind, given, steps));
  if (what == "finish") {
    const double start = read_double(in);
    return show(finish_table(kind, given, steps, start, read_optional(in)));
  }
  if (what == "early") {
    const auto level = early_level(kind, given, steps);
    return level ? show(*level) : refused(level.error());
  }
  const int cloud_steps = in.number();
  const Status level = check_level(kind, given, steps, cloud_steps, read_double(in));
  return level ? "fine" : refused(level.error());
}

// The model of the vectors, in float32.
std::vector<float> model(const std::vector<float>& x, double timestep, int rows) {
  std::vector<float> out;
  for (int row = 0; row < rows; ++row) {
    const float by = row == 0 ? 1.0f : 0.5f;
    for (std::size_t i = 0; i < x.size(); ++i) {
      out.push_back(by * (0.25f * x[i] + 0.1f * x[(i + 1) % x.size()] - static_cast<float>(0.0002 * timestep)));
    }
  }
  return out;
}

std::string run(Finisher& finisher) {
  std::string out;
  while (!finisher.ended()) {
    std::vector<float> output;
    if (finisher.computes()) output = model(finisher.latent(), finisher.timestep(), finisher.rows());
    out += finisher.computes() ? "1 " : "0 ";
    const Status status = finisher.give(output.data(), output.size());
    if (!status) return out + refused(status.error());
    out += show(finisher.latent()) + " " + show(finisher.x0()) + " ";
  }
  return out + "end";
}

std::string finishing(Fields& in) {
  const NoiseSchedule given = read_schedule(in);
  const Text kind = in.text();
  const int steps = in.number();
  const double start = read_double(in);
  const auto table = finish_table(kind, given, steps, start, read_optional(in));
  if (!table) return refused(table.error());
  std::vector<float> latent = read_floats(in);
  const std::vector<float> x0 = read_floats(in);
  const double guidance = read_double(in);
  const int stride = in.number(), idle = in.number();
  std::vector<bool> computed = computed_rows(table->steps.size(), stride);
  if (idle >= 0) computed = computed_idle_rows(table->steps.size(), static_cast<std::size_t>(idle), stride);
  Finisher finisher(*table, std::move(latent), guidance,
                    x0.empty() ? std::nullopt : std::optional<std::vector<float>>(x0), std::move(computed));
  return run(finisher);
}

std::string handover(Fields& in) {
  Run run;
  run.schedule = read_schedule(in);
  run.sampler = in.text();
  run.steps = in.number();
  run.seed = bits_of(in.word());
  Start own;
  own.log_snr = read_double(in);
  own.x0_log_snr = read_optional(in);
  own.latent = read_floats(in);
  own.x0 = read_floats(in);
  if (!own.x0_log_snr) own.x0.reset();
  run.shape = {1, 1, static_cast<int>(own.latent.size())};
  Aim aim;
  aim.may_miss = in.number() != 0;
  aim.exact = in.number() != 0;
  aim.local_on_miss = in.number() != 0;
  const auto start = take_over(own, aim, run);
  if (!start) return refused(start.error());
  std::string out = show(start->latent) + " " + show(start->log_snr) + " ";
  out += start->x0 ? show(*start->x0) + " " + show(*start->x0_log_snr) : std::string("none none");
  return out + " " + show(start->table) + " " + show(start->idle);
}

std::string request(Fields& in) {
  GenerateRequest fields;
  fields.model = in.text();
  fields.lexicon = in.text();
  Text template_ = in.text();
  std::vector<Axis> axes(static_cast<std::size_t>(in.number()));
  for (Axis& axis : axes) {
    axis.name = in.text();
    axis.values = in.texts();
  }
  Phrases phrases;
  for (int left = in.number(); left > 0; --left) {
    Text name = in.text();
    std::vector<int> of = in.numbers();
    phrases.set(std::move(name), Phrase{std::move(of), in.texts()});
  }
  std::optional<std::vector<Choice>> rows;
  if (const int count = in.number(); count >= 0) {
    rows.emplace();
    for (int left = count; left > 0; --left) rows->push_back(in.numbers());
  }
  auto grid = PromptGrid::make(std::move(template_), std::move(axes), std::move(phrases), std::move(rows));
  if (!grid) return refused(grid.error());
  fields.grid = std::move(*grid);
  fields.seed = bits_of(in.word());
  fields.guidance_scale = read_double(in);
  fields.negative_prompt = in.text();
  fields.sampler = in.text();
  fields.steps = in.number();
  fields.cloud_steps = in.number();
  fields.handover = in.text();
  fields.plan = in.text();
  const auto made = GenerateRequest::make(std::move(fields));
  if (!made) return refused(made.error());
  const auto body = from_utf8(made->to_bytes());
  return quote(body ? *body : Text()) + " " + made->sha256() + " " + show(made->guidance_scale);
}

std::string response(Fields& in) {
  const std::string body = read_bytes(in);
  Expected expected;
  expected.candidates = in.number();
  expected.shape.channels = in.number();
  expected.shape.height = in.number();
  expected.shape.width = in.number();
  expected.request_sha256 = in.word();
  expected.pair_sha256 = in.word();
  expected.carry = in.number() != 0;
  const auto read = LatentsResponse::from_bytes(body, expected);
  if (!read) return refused(read.error());
  std::string out = std::to_string(read->cloud_steps) + " " + show(read->log_snr) + " " + read->plan + " ";
  out += read->x0_log_snr ? show(*read->x0_log_snr) : std::string("none");
  const auto size = static_cast<std::size_t>(expected.shape.size());
  for (std::size_t i = 0; i < static_cast<std::size_t>(expected.candidates); ++i) {
    const auto start = select(*read, i, size);
    if (!start) return out + " " + refused(start.error());
    out += " " + show(start->latent);
    if (start->x0) out += " " + show(*start->x0);
  }
  return out;
}

std::string answered(const std::string& what, Fields& in) {
  Answer answer;
  answer.status = in.number();
  const std::string body = read_bytes(in);
  answer.body = body;
  answer.cut = in.number() != 0;
  answer.encoding = in.text();
  answer.type = in.text();
  const Text shown_address = in.text();
  if (what == "refusal") return refused(refusal(answer, shown_address));
  const auto health = read_health(answer, shown_address);
  return health ? quote(health->model) + " " + quote(health->pair_sha256) : refused(health.error());
}

std::string arithmetic(const std::string& what, Fields& in) {
  if (what == "guide") {
    const std::vector<float> wanted = read_floats(in), plain = read_floats(in);
    return show(guide(wanted.data(), plain.data(), wanted.size(), read_double(in)));
  }
  const std::vector<float> values = read_floats(in);
  if (what == "unscale") {
    const double factor = read_double(in);
    return show(unscale(values, factor, read_double(in)));
  }
  if (what == "back") {
    const double now = read_double(in), target = read_double(in);
    return show(take_back(values, now, target, bits_of(in.word())));
  }
  const auto pixels = to_image(values.data(), values.size(), static_cast<std::size_t>(in.number()));
  if (!pixels) return refused(pixels.error());
  std::string out;
  for (std::uint8_t p : *pixels) out += std::to_string(p) + " ";
  return out;
}

std::string answer(std::string_view line) {
  Fields in(line);
  const std::string what = in.word();
  if (what == "sha256") return hex(sha256(read_bytes(in)));
  if (what == "number") {
    const auto value = number_of(read_bytes(in));
    return value ? show(*value) : "none";
  }
  if (what == "repr") return repr(read_double(in));
  if (what == "json") {
    const auto text = from_utf8(read_bytes(in));
    if (!text) return "no UTF-8";
    json::Reader reader(*text);
    return reader.skip() && reader.at_end() ? "fine" : "refused";
  }
  if (what == "philox") {
    PhiloxWords counter;
    for (auto& word : counter) word = static_cast<std::uint32_t>(bits_of(in.word()));
    const auto low = static_cast<std::uint32_t>(bits_of(in.word())), high = static_cast<std::uint32_t>(bits_of(in.word()));
    std::string out;
    for (std::uint32_t word : philox4x32(counter, {low, high})) out += shown<std::uint32_t>(word) + " ";
    return out;
  }
  if (what == "normal") {
    const std::uint64_t seed = bits_of(in.word());
    const auto stream = static_cast<std::uint32_t>(bits_of(in.word()));
    return show(standard_normal(seed, static_cast<std::size_t>(in.number()), stream));
  }
  if (what == "schedule") return schedule(in);
  if (what == "finishing") return finishing(in);
  if (what == "handover") return handover(in);
  if (what == "request") return request(in);
  if (what == "response") return response(in);
  if (what == "health" || what == "refusal") return answered(what, in);
  if (what == "halves") {
    std::vector<float> out;
    for (unsigned bits = 0; bits < 65536; ++bits) out.push_back(half_value(static_cast<std::uint16_t>(bits)));
    return show(out);
  }
  return arithmetic(what, in);
}

}  // namespace

int main() { return testing::serve(answer); }
