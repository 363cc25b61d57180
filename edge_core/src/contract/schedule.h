// The noise schedule of a model: which signal and noise level each training timestep has (obclip_contract/schedule.py).
#ifndef OBCLIP_CONTRACT_SCHEDULE_H
#define OBCLIP_CONTRACT_SCHEDULE_H

#include <vector>

#include "result.h"
#include "text/text.h"

namespace obclip {

// Made by hand, then looked over by `check`: what the sampler is given has passed it.
struct NoiseSchedule {
  int num_train_timesteps = 1000;
  double beta_start = 0.00085;
  double beta_end = 0.012;
  Text beta_schedule = U"scaled_linear";
  Text prediction_type = U"epsilon";
  Text timestep_spacing = U"leading";
  int steps_offset = 0;
  bool rescale_betas_zero_snr = false;

  // SamplerError for an unknown name or a number out of range.
  Status check() const;
  // Product of (1 - beta) up to each timestep.
  std::vector<double> alphas_cumprod() const;
  // log(alpha^2 / sigma^2) of each timestep, by alphas_cumprod(); falls with the timestep.
  static std::vector<double> log_snr(const std::vector<double>& alphas_cumprod);
  // The timesteps of a run, falling; SamplerError for more steps than the schedule can place. `extra_node`: the sampler
  // places one node more and drops the last.
  Result<std::vector<int>> timesteps(int num_steps, bool extra_node) const;
  bool predicts_v() const { return prediction_type == U"v_prediction"; }
};

}  // namespace obclip

#endif
