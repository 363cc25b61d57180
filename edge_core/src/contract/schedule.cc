// The noise schedule of a model: which signal and noise level each training timestep has (obclip_contract/schedule.py).
//
// The order of operations is numpy's, whose `linspace` and `arange` decide where a timestep falls on a half.
#include "contract/schedule.h"

#include <algorithm>
#include <cmath>

#include "contract/limits.h"

namespace obclip {
namespace {

constexpr double PI = 3.141592653589793;
// diffusers' stand-in for zero terminal SNR.
constexpr double ZERO_SNR_ALPHA = 1.0 / 16777216.0;

Error sampler_error(std::string message) { return {Refusal::SAMPLER, std::move(message)}; }

Status known_name(const char* what, View value, std::initializer_list<View> known) {
  std::string names;
  for (View name : known) {
    if (name == value) return done();
    names += (names.empty() ? "" : ", ") + utf8(name);
  }
  return sampler_error(std::string(what) + " " + repr(value) + " is not supported; known: " + names);
}

// numpy.linspace(start, stop, count).
std::vector<double> linspace(double start, double stop, int count) {
  std::vector<double> out(static_cast<std::size_t>(count));
  const double delta = stop - start;
  const double step = count > 1 ? delta / (count - 1) : 0.0;
  for (int i = 0; i < count; ++i) {
    // A step that is 0 although the ends differ has underflowed; numpy then divides first.
    double value = static_cast<double>(i);
    if (count == 1) value = value * delta;
    else value = step == 0.0 ? value / (count - 1) * delta : value * step;
    out[static_cast<std::size_t>(i)] = value + start;
  }
  if (count > 1) out.back() = stop;
  return out;
}

// Python's x ** 2 of a float, which is the library's pow; a compiler that sees the 2 multiplies instead, and a product
// may differ from it in the last bit.
double squared(double x) {
  const volatile double two = 2.0;
  return std::pow(x, two);
}

std::vector<double> betas(const NoiseSchedule& schedule) {
  const int n = schedule.num_train_timesteps;
  if (schedule.beta_schedule == U"linear") return linspace(schedule.beta_start, schedule.beta_end, n);
  if (schedule.beta_schedule == U"scaled_linear") {
    std::vector<double> out = linspace(std::sqrt(schedule.beta_start), std::sqrt(schedule.beta_end), n);
    for (double& beta : out) beta = beta * beta;
    return out;
  }
  std::vector<double> bar;
  for (int i = 0; i <= n; ++i) {
    bar.push_back(squared(std::cos((static_cast<double>(i) / n + 0.008) / 1.008 * PI / 2)));
  }
  std::vector<double> out;
  for (std::size_t i = 0; i + 1 < bar.size(); ++i) out.push_back(std::min(1 - bar[i + 1] / bar[i], 0.999));
  return out;
}

// Where no spacing was stated, each sampler's own default in diffusers.
View settle_spacing(const NoiseSchedule& schedule, bool extra_node) {
  if (schedule.timestep_spacing != U"by_sampler") return schedule.timestep_spacing;
  return extra_node ? U"linspace" : U"leading";
}

// The timesteps before they are whole: in falling order, `num_steps` of them.
std::vector<double> placed(const NoiseSchedule& schedule, View spacing, int num_steps, int nodes) {
  const int n = schedule.num_train_timesteps;
  std::vector<double> out;
  if (spacing == U"linspace") {
    out = linspace(0, n - 1, nodes);
    for (double& t : out) t = std::nearbyint(t);
    std::reverse(out.begin(), out.end());
  } else if (spacing == U"leading") {
    for (int j = nodes - 1; j >= 0; --j) out.push_back(static_cast<double>(j) * (n / nodes));
    for (double& t : out) t += schedule.steps_offset;
  } else {
    // numpy.arange: the first two values are exact sums, and their difference is the step of all.
    const double start = n;
    const double delta = (start + -static_cast<double>(n) / num_steps) - start;
    for (int i = 0; i < num_steps; ++i) out.push_back(std::nearbyint(i == 0 ? start : start + i * delta) - 1);
  }
  out.resize(std::min(out.size(), static_cast<std::size_t>(num_steps)));
  return out;
}

}  // namespace

Status NoiseSchedule::check() const {
  OBCLIP_CHECK(known_name("beta_schedule", beta_schedule, {U"scaled_linear", U"linear", U"squaredcos_cap_v2"}));
  OBCLIP_CHECK(known_name("prediction_type", prediction_type, {U"epsilon", U"v_prediction"}));
  OBCLIP_CHECK(known_name("timestep_spacing", timestep_spacing, {U"linspace", U"leading", U"trailing", U"by_sampler"}));
  if (num_train_timesteps < 2 || num_train_timesteps > limits::MAX_TRAIN_TIMESTEPS) {
    return sampler_error("num_train_timesteps must be a whole number from 2 to " +
                         std::to_string(limits::MAX_TRAIN_TIMESTEPS));
  }
  if (steps_offset < 0 || steps_offset >= num_train_timesteps) {
    return sampler_error("steps_offset must be a whole number from 0 to num_train_timesteps - 1");
  }
  if (!(0.0 < beta_start && beta_start <= beta_end && beta_end < 1.0)) {
    return sampler_error("beta_start and beta_end must be numbers with 0 < beta_start <= beta_end < 1");
  }
  return done();
}

std::vector<double> NoiseSchedule::alphas_cumprod() const {
  std::vector<double> bar = betas(*this);
  double product = 1.0;
  for (double& value : bar) value = product = product * (1.0 - value);
  if (rescale_betas_zero_snr) {
    for (double& value : bar) value = std::sqrt(value);
    const double first = bar.front(), last = bar.back();
    for (double& root : bar) {
      const double shifted = (root - last) * first / (first - last);
      root = shifted * shifted;
    }
    bar.back() = ZERO_SNR_ALPHA;
  }
  return bar;
}

std::vector<double> NoiseSchedule::log_snr(const std::vector<double>& alphas_cumprod) {
  std::vector<double> out;
  out.reserve(alphas_cumprod.size());
  for (double bar : alphas_cumprod) out.push_back(std::log(bar) - std::log1p(-bar));
  return out;
}

Result<std::vector<int>> NoiseSchedule::timesteps(int num_steps, bool extra_node) const {
  const int n = num_train_timesteps;
  if (num_steps < 1 || num_steps >= n) {
    return sampler_error("steps must be a whole number from 1 to " + std::to_string(n - 1) + ", not " +
                         std::to_string(num_steps));
  }
  std::vector<int> grid;
  const View spacing = settle_spacing(*this, extra_node);
  for (double t : placed(*this, spacing, num_steps, extra_node ? num_steps + 1 : num_steps)) {
    grid.push_back(static_cast<int>(t));
  }
  bool fits = !grid.empty() && grid[0] < n;
  for (std::size_t i = 1; i < grid.size(); ++i) fits = fits && grid[i] < grid[i - 1];
  if (!fits) {
    return sampler_error(std::to_string(num_steps) + " steps with " + utf8(spacing) + " spacing do not fit " +
                         std::to_string(n) + " training timesteps; use fewer");
  }
  return grid;
}

}  // namespace obclip
