// Where the device takes over: one record, from the response's own member to the rows still to do
// (edge_sdk/device/start.py).
#ifndef OBCLIP_DEVICE_START_H
#define OBCLIP_DEVICE_START_H

#include <limits>
#include <optional>
#include <vector>

#include "contract/sampler.h"

namespace obclip {

struct Start {
  std::vector<float> latent;  // [C, H, W] at `log_snr`
  double log_snr = -std::numeric_limits<double>::infinity();
  std::optional<std::vector<float>> x0;  // the cloud's last x0 at `x0_log_snr`, if it was carried
  std::optional<double> x0_log_snr;
  SamplerTable table;  // the rows still to do
  SamplerTable idle;   // rows that are computed first and thrown away, so that every truth takes as long
};

}  // namespace obclip

#endif
