// `local`: nothing is sent, the device makes the whole picture (edge_sdk/mechanisms/local.py).
#include "mechanisms/protocol.h"

namespace obclip {

namespace {

class Local final : public Mechanism {
 public:
  const char* name() const override { return "local"; }

  Result<Guarantee> guarantee(const Domain&) const override {
    Guarantee out;
    out.says = "nothing is sent: this device makes the whole picture";
    return out;
  }

  Result<Rows> view(const Domain&, const Choice&, Coins&) const override { return Rows(); }
};

}  // namespace

std::unique_ptr<Mechanism> make_local() { return std::make_unique<Local>(); }

}  // namespace obclip
