// Options by name (edge_sdk/pipeline/settings.py and privacy/choices.py; the bundle's from obclip_contract/manifest.py).
#include "session/options.h"

#include <algorithm>
#include <cmath>

#include "contract/decimal.h"
#include "contract/limits.h"
#include "contract/sampler.h"
#include "device/finishing.h"
#include "mechanisms/printing.h"

namespace obclip {
namespace {

using Set = Status (*)(Options&, View);

Error no_number(View name) { return input_error(utf8(name) + " is a number"); }

std::optional<double> number(View value) { return is_ascii(value) ? number_of(utf8(value)) : std::nullopt; }

std::optional<std::int64_t> whole(View value) {
  const auto found = number(value);
  if (!found || !(std::fabs(*found) < 9e15) || std::floor(*found) != *found) return std::nullopt;
  return static_cast<std::int64_t>(*found);
}

std::vector<Text> names(View value) {
  std::vector<Text> out;
  for (View part : split(value, U",")) {
    if (!strip(part).empty()) out.emplace_back(strip(part));
  }
  return out;
}

// A setter for a field behind `get`, by the kind of the field.
template <class Get>
Status set_whole(Options& options, View value, View name, int least, int most, Get get) {
  const auto found = whole(value);
  if (!found) return input_error(utf8(name) + " is a whole number, not " + repr(value));
  if (*found < least || *found > most) {
    return input_error(utf8(name) + " must be between " + std::to_string(least) + " and " + std::to_string(most) +
                       ", not " + std::to_string(*found));
  }
  get(options) = static_cast<int>(*found);
  return done();
}

template <class Get>
Status set_number(Options& options, View value, View name, Get get) {
  const auto found = number(value);
  if (!found || std::isnan(*found)) return no_number(name);
  get(options) = *found;
  return done();
}

template <class Get>
Status set_flag(Options& options, View value, View name, Get get) {
  if (value != U"true" && value != U"false") return input_error(utf8(name) + " is true or false, not " + repr(value));
  get(options) = value == U"true";
  return done();
}

// No limit here: the whole is checked with the reference's words (`check_options`).
constexpr int ANY = 1 << 30;

#define OBCLIP_WHOLE(name, least, most, field) \
  {U##name, [](Options& o, View v) { return set_whole(o, v, U##name, least, most, [](Options& p) -> auto& { return p.field; }); }}
#define OBCLIP_NUMBER(name, field) \
  {U##name, [](Options& o, View v) { return set_number(o, v, U##name, [](Options& p) -> auto& { return p.field; }); }}
#define OBCLIP_FLAG(name, field) \
  {U##name, [](Options& o, View v) { return set_flag(o, v, U##name, [](Options& p) -> auto& { return p.field; }); }}
#define OBCLIP_TEXT(name, field)              \
  {U##name, [](Options& o, View v) -> Status { \
     o.field = Text(v);                        \
     return done();                            \
   }}

const std::vector<std::pair<View, Set>>& setters() {
  static const std::vector<std::pair<View, Set>> SETTERS = {
      // the bundle's
      OBCLIP_TEXT("model", bundle.model),
      {U"pair_sha256", [](Options& o, View v) -> Status {
         o.bundle.pair_sha256 = utf8(v);
         return done();
       }},
      OBCLIP_WHOLE("latent_channels", 1, 1024, bundle.shape.channels),
      OBCLIP_WHOLE("latent_height", 1, 1024, bundle.shape.height),
      OBCLIP_WHOLE("latent_width", 1, 1024, bundle.shape.width),
      OBCLIP_WHOLE("image_size", 1, 8192, bundle.image_size),
      OBCLIP_NUMBER("scaling_factor", bundle.scaling_factor),
      OBCLIP_NUMBER("shift_factor", bundle.shift_factor),
      OBCLIP_NUMBER("guidance_default", bundle.guidance_default),
      OBCLIP_WHOLE("num_train_timesteps", 2, limits::MAX_TRAIN_TIMESTEPS, bundle.schedule.num_train_timesteps),
      OBCLIP_NUMBER("beta_start", bundle.schedule.beta_start),
      OBCLIP_NUMBER("beta_end", bundle.schedule.beta_end),
      OBCLIP_TEXT("beta_schedule", bundle.schedule.beta_schedule),
      OBCLIP_TEXT("prediction_type", bundle.schedule.prediction_type),
      OBCLIP_TEXT("timestep_spacing", bundle.schedule.timestep_spacing),
      OBCLIP_WHOLE("steps_offset", 0, limits::MAX_TRAIN_TIMESTEPS, bundle.schedule.steps_offset),
      OBCLIP_FLAG("rescale_betas_zero_snr", bundle.schedule.rescale_betas_zero_snr),
      OBCLIP_WHOLE("max_length", 3, 4096, bundle.tokenizer.max_length),
      OBCLIP_WHOLE("bos_id", 0, ANY, bundle.tokenizer.bos_id),
      OBCLIP_WHOLE("eos_id", 0, ANY, bundle.tokenizer.eos_id),
      OBCLIP_WHOLE("pad_id", 0, ANY, bundle.tokenizer.pad_id),
      // the run's
      OBCLIP_WHOLE("steps", 1, limits::MAX_STEPS, run.steps),
      OBCLIP_WHOLE("cloud_steps", -ANY, ANY, run.cloud_steps.emplace()),
      OBCLIP_NUMBER("guidance_scale", run.guidance_scale.emplace()),
      OBCLIP_TEXT("negative_prompt", run.negative_prompt),
      OBCLIP_TEXT("sampler", run.sampler),
      OBCLIP_TEXT("handover", run.handover),
      OBCLIP_TEXT("plan", run.plan),
      OBCLIP_WHOLE("device_stride", 1, MAX_DEVICE_STRIDE, run.device_stride),
      OBCLIP_WHOLE("device_steps", 1, limits::MAX_STEPS, run.device_steps.emplace()),
      OBCLIP_TEXT("device_sampler", run.device_sampler.emplace()),
      OBCLIP_NUMBER("device_guidance_scale", run.device_guidance_scale.emplace()),
      // the privacy's
      OBCLIP_TEXT("mechanism", privacy.mechanism),
      OBCLIP_NUMBER("epsilon", privacy.epsilon.emplace()),
      OBCLIP_WHOLE("cell_size", -ANY, ANY, privacy.cell_size),
      OBCLIP_WHOLE("max_candidates", -ANY, ANY, privacy.max_candidates.emplace()),
      OBCLIP_TEXT("on_miss", privacy.on_miss),
      {U"axes", [](Options& o, View v) -> Status {
         o.privacy.axes = names(v);
         return done();
       }},
      {U"opt_in", [](Options& o, View v) -> Status {
         o.privacy.opt_in = names(v);
         return done();
       }},
      OBCLIP_FLAG("strict", privacy.strict),
      OBCLIP_FLAG("unspecified", privacy.unspecified),
      OBCLIP_TEXT("on_implied", privacy.on_implied.word),
      OBCLIP_FLAG("second_look", second_look),
      // the cloud's
      OBCLIP_FLAG("cloud_checked", cloud_checked),
      OBCLIP_TEXT("cloud", cloud),
  };
  return SETTERS;
}

}  // namespace

int RunNumbers::k() const { return cloud_steps ? *cloud_steps : defaults::follow_steps(steps); }

Status set_option(Options& options, std::string_view name_bytes, std::string_view value_bytes) {
  const auto name = from_utf8(name_bytes), value = from_utf8(value_bytes);
  if (!name || !value) return input_error("options are UTF-8");
  if (starts_with(*name, U"domain.")) {
    const Text axis = name->substr(7);
    auto& domains = options.privacy.domains;
    const auto known = std::find_if(domains.begin(), domains.end(), [&](const auto& d) { return d.first == axis; });
    if (known != domains.end()) {
      known->second = names(*value);
    } else {
      domains.emplace_back(axis, names(*value));
    }
    return done();
  }
  for (const auto& [known, set] : setters()) {
    // A copy, so that a value that is refused leaves the options as they were.
    if (known == *name) {
      Options changed = options;
      OBCLIP_CHECK(set(changed, *value));
      options = std::move(changed);
      return done();
    }
  }
  return input_error("there is no option " + repr(*name));
}

Result<double> settle_guidance(const Options& options) {
  const RunNumbers& run = options.run;
  if (run.k() < 0 || run.k() > run.steps) {
    return input_error("cloud steps must be between 0 and steps (" + std::to_string(run.steps) + "), not " +
                       std::to_string(run.k()));
  }
  const double guidance = run.guidance_scale.value_or(options.bundle.guidance_default);
  if (!(guidance >= 0.0 && guidance <= limits::MAX_GUIDANCE)) {
    return input_error("guidance must be between 0 and " + general_text(limits::MAX_GUIDANCE) + ", not " +
                       general_text(guidance));
  }
  GenerateRequest any;  // stands for the request while the parameters are checked
  any.model = any.lexicon = any.grid.template_ = U"any";
  any.guidance_scale = guidance;
  any.negative_prompt = run.negative_prompt;
  any.sampler = run.sampler;
  any.steps = run.steps;
  any.cloud_steps = std::max(1, run.k());
  any.handover = run.handover;
  any.plan = run.plan;
  OBCLIP_TRY(const GenerateRequest probe, GenerateRequest::make(std::move(any)));
  return probe.guidance_scale;
}

Status check_options(const Options& options) {
  const BundleNumbers& bundle = options.bundle;
  const bool known = !bundle.model.empty() && bundle.shape.channels > 0 && bundle.shape.height > 0 &&
                     bundle.shape.width > 0 && bundle.image_size > 0 && bundle.scaling_factor > 0.0 &&
                     bundle.tokenizer.max_length > 0 && options.pairs.has_value();
  if (!known) return input_error("the bundle's numbers and tokenizer are not set");
  OBCLIP_CHECK(bundle.schedule.check());
  const auto guidance = settle_guidance(options);
  if (!guidance) return guidance.error();
  const double own = options.run.device_guidance_scale.value_or(*guidance);
  if (!(own >= 0.0 && own <= limits::MAX_GUIDANCE)) {
    return input_error("guidance must be between 0 and " + general_text(limits::MAX_GUIDANCE) + ", not " +
                       general_text(own));
  }
  const RunNumbers& run = options.run;
  const auto cloud = sampler_table(run.sampler, bundle.schedule, run.steps);
  if (!cloud) return input_error(cloud.error().message);
  const auto table = sampler_table(run.own_sampler(), bundle.schedule, run.own_steps());
  if (!table) return input_error(table.error().message);
  return options.privacy.check();
}

}  // namespace obclip
