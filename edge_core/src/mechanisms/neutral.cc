// `neutral`: one candidate, with the attributes neutralised; the device adds them all (edge_sdk/mechanisms/neutral.py).
#include "mechanisms/protocol.h"

namespace obclip {

namespace {

class Neutral final : public Mechanism {
 public:
  const char* name() const override { return "neutral"; }
  bool may_miss() const override { return true; }
  bool speaks() const override { return false; }

  Result<Guarantee> guarantee(const Domain& domain) const override {
    std::string fixed;
    for (std::size_t i = 0; i < domain.axes().size(); ++i) {
      const Axis& axis = domain.axes()[i];
      if (domain.ruler(i).silent()) continue;
      if (!fixed.empty()) fixed += ", ";
      fixed += utf8(axis.name) + " " + repr(axis.values[domain.ruler(i).central()]);
    }
    Guarantee out;
    out.says = "one neutral candidate is sent and this device adds the attributes itself";
    if (!fixed.empty()) out.says += "; " + fixed + " stand there whatever yours is";
    return out;
  }

  Result<Rows> view(const Domain& domain, const Choice&, Coins&) const override {
    Choice row;
    for (std::size_t i = 0; i < domain.axes().size(); ++i) row.push_back(domain.ruler(i).central());
    return Rows{std::move(row)};
  }
};

}  // namespace

std::unique_ptr<Mechanism> make_neutral() { return std::make_unique<Neutral>(); }

}  // namespace obclip
