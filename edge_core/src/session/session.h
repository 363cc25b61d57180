// One picture, sans I/O: what is to be done next, and what came of it (edge_sdk/pipeline/run.py, as a state machine).
#ifndef OBCLIP_SESSION_SESSION_H
#define OBCLIP_SESSION_SESSION_H

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "attributes/findings.h"
#include "contract/request.h"
#include "device/finishing.h"
#include "device/start.h"
#include "obclip/core.h"
#include "privacy/release.h"
#include "session/options.h"

namespace obclip {

class Session {
 public:
  // `lexicons` and `looks` have to live longer.
  Session(Options options, Text prompt, std::uint64_t seed, std::string coins, const Lexicons& lexicons,
          const Detector& looks);

  // Go on; nothing while an answer is due.
  std::optional<int> next();
  // 0 before the first `next`.
  int waiting() const { return action_; }
  // The device makes the picture alone.
  bool is_local() const;

  // Each is refused (kind MISUSE) when it is not what waits.
  Status give_decision(std::size_t finding, Decision decision);
  Status give_stored(bool stored);
  Status give_response(int status, std::string_view body);
  Status give_failure(Refusal why, std::string message);
  Status give_floats(const float* values, std::size_t count);
  void cancel();

  // What can be asked for while an action waits.
  const Options& options() const { return options_; }
  const std::vector<Finding>& findings() const { return findings_; }
  const Release* release() const { return release_ ? &*release_ : nullptr; }
  const GenerateRequest* request() const { return request_ ? &*request_ : nullptr; }
  const std::string& ledger() const { return ledger_bytes_; }
  bool asks_health() const { return stage_ == Stage::HEALTH; }
  const std::vector<std::int32_t>& tokens() const { return tokens_; }
  const std::vector<float>& sample() const { return sample_; }
  const std::vector<std::uint8_t>& pixels() const { return pixels_; }
  const std::vector<std::string>& notes() const { return notes_; }
  double timestep() const { return timestep_; }
  int rows() const { return rows_; }
  std::size_t step() const { return step_; }
  std::size_t steps() const { return steps_; }
  const Error& error() const { return error_; }
  std::size_t bytes_up() const { return bytes_up_; }
  std::size_t bytes_down() const { return bytes_down_; }

 private:
  enum class Stage { READ, STORED, DETECTED, HEALTH, LATENTS, ENCODE, BEGIN, STEPPING, STEPPED, DECODE, DONE, STOPPED };

  obclip_action wait(obclip_action action, bool answered = false);
  obclip_action stop(Error error);
  obclip_action read();
  Status read_prompt();
  Status make_request();
  Status check_lengths();
  obclip_action tell();
  obclip_action send();
  Status take_health(int status, std::string_view body);
  Status take_latents(int status, std::string_view body);
  Status begin_here();
  obclip_action encode();
  void begin_finishing();
  obclip_action finish();
  Status take_step(const float* values, std::size_t count);
  obclip_action decode();

  Options options_;
  const double guidance_, own_guidance_;  // what is sent; the device's
  const Text prompt_;
  const std::uint64_t seed_;
  const std::string coins_;
  const Lexicons& lexicons_;
  const Detector& looks_;

  Stage stage_ = Stage::READ;
  int action_ = 0;
  bool due_ = false;       // an answer is due before `next`
  bool cancelled_ = false;
  Error error_;

  std::vector<Finding> findings_;
  std::vector<std::optional<Decision>> decisions_;
  std::optional<Release> release_;
  std::optional<GenerateRequest> request_;
  std::optional<Error> refused_behind_ledger_;
  std::string ledger_bytes_;
  Text words_;  // what the device's own encoder reads
  std::vector<std::string> notes_;
  PromptTokenizer tokenizer_;
  std::vector<std::int32_t> tokens_;
  Start start_;
  Finisher finisher_;
  bool idle_ = false;      // the rows that are thrown away are being computed
  std::vector<float> kept_;  // the latent that counts
  std::vector<float> sample_;
  std::vector<std::uint8_t> pixels_;
  double timestep_ = 0.0;
  int rows_ = 0;
  std::size_t step_ = 0, steps_ = 0, bytes_up_ = 0, bytes_down_ = 0;
};

}  // namespace obclip

#endif
