// The device's part of the denoising, one row at a time (edge_sdk/device/finishing.py).
#include "device/finishing.h"

#include <algorithm>
#include <utility>

#include "contract/latents.h"

namespace obclip {
namespace {

// Rows at both ends of a run whose model output is always computed: a line needs two points, and the last steps set the
// picture's detail.
constexpr std::size_t ENDS = 2;

std::size_t number_of_true(const std::vector<bool>& rows) {
  return static_cast<std::size_t>(std::count(rows.begin(), rows.end(), true));
}

}  // namespace

std::vector<bool> computed_rows(std::size_t count, int stride) {
  std::vector<bool> out(count);
  const auto every = static_cast<std::size_t>(std::max(1, stride));
  for (std::size_t i = 0; i < count; ++i) {
    out[i] = i < ENDS || i + ENDS >= count || (i - (ENDS - 1)) % every == 0;
  }
  return out;
}

std::vector<bool> computed_idle_rows(std::size_t idle, std::size_t count, int stride) {
  const std::size_t asked = number_of_true(computed_rows(idle + count, stride)) - number_of_true(computed_rows(count, stride));
  std::vector<bool> out(idle);
  std::fill_n(out.begin(), std::min(asked, idle), true);
  return out;
}

Finisher::Finisher(SamplerTable table, std::vector<float> latent, double guidance_scale,
                   std::optional<std::vector<float>> previous_x0, std::vector<bool> computed)
    : table_(std::move(table)),
      latent_(std::move(latent)),
      guidance_scale_(guidance_scale),
      computed_(std::move(computed)) {
  if (previous_x0) x0_ = std::move(*previous_x0);
}

// On the line through the last two outputs. Before there are two, the last, or nothing: that is for rows that are thrown
// away.
std::vector<float> Finisher::extrapolate() const {
  if (older_.empty()) return newer_.empty() ? std::vector<float>(latent_.size()) : newer_;
  if (newer_at_ == older_at_) return newer_;  // levels beyond the schedule share its last timestep
  const auto along = static_cast<float>((timestep() - newer_at_) / (newer_at_ - older_at_));
  std::vector<float> out(newer_.size());
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = newer_[i] + along * (newer_[i] - older_[i]);
  return out;
}

Status Finisher::give(const float* output, std::size_t count) {
  if (ended()) return Error{Refusal::MISUSE, "no row is left"};
  const std::size_t size = latent_.size();
  std::vector<float> guided;
  if (!computes()) {
    guided = extrapolate();
  } else {
    if (output == nullptr || count != size * static_cast<std::size_t>(rows())) {
      return Error{Refusal::RUNTIME, "the small model gave " + std::to_string(count) + " values for " +
                                         std::to_string(rows()) + " latents of " + std::to_string(size)};
    }
    guided = rows() == 1 ? std::vector<float>(output, output + size) : guide(output, output + size, size, guidance_scale_);
    older_ = std::move(newer_);
    older_at_ = newer_at_;
    newer_ = guided;
    newer_at_ = timestep();
  }
  OBCLIP_CHECK(apply_step(table_.steps[index_], latent_, guided, x0_, x0_));
  if (!all_finite(latent_.data(), size)) {
    return Error{Refusal::RUNTIME, "the small model gave values that are not finite at device step " +
                                       std::to_string(index_ + 1) + " of " + std::to_string(this->count()) +
                                       "; the edge bundle does not suit this device, try another precision or export it "
                                       "again"};
  }
  ++index_;
  return done();
}

}  // namespace obclip
