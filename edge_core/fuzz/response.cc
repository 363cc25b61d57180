// libFuzzer: whatever a cloud sends, the reader of the response, of the health report and of refusals takes it or says no.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "cloud/answers.h"
#include "contract/response.h"
#include "device/selection.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace obclip;
  if (size == 0) return 0;
  const std::string_view body(reinterpret_cast<const char*>(data) + 1, size - 1);
  Expected expected;
  expected.carry = (data[0] & 1) != 0;
  expected.candidates = 1 + (data[0] >> 1 & 3);
  expected.shape = {1 + (data[0] >> 3 & 1), 2, 1 + (data[0] >> 4 & 1)};
  expected.request_sha256 = std::string(64, 'a');
  expected.pair_sha256 = std::string(64, 'b');
  if (data[0] == 0xFF) expected.shape = {2147483647, 2147483647, 2147483647};
  const auto size_of_one = static_cast<std::size_t>(expected.shape.size());
  if (const auto read = LatentsResponse::from_bytes(body, expected)) {
    // What was taken is whole.
    if (read->latents.count() != static_cast<std::size_t>(expected.candidates) * size_of_one) std::abort();
    if (read->x0.has_value() != expected.carry || read->cloud_steps < 1) std::abort();
    for (std::size_t i = 0; i < static_cast<std::size_t>(expected.candidates); ++i) (void)select(*read, i, size_of_one);
  }
  Answer answer;
  answer.body = body;
  answer.status = (data[0] & 0x20) != 0 ? 503 : 200;
  (void)read_health(answer, U"https://cloud");
  (void)refusal(answer, U"https://cloud");
  return 0;
}
