// Samplers as plain data: per step, a fixed linear combination (obclip_contract/sampler.py).
#ifndef OBCLIP_CONTRACT_SAMPLER_H
#define OBCLIP_CONTRACT_SAMPLER_H

#include <limits>
#include <optional>
#include <vector>

#include "contract/schedule.h"
#include "result.h"
#include "text/text.h"

namespace obclip {

inline constexpr View DDIM = U"ddim";
inline constexpr View DPMPP_2M = U"dpmpp_2m";
// The level of a latent without noise.
inline constexpr double CLEAN_LOG_SNR = std::numeric_limits<double>::infinity();

// One row of the table. `log_snr` is that of the latent before the step.
struct SamplerStep {
  double timestep, log_snr;
  double x0_from_latent, x0_from_model;
  double next_from_latent, next_from_x0, next_from_previous;
};

// A run's rows in order. `end_log_snr` is that of the latent after the last.
struct SamplerTable {
  Text kind;
  std::vector<SamplerStep> steps;
  double end_log_snr = CLEAN_LOG_SNR;

  // The first k rows; SamplerError where there are fewer.
  Result<SamplerTable> head(int k) const;
};

// The whole run from pure noise to a clean latent; `schedule` has passed its check.
Result<SamplerTable> sampler_table(View kind, const NoiseSchedule& schedule, int num_steps);
// The device's part: from the noise level where the cloud stopped to a clean latent. With `previous_log_snr` (hand-over
// "carry") the first row is second order.
Result<SamplerTable> finish_table(View kind, const NoiseSchedule& schedule, int num_steps, double start_log_snr,
                                  std::optional<double> previous_log_snr = {});

// One step in float32: the next latent goes into `latent`, the prediction into `x0`. All of one size; `previous` may be
// empty where the row needs none, else SamplerError.
Status apply_step(const SamplerStep& step, std::vector<float>& latent, const std::vector<float>& model_output,
                  const std::vector<float>& previous, std::vector<float>& x0);

}  // namespace obclip

#endif
