// What a session works with: the bundle's numbers, the run's parameters and the person's choices, set by name.
#ifndef OBCLIP_SESSION_OPTIONS_H
#define OBCLIP_SESSION_OPTIONS_H

#include <optional>
#include <string>
#include <string_view>

#include "contract/framing.h"
#include "contract/request.h"
#include "contract/response.h"
#include "contract/schedule.h"
#include "device/tokenizer.h"
#include "privacy/choices.h"
#include "result.h"

namespace obclip {

// The manifest's fields that the device computes with (obclip_contract/manifest.py).
struct BundleNumbers {
  Text model;
  std::string pair_sha256;
  LatentShape shape;
  int image_size = 0;
  double scaling_factor = 1.0, shift_factor = 0.0, guidance_default = defaults::GUIDANCE;
  NoiseSchedule schedule;
  TokenizerSpec tokenizer;
};

// The run's public parameters (edge_sdk/pipeline/settings.py, `Settings`).
struct RunNumbers {
  int steps = defaults::STEPS;
  std::optional<int> cloud_steps;
  std::optional<double> guidance_scale;
  Text negative_prompt;
  Text sampler = Text(defaults::SAMPLER), handover = Text(defaults::HANDOVER), plan = Text(defaults::PLAN);
  int device_stride = defaults::DEVICE_STRIDE;
  // The device's own grid and guidance, where the cloud's are others; not sent.
  std::optional<int> device_steps;
  std::optional<Text> device_sampler;
  std::optional<double> device_guidance_scale;

  int k() const;
  int own_steps() const { return device_steps.value_or(steps); }
  const Text& own_sampler() const { return device_sampler ? *device_sampler : sampler; }
};

struct Options {
  BundleNumbers bundle;
  RunNumbers run;
  Privacy privacy;
  bool second_look = true;
  bool cloud_checked = false;  // this cloud has shown its pair before
  Text cloud;                  // its address as messages show it, without secrets; "": it has no name
  bool has_ledger = false;
  std::string ledger, key;
  std::int64_t now = 0;
  std::optional<BytePairs> pairs;
};

// Set one by its name; refused (INPUT) for a name that there is none of, or a value of another kind.
Status set_option(Options& options, std::string_view name, std::string_view value);
// What the reference checks when settings are made, and that the bundle's numbers are there.
Status check_options(const Options& options);
// The guidance that both sides compute with: the run's or the bundle's, rounded to what goes over the wire. Refused like
// every other public parameter that no request could hold, whether anything is sent or not (`Settings`).
Result<double> settle_guidance(const Options& options);

}  // namespace obclip

#endif
