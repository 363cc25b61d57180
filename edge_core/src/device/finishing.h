// The device's part of the denoising, one row at a time (edge_sdk/device/finishing.py).
//
//     Finisher finisher(table, latent, guidance, x0, computed_rows(count, stride));
//     while (!finisher.ended()) {
//       if (finisher.computes()) run the small UNet on rows() copies of latent() at timestep(), with the texts of these rows
//       finisher.give(output, count)       // nullptr, 0 where it does not compute
//     }
#ifndef OBCLIP_DEVICE_FINISHING_H
#define OBCLIP_DEVICE_FINISHING_H

#include <optional>
#include <vector>

#include "contract/latents.h"
#include "contract/sampler.h"
#include "result.h"

namespace obclip {

// edge_sdk/pipeline/settings.py: "device_stride must be between 1 and 4".
inline constexpr int MAX_DEVICE_STRIDE = 4;

// For each row of a run whether the model is asked; where it is not, its output is extrapolated from the last two. A
// function of public numbers alone.
std::vector<bool> computed_rows(std::size_t count, int stride);
// The same of `idle` rows that are computed before a table of `count` and thrown away: together they ask the model as
// often as one run of all these rows.
std::vector<bool> computed_idle_rows(std::size_t idle, std::size_t count, int stride);

class Finisher {
 public:
  Finisher() = default;
  // `previous_x0`: the cloud's last x0 for the hand-over "carry". `computed`: one entry a row.
  Finisher(SamplerTable table, std::vector<float> latent, double guidance_scale,
           std::optional<std::vector<float>> previous_x0, std::vector<bool> computed);

  bool ended() const { return index_ == table_.steps.size(); }
  std::size_t index() const { return index_; }  // of the row that comes next
  std::size_t count() const { return table_.steps.size(); }
  // Whether the row that comes next needs the model.
  bool computes() const { return !ended() && (index_ >= computed_.size() || computed_[index_]); }
  double timestep() const { return ended() ? 0.0 : table_.steps[index_].timestep; }
  // 2 with guidance: the prompt's text, then the negative prompt's. Else 1.
  int rows() const { return is_guided(guidance_scale_) ? 2 : 1; }
  const std::vector<float>& latent() const { return latent_; }
  const std::vector<float>& x0() const { return x0_; }

  // The model's output [rows, C, H, W] for the row that comes next. DeviceError (kind RUNTIME) if the latent stops being
  // finite, or `count` does not fit.
  Status give(const float* output, std::size_t count);

 private:
  std::vector<float> extrapolate() const;

  SamplerTable table_;
  std::vector<float> latent_, x0_;
  double guidance_scale_ = 1.0;
  std::vector<bool> computed_;
  std::size_t index_ = 0;
  // The last two outputs of the model after guidance, and their timesteps. Empty: not yet.
  std::vector<float> older_, newer_;
  double older_at_ = 0.0, newer_at_ = 0.0;
};

}  // namespace obclip

#endif
