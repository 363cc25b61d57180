// Where the device takes over: from its own latent, or from a neighbour's at a higher noise level
// (edge_sdk/device/handover.py).
#include "device/handover.h"

#include <algorithm>
#include <cmath>

#include "contract/noise.h"
#include "mechanisms/printing.h"

namespace obclip {
namespace {

// Noise stream of taking a latent back; stream 0 is the request's.
constexpr std::uint32_t STREAM = 1;

struct Signal {
  double alpha, sigma;
};

Signal signal(double log_snr) {
  if (std::isinf(log_snr)) return {1.0, 0.0};
  return {std::sqrt(1.0 / (1.0 + std::exp(-log_snr))), std::sqrt(1.0 / (1.0 + std::exp(log_snr)))};
}

// Python's x ** 2; see contract/schedule.cc.
double squared(double x) {
  const volatile double two = 2.0;
  return std::pow(x, two);
}

}  // namespace

Result<Start> take_over(Start own, const Aim& aim, const Run& run) {
  OBCLIP_TRY(own.table, finish_table(run.sampler, run.schedule, run.steps, own.log_snr, own.x0_log_snr));
  if (!aim.may_miss) return own;
  return restore_level(std::move(own), aim, run);
}

// Otherwise the time until the person's next request would tell a miss from a hit.
Result<Start> restore_level(Start start, const Aim& aim, const Run& run) {
  SamplerTable longer;
  std::vector<float> latent;
  if (aim.local_on_miss) {
    OBCLIP_TRY(longer, sampler_table(run.sampler, run.schedule, run.steps));
    latent = standard_normal(run.seed, static_cast<std::size_t>(run.shape.size()));
  } else {
    OBCLIP_TRY(const double level, early_level(run.sampler, run.schedule, run.steps));
    // The cloud stopped early enough: the neighbour's latent needs no change.
    if (level >= start.log_snr) return start;
    OBCLIP_TRY(longer, finish_table(run.sampler, run.schedule, run.steps, level));
    latent = take_back(start.latent, start.log_snr, level, run.seed);
  }
  if (!aim.exact) {
    start.latent = std::move(latent);
    start.log_snr = longer.steps.empty() ? CLEAN_LOG_SNR : longer.steps[0].log_snr;
    start.x0.reset();
    start.x0_log_snr.reset();
    start.table = std::move(longer);
    return start;
  }
  const auto more = static_cast<int>(longer.steps.size()) - static_cast<int>(start.table.steps.size());
  OBCLIP_TRY(start.idle, longer.head(std::max(0, more)));
  return start;
}

Status check_level(View sampler, const NoiseSchedule& schedule, int steps, int cloud_steps, double log_snr) {
  OBCLIP_TRY(const SamplerTable whole, sampler_table(sampler, schedule, steps));
  OBCLIP_TRY(const SamplerTable head, whole.head(cloud_steps));
  const double asked = head.end_log_snr;
  // So written that a NaN does not pass.
  if (log_snr != asked && !(std::fabs(log_snr - asked) <= LEVEL_SLACK)) {
    return Error{Refusal::LATENT, "the cloud says its latents are at log-SNR " + general_text(log_snr, 4) + " after " +
                                      std::to_string(cloud_steps) + " of " + std::to_string(steps) + " steps, where " +
                                      general_text(asked, 4) + " was asked for; the whole set is discarded"};
  }
  return done();
}

Result<double> early_level(View sampler, const NoiseSchedule& schedule, int steps) {
  OBCLIP_TRY(const SamplerTable table, sampler_table(sampler, schedule, steps));
  OBCLIP_TRY(const SamplerTable head, table.head(std::max(1, static_cast<int>(EARLY_SHARE * steps))));
  return head.end_log_snr;
}

// The forward process from one level to a noisier one: x' = (a'/a) x + sqrt(s'^2 - (a'/a)^2 s^2) n.
std::vector<float> take_back(const std::vector<float>& latent, double log_snr, double target, std::uint64_t seed) {
  const Signal now = signal(log_snr), back = signal(target);
  const double ratio = back.alpha / now.alpha;
  const double added = std::sqrt(std::max(0.0, squared(back.sigma) - squared(ratio * now.sigma)));
  const std::vector<float> noise = standard_normal(seed, latent.size(), STREAM);
  const auto kept = static_cast<float>(ratio), fresh = static_cast<float>(added);
  std::vector<float> out(latent.size());
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = kept * latent[i] + fresh * noise[i];
  return out;
}

}  // namespace obclip
