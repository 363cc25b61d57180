// One picture as a state machine (edge_sdk/pipeline/run.py; pipeline/cloud.py for who may be asked).
#include "session/session.h"

#include <algorithm>
#include <iterator>

#include "cloud/answers.h"
#include "contract/latents.h"
#include "contract/limits.h"
#include "contract/noise.h"
#include "device/handover.h"
#include "device/images.h"
#include "device/selection.h"
#include "privacy/limits.h"
#include "privacy/rules.h"

namespace obclip {
namespace {

Error misuse(std::string message) { return {Refusal::MISUSE, std::move(message)}; }

// A status that a later try may change (edge_sdk/cloud/retries.py): it does not say that this is no engine.
bool may_change(int status) {
  constexpr int AGAIN[] = {408, 425, 429, 502, 503, 504};
  return std::find(std::begin(AGAIN), std::end(AGAIN), status) != std::end(AGAIN);
}

// What the person said of a finding. In a prompt that was rewritten by other decisions it may stand elsewhere: then what
// was said of the same words counts (edge_sdk/cli/implied.py).
Decision decision_on(const Finding& finding, const std::vector<Finding>& asked,
                     const std::vector<std::optional<Decision>>& decided) {
  Decision said = Decision::REFUSE;
  for (std::size_t i = 0; i < asked.size(); ++i) {
    if (asked[i].axis != finding.axis || asked[i].surface != finding.surface || !decided[i]) continue;
    said = *decided[i];
    if (asked[i].start == finding.start && asked[i].end == finding.end) break;
  }
  return said;
}

}  // namespace

Session::Session(Options options, Text prompt, std::uint64_t seed, std::string coins, const Lexicons& lexicons,
                 const Detector& looks)
    : options_(std::move(options)),
      guidance_(*settle_guidance(options_)),
      own_guidance_(options_.run.device_guidance_scale.value_or(guidance_)),
      prompt_(std::move(prompt)),
      seed_(seed),
      coins_(std::move(coins)),
      lexicons_(lexicons),
      looks_(looks),
      tokenizer_(*options_.pairs, options_.bundle.tokenizer) {
  options_.privacy.detector = options_.second_look ? &looks_ : nullptr;
}

bool Session::is_local() const { return options_.run.k() == 0 || options_.privacy.mechanism == U"local"; }

obclip_action Session::wait(obclip_action action, bool answered) {
  action_ = action;
  due_ = answered;
  return action;
}

obclip_action Session::stop(Error error) {
  error_ = std::move(error);
  stage_ = Stage::STOPPED;
  return wait(OBCLIP_STOPPED);
}

void Session::cancel() {
  if (stage_ == Stage::DONE || stage_ == Stage::STOPPED) return;
  cancelled_ = true;
  due_ = false;
}

std::optional<int> Session::next() {
  if (due_) return std::nullopt;
  if (stage_ == Stage::DONE || stage_ == Stage::STOPPED) return action_;
  if (cancelled_) return stop({Refusal::CANCELLED, "the run was stopped: it was interrupted"});
  switch (stage_) {
    case Stage::READ: return read();
    case Stage::STORED: return tell();
    case Stage::DETECTED: return send();
    case Stage::HEALTH:
    case Stage::LATENTS: return send();
    case Stage::ENCODE: return encode();
    case Stage::BEGIN: begin_finishing(); return finish();
    case Stage::STEPPING: return finish();
    case Stage::STEPPED: stage_ = Stage::STEPPING; return wait(OBCLIP_STEP);
    case Stage::DECODE: return decode();
    case Stage::DONE:
    case Stage::STOPPED: break;
  }
  return action_;
}

// -- reading

obclip_action Session::read() {
  std::optional<Ledger> ledger;
  if (options_.has_ledger && !is_local()) {
    Result<Ledger> opened = Ledger::open(options_.ledger, options_.key, options_.now);
    // One that cannot be read is told when it is needed: what spends nothing goes on without it.
    ledger.emplace(opened ? std::move(*opened) : Ledger::unusable(opened.error()));
  }
  Status read = is_local() ? read_prompt() : [&]() -> Status {
    OBCLIP_CHECK(check_prompt(prompt_));
    Privacy privacy = options_.privacy;
    if (!decisions_.empty()) {
      const std::vector<Finding> asked = findings_;
      const auto decided = decisions_;
      privacy.on_implied.decide = [asked, decided](const Finding& f) { return decision_on(f, asked, decided); };
    }
    Coins coins(coins_);
    std::vector<Finding> implied_words;
    auto made = obclip::release(prompt_, privacy, options_.run.negative_prompt, ledger ? &*ledger : nullptr, coins,
                                lexicons_, &implied_words);
    if (!made) {
      if (made.error().kind == Refusal::IMPLIED && decisions_.empty()) findings_ = std::move(implied_words);
      return made.error();
    }
    release_.emplace(std::move(*made));
    words_ = release_->true_member;
    notes_ = release_->notes;
    OBCLIP_CHECK(make_request());
    return check_lengths();
  }();
  const bool asks = options_.privacy.on_implied.word == U"ask" && decisions_.empty();
  if (!read && read.error().kind == Refusal::IMPLIED && asks && !findings_.empty()) {
    decisions_.assign(findings_.size(), std::nullopt);
    return wait(OBCLIP_NEEDS_DECISION, true);
  }
  if (!read) refused_behind_ledger_ = read.error();
  stage_ = Stage::STORED;
  if (ledger && ledger->changed()) {
    ledger_bytes_ = ledger->bytes();
    return wait(OBCLIP_STORE, true);
  }
  return tell();
}

Status Session::read_prompt() {
  OBCLIP_CHECK(check_prompt(prompt_));
  OBCLIP_CHECK(refuse_alone(prompt_));
  words_ = prompt_;
  notes_ = {"nothing left this device"};
  OBCLIP_CHECK(check_lengths());
  return begin_here();
}

Status Session::make_request() {
  GenerateRequest fields;
  fields.model = options_.bundle.model;
  fields.lexicon = Text(LEXICON_VERSION);
  fields.grid = release_->grid;
  fields.seed = seed_;
  fields.guidance_scale = guidance_;
  fields.negative_prompt = options_.run.negative_prompt;
  fields.sampler = options_.run.sampler;
  fields.steps = options_.run.steps;
  fields.cloud_steps = options_.run.k();
  fields.handover = options_.run.handover;
  fields.plan = options_.run.plan;
  auto made = GenerateRequest::make(std::move(fields));
  if (!made) return input_error("the request cannot be made: " + made.error().message);
  request_.emplace(std::move(*made));
  return done();
}

Status Session::check_lengths() {
  const Count count = [this](View text) { return static_cast<std::int64_t>(tokenizer_.count({Text(text)})[0]); };
  // Whatever the truth could be is measured, so that a refusal does not depend on it.
  const std::int64_t longest = release_ ? release_->most_tokens(count) : count(words_);
  OBCLIP_CHECK(tokenizer_.check(static_cast<std::size_t>(longest)));
  return tokenizer_.check(static_cast<std::size_t>(count(options_.run.negative_prompt)), U"the negative prompt");
}

Status Session::give_decision(std::size_t finding, Decision decision) {
  if (action_ != OBCLIP_NEEDS_DECISION || cancelled_) return misuse("no decision is waited for");
  if (finding >= decisions_.size()) return misuse("there is no finding of that number");
  decisions_[finding] = decision;
  due_ = std::any_of(decisions_.begin(), decisions_.end(), [](const auto& d) { return !d; });
  return done();
}

Status Session::give_stored(bool stored) {
  if (action_ != OBCLIP_STORE || !due_) return misuse("no ledger is to be stored");
  due_ = false;
  if (stored) return done();
  const bool spends = release_ && release_->spent > 0.0;
  if (spends || options_.privacy.mechanism == U"k-subset") {
    refused_behind_ledger_ = Error{Refusal::LEDGER, "the ledger cannot be stored on this device; nothing was sent"};
  } else {
    // Nothing is spent, so the guarantee does not need the entry.
    const bool missed = release_ && !release_->exact;  // its note stands last
    notes_.insert(notes_.end() - (missed ? 1 : 0),
                  "this request is not in the ledger: it cannot be stored on this device");
    if (release_) release_->account.reset();
  }
  return done();
}

obclip_action Session::tell() {
  if (refused_behind_ledger_) return stop(*refused_behind_ledger_);
  stage_ = Stage::DETECTED;
  return wait(OBCLIP_DETECTED);
}

// -- the cloud

obclip_action Session::send() {
  if (is_local()) {
    stage_ = Stage::ENCODE;
    return encode();
  }
  if (stage_ == Stage::DETECTED) stage_ = options_.cloud_checked ? Stage::LATENTS : Stage::HEALTH;
  return wait(OBCLIP_SEND, true);
}

Status Session::give_failure(Refusal why, std::string message) {
  if (action_ != OBCLIP_SEND || !due_) return misuse("nothing is being sent");
  due_ = false;
  stop({why, std::move(message)});
  return done();
}

Status Session::give_response(int status, std::string_view body) {
  if (action_ != OBCLIP_SEND || !due_) return misuse("nothing is being sent");
  due_ = false;
  Status taken = stage_ == Stage::HEALTH ? take_health(status, body) : take_latents(status, body);
  if (!taken) stop(taken.error());
  return done();
}

Status Session::take_health(int status, std::string_view body) {
  Answer answer;
  answer.status = status;
  answer.cut = body.size() > SMALL_ANSWER;
  answer.body = body.substr(0, SMALL_ANSWER);
  if (may_change(status)) return refusal(answer, options_.cloud);
  OBCLIP_TRY(const Health health, read_health(answer, options_.cloud));
  if (health.model != options_.bundle.model || utf8(health.pair_sha256) != options_.bundle.pair_sha256) {
    return Error{Refusal::BUNDLE, (options_.cloud.empty() ? "the cloud" : utf8(options_.cloud)) +
                                      " serves another pair than the edge bundle (" + utf8(options_.bundle.model) +
                                      "); use the two bundles of one export. No prompt was sent"};
  }
  stage_ = Stage::LATENTS;
  return done();
}

Status Session::take_latents(int status, std::string_view body) {
  Answer answer;
  answer.status = status;
  answer.body = body;
  if (status != 200) {
    answer.cut = body.size() > SMALL_ANSWER;
    answer.body = body.substr(0, SMALL_ANSWER);
    return refusal(answer, options_.cloud);
  }
  if (body.size() > limits::MAX_RESPONSE_BYTES) {
    return Error{Refusal::LATENT, "the cloud's answer is over " + std::to_string(limits::MAX_RESPONSE_BYTES) + " bytes"};
  }
  Expected expected;
  expected.candidates = static_cast<int>(request_->grid.count());
  expected.shape = options_.bundle.shape;
  expected.request_sha256 = request_->sha256();
  expected.pair_sha256 = options_.bundle.pair_sha256;
  expected.carry = request_->handover == CARRY;
  auto read = LatentsResponse::from_bytes(body, expected);
  if (!read) return Error{Refusal::LATENT, "the cloud's answer cannot be used: " + read.error().message};
  bytes_up_ = request_->to_bytes().size();
  bytes_down_ = body.size();
  if (read->cloud_steps != request_->cloud_steps || read->plan != utf8(request_->plan)) {
    return Error{Refusal::LATENT, "the cloud did " + std::to_string(read->cloud_steps) + " steps by plan " +
                                      repr(from_utf8(read->plan).value_or(U"")) + " and was asked for " +
                                      std::to_string(request_->cloud_steps) + " by " + repr(request_->plan) +
                                      "; the whole set is discarded"};
  }
  const auto unusable = [](const Error& error) {
    if (error.kind != Refusal::SAMPLER) return error;
    return Error{Refusal::LATENT, "the cloud's hand-over cannot be continued: " + error.message};
  };
  const NoiseSchedule& schedule = options_.bundle.schedule;
  Status level = check_level(request_->sampler, schedule, request_->steps, request_->cloud_steps, read->log_snr);
  if (!level) return unusable(level.error());
  // Every member was received and validated by one rule; only now is the own one looked at.
  const auto size = static_cast<std::size_t>(options_.bundle.shape.size());
  auto own = select(*read, static_cast<std::size_t>(release_->index), size);
  if (!own) return own.error();
  const Aim aim{release_->may_miss, release_->exact, release_->on_miss == U"local"};
  auto start = take_over(std::move(*own), aim,
                         {options_.run.own_sampler(), options_.run.own_steps(), seed_, schedule, options_.bundle.shape});
  if (!start) return unusable(start.error());
  start_ = std::move(*start);
  stage_ = Stage::ENCODE;
  return done();
}

Status Session::begin_here() {
  start_ = Start{};
  start_.latent = standard_normal(seed_, static_cast<std::size_t>(options_.bundle.shape.size()));
  auto table = sampler_table(options_.run.own_sampler(), options_.bundle.schedule, options_.run.own_steps());
  if (!table) return input_error(table.error().message);
  start_.table = std::move(*table);
  return done();
}

// -- the device's steps

obclip_action Session::encode() {
  auto ids = tokenizer_({words_, options_.run.negative_prompt});
  if (!ids) return stop(ids.error());
  tokens_ = std::move(*ids);
  rows_ = 2;
  return wait(OBCLIP_ENCODE_TEXT, true);
}

void Session::begin_finishing() {
  kept_ = start_.latent;
  steps_ = start_.idle.steps.size() + start_.table.steps.size();
  step_ = 0;
  idle_ = true;
  const std::vector<bool> computed =
      computed_idle_rows(start_.idle.steps.size(), start_.table.steps.size(), options_.run.device_stride);
  finisher_ = Finisher(start_.idle, kept_, own_guidance_, std::nullopt, computed);
}

obclip_action Session::finish() {
  if (finisher_.ended() && idle_) {
    idle_ = false;
    finisher_ = Finisher(start_.table, kept_, own_guidance_, start_.x0,
                         computed_rows(start_.table.steps.size(), options_.run.device_stride));
  }
  if (finisher_.ended()) {
    stage_ = Stage::DECODE;
    return decode();
  }
  stage_ = Stage::STEPPING;
  timestep_ = finisher_.timestep();
  rows_ = finisher_.rows();
  if (!finisher_.computes()) {
    Status taken = take_step(nullptr, 0);
    return taken ? wait(OBCLIP_STEP) : stop(taken.error());
  }
  sample_ = finisher_.latent();
  return wait(OBCLIP_DENOISE, true);
}

Status Session::take_step(const float* values, std::size_t count) {
  OBCLIP_CHECK(finisher_.give(values, count));
  if (!idle_) kept_ = finisher_.latent();
  sample_ = kept_;
  ++step_;
  stage_ = Stage::STEPPING;
  return done();
}

obclip_action Session::decode() {
  sample_ = unscale(kept_, options_.bundle.scaling_factor, options_.bundle.shift_factor);
  return wait(OBCLIP_DECODE, true);
}

Status Session::give_floats(const float* values, std::size_t count) {
  if (!due_) return misuse("no graph's result is waited for");
  if (action_ == OBCLIP_ENCODE_TEXT) {
    if (count == 0) return misuse("the text encoder gives values");
    if (!all_finite(values, count)) {
      due_ = false;
      stop({Refusal::RUNTIME, "the text encoder gave values that are not finite; the edge bundle does not suit this device"});
      return done();
    }
    due_ = false;
    stage_ = Stage::BEGIN;
    return done();
  }
  if (action_ == OBCLIP_DENOISE) {
    const auto size = static_cast<std::size_t>(options_.bundle.shape.size()) * static_cast<std::size_t>(rows_);
    if (count != size) return misuse("the small UNet gives " + std::to_string(size) + " values");
    due_ = false;
    Status taken = take_step(values, count);
    if (!taken) {
      stop(taken.error());
    } else {
      stage_ = Stage::STEPPED;
    }
    return done();
  }
  if (action_ == OBCLIP_DECODE) {
    const auto side = static_cast<std::size_t>(options_.bundle.image_size);
    if (count != 3 * side * side) return misuse("the decoder gives " + std::to_string(3 * side * side) + " values");
    due_ = false;
    auto pixels = to_image(values, count, side);
    if (!pixels) {
      stop(pixels.error());
      return done();
    }
    pixels_ = std::move(*pixels);
    stage_ = Stage::DONE;
    action_ = OBCLIP_DONE;
    return done();
  }
  return misuse("no graph's result is waited for");
}

}  // namespace obclip
