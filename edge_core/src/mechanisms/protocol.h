// What every mechanism offers: a view to send, and what it guarantees (edge_sdk/mechanisms/protocol.py).
//
// The theorems and proofs stand in the reference's modules. The law of a mechanism, which is for proofs by enumeration,
// is there alone.
#ifndef OBCLIP_MECHANISMS_PROTOCOL_H
#define OBCLIP_MECHANISMS_PROTOCOL_H

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "contract/grid.h"
#include "contract/limits.h"
#include "mechanisms/coins.h"
#include "mechanisms/domain.h"
#include "mechanisms/rational.h"
#include "result.h"

namespace obclip {

// The natural logarithm of a ratio >= 1 as a double that is not below it.
double log_up(const Ratio& ratio);

// What the cloud can learn about the slots' values from one view. A function of the domain alone.
struct Guarantee {
  Ratio ratio = Ratio(1);
  double bits = 0.0;
  std::vector<std::pair<Text, double>> bits_by_axis;
  bool repeats_free = true;
  std::string says;  // UTF-8, for the person

  // ln(ratio), rounded up; nothing where some views tell some truths apart for certain (bits > 0).
  std::optional<double> epsilon() const {
    return bits > 0 ? std::nullopt : std::optional<double>(log_up(ratio));
  }
};

class Mechanism {
 public:
  virtual ~Mechanism() = default;
  virtual const char* name() const = 0;  // ASCII
  // Its rows may lack the truth. Public.
  virtual bool may_miss() const { return false; }
  // Its rows say values; otherwise it is given a domain that can be silent on each axis, where there is one.
  virtual bool speaks() const { return true; }
  // k of k-subset; 0 for the others.
  virtual int drawn_rows() const { return 0; }
  virtual Result<Guarantee> guarantee(const Domain& domain) const = 0;
  // The rows to send, rising. Only k-subset tosses coins.
  virtual Result<Rows> view(const Domain& domain, const Choice& truth, Coins& coins) const = 0;
  // Position of the row that the device goes on from. It stays on the device. `view` is not empty.
  virtual int start(const Domain& domain, const Rows& view, const Choice& truth) const;
};

// The six mechanisms; refused where a parameter is out of range. Each lies in its own file.
Result<std::unique_ptr<Mechanism>> make_closed(std::int64_t max_candidates = limits::MAX_CANDIDATES);
inline constexpr int DEFAULT_COVER = 24;
Result<std::unique_ptr<Mechanism>> make_cover(std::int64_t max_candidates = DEFAULT_COVER);
inline constexpr int DEFAULT_CELL = 24;
Result<std::unique_ptr<Mechanism>> make_cells(std::int64_t cell_size = DEFAULT_CELL);
inline constexpr int DEFAULT_K = 8;
Result<std::unique_ptr<Mechanism>> make_k_subset(double epsilon, std::int64_t k = DEFAULT_K);
Result<std::unique_ptr<Mechanism>> make_k_subset(Ratio ratio, std::int64_t k);
std::unique_ptr<Mechanism> make_local();
std::unique_ptr<Mechanism> make_neutral();

// The largest multiple of 2^-20 that is surely at most e^epsilon.
Result<Ratio> ratio_below(double epsilon);

}  // namespace obclip

#endif
