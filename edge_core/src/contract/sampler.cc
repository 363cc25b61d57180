// Samplers as plain data: per step, a fixed linear combination (obclip_contract/sampler.py).
#include "contract/sampler.h"

#include <algorithm>
#include <cmath>

#include "contract/decimal.h"
#include "contract/limits.h"
#include "mechanisms/printing.h"

namespace obclip {
namespace {

// Two noise levels closer than this (in half log-SNR) are the same node.
constexpr double SAME_NODE = 1e-5;
// A grid node this close to the hand-over, as a share of its own next interval, is passed over.
constexpr double MIN_INTERVAL = 0.1;

// A place on the noise axis. `half` is log(alpha/sigma).
struct Node {
  double timestep, alpha, sigma, half;
};
constexpr Node CLEAN = {0.0, 1.0, 0.0, CLEAN_LOG_SNR};

struct Move {
  Node now, after;
};

Error sampler_error(std::string message) { return {Refusal::SAMPLER, std::move(message)}; }

// The nodes of one schedule; its table of levels is computed once.
class NoiseAxis {
 public:
  NoiseAxis(View kind, const NoiseSchedule& schedule) : kind_(kind), schedule_(schedule), bar_(schedule.alphas_cumprod()) {}

  Node at_timestep(int t) const {
    const double bar = bar_[static_cast<std::size_t>(t)];
    const double half = 0.5 * (std::log(bar) - std::log1p(-bar));
    const bool pure = schedule_.rescale_betas_zero_snr && t == schedule_.num_train_timesteps - 1;
    // DDIM can divide by sigma alone, so pure noise is exact here.
    if (kind_ == DDIM && pure && schedule_.predicts_v()) return {static_cast<double>(t), 0.0, 1.0, half};
    return {static_cast<double>(t), std::sqrt(bar), std::sqrt(1.0 - bar), half};
  }

  Node at_log_snr(double log_snr) const {
    return {timestep_of(log_snr), std::sqrt(1.0 / (1.0 + std::exp(-log_snr))),
            std::sqrt(1.0 / (1.0 + std::exp(log_snr))), log_snr / 2.0};
  }

  Result<std::vector<Node>> nodes(int num_steps) const {
    if (kind_ != DDIM && kind_ != DPMPP_2M) {
      return sampler_error("sampler " + repr(kind_) + " is not supported; known: ddim, dpmpp_2m");
    }
    OBCLIP_TRY(const std::vector<int> grid, schedule_.timesteps(num_steps, kind_ == DPMPP_2M));
    // The reference divides by zero here, or takes the logarithm of it.
    for (double bar : bar_)
      if (!(0.0 < bar && bar < 1.0)) return sampler_error("the noise schedule has a timestep of noise or signal alone");
    std::vector<Node> out;
    for (int t : grid) out.push_back(at_timestep(t));
    return out;
  }

  // Each grid node with where its step goes: the next node; for DDIM, a fixed stride below the node.
  std::vector<Move> moves(int num_steps, const std::vector<Node>& grid) const {
    std::vector<Move> out;
    const int stride = schedule_.num_train_timesteps / num_steps;
    for (std::size_t i = 0; i < grid.size(); ++i) {
      Node after = CLEAN;
      if (i + 1 < grid.size()) {
        const int below = static_cast<int>(grid[i].timestep) - stride;
        after = kind_ != DDIM ? grid[i + 1] : below >= 0 ? at_timestep(below) : CLEAN;
      }
      out.push_back({grid[i], after});
    }
    return out;
  }

 private:
  // numpy.interp of the falling levels.
  double timestep_of(double log_snr) const {
    std::vector<double> levels = NoiseSchedule::log_snr(bar_);
    std::reverse(levels.begin(), levels.end());
    const auto last = levels.size() - 1;
    const auto timestep = [last](std::size_t i) { return static_cast<double>(last - i); };
    if (log_snr > levels[last]) return timestep(last);
    if (log_snr < levels[0]) return timestep(0);
    const auto above = std::upper_bound(levels.begin(), levels.end(), log_snr);
    const auto j = static_cast<std::size_t>(above - levels.begin()) - 1;
    if (j == last || levels[j] == log_snr) return timestep(j);
    const double slope = (timestep(j + 1) - timestep(j)) / (levels[j + 1] - levels[j]);
    return slope * (log_snr - levels[j]) + timestep(j);
  }

