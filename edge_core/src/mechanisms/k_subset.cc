// `k-subset`: the optimal subset mechanism (edge_sdk/mechanisms/k_subset.py, with the theorem and the sampler's proof).
#include <algorithm>
#include <cmath>
#include <set>

#include "mechanisms/printing.h"
#include "mechanisms/protocol.h"

namespace obclip {

namespace {

// r is a multiple of one over this.
constexpr std::uint64_t GRID = std::uint64_t{1} << 20;
constexpr double MAX_EPSILON = 16.0;

// A uniform subset of 0..n-1 (Floyd's algorithm: one coin for each element).
Result<std::set<Whole>> subset(const Whole& n, int size, Coins& coins) {
  std::set<Whole> chosen;
  for (Whole top = n - Whole(static_cast<std::uint64_t>(size)); top < n; top += Whole(1)) {
    OBCLIP_TRY(Whole pick, coins.below(top + Whole(1)));
    if (!chosen.insert(pick).second) chosen.insert(top);
  }
  return chosen;
}

class KSubset final : public Mechanism {
 public:
  KSubset(Ratio ratio, int k) : ratio_(std::move(ratio)), k_(k) {}
  const char* name() const override { return "k-subset"; }
  bool may_miss() const override { return true; }
  int drawn_rows() const override { return k_; }

  Result<Guarantee> guarantee(const Domain& domain) const override {
    Guarantee out;
    const std::string size = domain.size().text();
    if (domain.fits(k_)) {
      out.says = "all " + size + " ways to fill the prompt are sent";
      return out;
    }
    out.ratio = ratio_;
    out.says = std::to_string(k_) + " of " + size +
               " ways to fill the prompt are drawn at random and kept for this template: epsilon " +
               general_text(log_up(ratio_), 4) + ", and yours is among them with probability " +
               fixed_text(inclusion(domain).nearest(), 3);
    return out;
  }

  // A fresh draw. The caller keeps it for the template (ledger/ledger.h).
  Result<Rows> view(const Domain& domain, const Choice& truth, Coins& coins) const override {
    if (domain.fits(k_)) return domain.choices();
    const Ratio p = inclusion(domain);
    const Whole own = domain.position(truth);
    OBCLIP_TRY(const Whole coin, coins.below(p.denominator()));
    const bool heads = coin < p.numerator();
    OBCLIP_TRY(const std::set<Whole> others, subset(domain.size() - Whole(1), heads ? k_ - 1 : k_, coins));
    std::set<Whole> positions;
    for (const Whole& other : others) positions.insert(other >= own ? other + Whole(1) : other);
    if (heads) positions.insert(own);
    Rows out;
    for (const Whole& position : positions) out.push_back(domain.at(position));
    return out;
  }

 private:
  // p: the probability that the truth is among the rows, k r / (k r + d - k), of a domain with more than k choices.
  Ratio inclusion(const Domain& domain) const {
    const Whole k(static_cast<std::uint64_t>(k_));
    const Whole with = k * ratio_.numerator();
    return Ratio(with, with + (domain.size() - k) * ratio_.denominator());
  }

  Ratio ratio_;
  int k_;
};

}  // namespace

Result<Ratio> ratio_below(double epsilon) {
  if (!(0.0 < epsilon && epsilon <= MAX_EPSILON))
    return input_error("epsilon must be above 0 and at most " + general_text(MAX_EPSILON) + ", not " +
                       general_text(epsilon));
  // exp() is right to an ulp, and times a power of two is exact: one step down is at most the truth.
  const double units = std::floor(std::nextafter(std::exp(epsilon), 0.0) * static_cast<double>(GRID));
  return Ratio(Whole(std::max(static_cast<std::uint64_t>(units), GRID)), Whole(GRID));
}

Result<std::unique_ptr<Mechanism>> make_k_subset(Ratio ratio, std::int64_t k) {
  if (ratio.numerator() < ratio.denominator()) return input_error("the ratio e^epsilon is at least 1");
  if (k < 1 || k > limits::MAX_CANDIDATES)
    return input_error("k-subset sends 1 to " + std::to_string(limits::MAX_CANDIDATES) + " candidates, not " +
                       std::to_string(k));
  return std::unique_ptr<Mechanism>(std::make_unique<KSubset>(std::move(ratio), static_cast<int>(k)));
}

Result<std::unique_ptr<Mechanism>> make_k_subset(double epsilon, std::int64_t k) {
  OBCLIP_TRY(Ratio ratio, ratio_below(epsilon));
  return make_k_subset(std::move(ratio), k);
}

}  // namespace obclip
