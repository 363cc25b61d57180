// The device's part of the denoising, one row at a time (edge_sdk/device/finishing.py).
//
//     Finisher finisher(table, latent, guidance, x0, stride);
//     while (!finisher.done()) {
//       if (finisher.computes()) run the small UNet on rows() copies of latent() at timestep(), with the texts of these rows
//       finisher.give(output, count)       // nullptr, 0 where it does not compute
//     }
#ifndef OBCLIP_DEVICE_FINISHING_H
#define OBCLIP_DEVICE_FINISHING_H

#include <optional>
#include <vector>

#include "contract/sampler.h"
#include "result.h"

namespace obclip {

class Finisher {
 public:
  Finisher() = default;
  // `previous_x0`: the cloud's last x0 for the hand-over "carry". `stride`: see device_stride in docs/PIPELINE.md.
  Finisher(SamplerTable table, std::vector<float> latent, double guidance_scale,
           std::optional<std::vector<float>> previous_x0 = {}, int stride = 1);

  bool done() const { return index_ == table_.steps.size(); }
  std::size_t index() const { return index_; }  // of the row that comes next
  std::size_t count() const { return table_.steps.size(); }
  // Whether the row that comes next needs the model.
  bool computes() const;
  double timestep() const { return done() ? 0.0 : table_.steps[index_].timestep; }
  // 2 with guidance: the prompt's text, then the negative prompt's. Else 1.
  int rows() const { return guidance_scale_ == 1.0 ? 1 : 2; }
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
  int stride_ = 1;
  std::size_t index_ = 0;
  // The last two outputs of the model after guidance, and their timesteps: the older first.
  std::vector<float> older_, newer_;
  double older_at_ = 0.0, newer_at_ = 0.0;
};

}  // namespace obclip

#endif
