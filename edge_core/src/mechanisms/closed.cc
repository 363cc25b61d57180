// `closed`: the whole product is sent (edge_sdk/mechanisms/closed.py, with the theorem).
#include "mechanisms/protocol.h"

namespace obclip {

namespace {

class Closed final : public Mechanism {
 public:
  explicit Closed(std::int64_t max_candidates) : max_candidates_(max_candidates) {}
  const char* name() const override { return "closed"; }

  Result<Guarantee> guarantee(const Domain& domain) const override {
    OBCLIP_CHECK(check(domain));
    Guarantee out;
    out.says = "all " + domain.size().text() + " ways to fill the prompt are sent: the cloud learns nothing about yours";
    return out;
  }

  Result<Rows> view(const Domain& domain, const Choice&, Coins&) const override {
    OBCLIP_CHECK(check(domain));
    return domain.choices();
  }

 private:
  Status check(const Domain& domain) const {
    if (domain.fits(max_candidates_)) return done();
    return input_error("the closed set would have " + domain.size().text() + " candidates and the limit is " +
                       std::to_string(max_candidates_) +
                       ": describe fewer persons, use --mechanism cover (epsilon 0, a nearby start), raise "
                       "--max-candidates, or narrow an axis with --domain");
  }

  std::int64_t max_candidates_;
};

}  // namespace

Result<std::unique_ptr<Mechanism>> make_closed(std::int64_t max_candidates) {
  return std::unique_ptr<Mechanism>(std::make_unique<Closed>(max_candidates));
}

}  // namespace obclip