  View kind_;
  const NoiseSchedule& schedule_;
  std::vector<double> bar_;
};

SamplerStep row(View kind, const NoiseSchedule& schedule, const Move& move, std::optional<double> previous_half) {
  const Node &now = move.now, &after = move.after;
  const bool v = schedule.predicts_v();
  const double from_latent = v ? now.alpha : 1.0 / now.alpha;
  const double from_model = v ? -now.sigma : -now.sigma / now.alpha;
  const double ratio = after.sigma / now.sigma;
  const double data = after.alpha - ratio * now.alpha;
  double carry = 0.0;
  if (kind == DPMPP_2M && previous_half && after.sigma > 0.0) {
    carry = -0.5 * data * (after.half - now.half) / (now.half - *previous_half);
  }
  return {now.timestep, 2.0 * now.half, from_latent, from_model, ratio, data - carry, carry};
}

SamplerTable table(View kind, const NoiseSchedule& schedule, const std::vector<Move>& moves,
                   std::optional<double> previous_half) {
  SamplerTable out;
  out.kind = Text(kind);
  for (const Move& move : moves) {
    out.steps.push_back(row(kind, schedule, move, previous_half));
    previous_half = move.now.half;
  }
  return out;
}

Status check_levels(double start, std::optional<double> previous) {
  for (std::optional<double> level : {std::optional<double>(start), previous}) {
    if (level && !(std::fabs(*level) <= limits::MAX_ABS_LOG_SNR)) {
      return sampler_error("a log-SNR must be a number within ±" + general_text(limits::MAX_ABS_LOG_SNR) + ", not " +
                           repr(*level));
    }
  }
  if (previous && *previous / 2.0 > start / 2.0 - SAME_NODE) {
    return sampler_error("the carried prediction must come from a noisier step than the hand-over");
  }
  return done();
}

}  // namespace

Result<SamplerTable> SamplerTable::head(int k) const {
  if (k < 0 || static_cast<std::size_t>(k) > steps.size()) {
    return sampler_error("cannot take " + std::to_string(k) + " of " + std::to_string(steps.size()) + " steps");
  }
  const auto end = static_cast<std::size_t>(k);
  SamplerTable out;
  out.kind = kind;
  out.steps.assign(steps.begin(), steps.begin() + k);
  out.end_log_snr = end < steps.size() ? steps[end].log_snr : end_log_snr;
  return out;
}

Result<SamplerTable> sampler_table(View kind, const NoiseSchedule& schedule, int num_steps) {
  const NoiseAxis axis(kind, schedule);
  OBCLIP_TRY(const std::vector<Node> grid, axis.nodes(num_steps));
  return table(kind, schedule, axis.moves(num_steps, grid), std::nullopt);
}

Result<SamplerTable> finish_table(View kind, const NoiseSchedule& schedule, int num_steps, double start_log_snr,
                                  std::optional<double> previous_log_snr) {
  const NoiseAxis axis(kind, schedule);
  OBCLIP_TRY(const std::vector<Node> grid, axis.nodes(num_steps));
  if (start_log_snr == CLEAN_LOG_SNR) {
    SamplerTable out;
    out.kind = Text(kind);
    return out;
  }
  OBCLIP_CHECK(check_levels(start_log_snr, previous_log_snr));
  std::optional<double> previous;
  if (previous_log_snr) previous = *previous_log_snr / 2.0;
  const double start = start_log_snr / 2.0;
  std::vector<Move> rest;
  std::optional<Move> on_grid;
  for (const Move& move : axis.moves(num_steps, grid)) {
    if (!on_grid && std::fabs(move.now.half - start) <= SAME_NODE) on_grid = move;
    if (move.now.half > start + SAME_NODE) rest.push_back(move);
  }
  if (on_grid) {
    rest.insert(rest.begin(), *on_grid);
    return table(kind, schedule, rest, previous);
  }
  if (rest.size() > 1 && rest[0].now.half - start < MIN_INTERVAL * (rest[1].now.half - rest[0].now.half)) {
    rest.erase(rest.begin());
  }
  const Move first = {axis.at_log_snr(start_log_snr), rest.empty() ? CLEAN : rest[0].now};
  rest.insert(rest.begin(), first);
  return table(kind, schedule, rest, previous);
}

Status apply_step(const SamplerStep& step, std::vector<float>& latent, const std::vector<float>& model_output,
                  const std::vector<float>& previous, std::vector<float>& x0) {
  const bool second_order = step.next_from_previous != 0.0;
  const std::size_t count = latent.size();
  if (model_output.size() != count || (second_order && previous.size() != count)) {
    return sampler_error("this step is second order and needs the previous step's x0");
  }
  // numpy takes a coefficient to the array's precision before it multiplies.
  const auto a = static_cast<float>(step.x0_from_latent), b = static_cast<float>(step.x0_from_model);
  const auto c = static_cast<float>(step.next_from_latent), d = static_cast<float>(step.next_from_x0);
  const auto e = static_cast<float>(step.next_from_previous);
  std::vector<float> predicted(count);
  for (std::size_t i = 0; i < count; ++i) {
    predicted[i] = a * latent[i] + b * model_output[i];
    latent[i] = c * latent[i] + d * predicted[i];
    if (second_order) latent[i] = latent[i] + e * previous[i];
  }
  x0 = std::move(predicted);  // last: it may be `previous` itself
  return done();
}

}  // namespace obclip
