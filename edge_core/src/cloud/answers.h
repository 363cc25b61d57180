// What an answer that holds no latents says: the health report, and the error envelope (edge_sdk/cloud/answers.py).
#ifndef OBCLIP_CLOUD_ANSWERS_H
#define OBCLIP_CLOUD_ANSWERS_H

#include <string>
#include <string_view>

#include "result.h"
#include "text/text.h"

namespace obclip {

// Bytes of an answer that is no latents.
inline constexpr std::size_t SMALL_ANSWER = 64 * 1024;

struct Answer {
  int status = 0;
  std::string_view body;
  bool cut = false;               // longer than allowed
  Text encoding = U"identity";    // the header content-encoding
  Text type = U"no content type"; // the header content-type
};

struct Health {
  Text model;
  Text pair_sha256;
};

// The health report, or what is wrong with it (kind CLOUD). `shown`: the cloud's address as it may be printed.
Result<Health> read_health(const Answer& answer, View shown);
// The error of an answer whose status is not 200 (kind CLOUD).
Error refusal(const Answer& answer, View shown, View what = U"refused the request");
// Text from outside, fit for a terminal and one line.
Text clean(View text);

}  // namespace obclip

#endif
