// libFuzzer: one picture through the C ABI, by a caller that answers as it should, or does anything else at any time.
#include <cstring>
#include <limits>
#include <vector>

#include "contract/sampler.h"
#include "given.h"
#include "obclip/core.h"

namespace {

using namespace obclip;

const std::uint8_t* bytes_of(std::string_view text) { return reinterpret_cast<const std::uint8_t*>(text.data()); }

obclip_core* opened() {
  static obclip_core* const CORE = [] {
    const std::string lexicon = fuzz::lexicon_file(), looks = fuzz::second_look_file();
    obclip_core* out = nullptr;
    if (obclip_core_new(bytes_of(lexicon), lexicon.size(), bytes_of(looks), looks.size(), &out) != OBCLIP_OK) std::abort();
    return out;
  }();
  return CORE;
}

// Every byte that was handed out is there.
void touch(const std::uint8_t* bytes, std::size_t size) {
  volatile std::uint8_t sum = 0;
  for (std::size_t i = 0; i < size; ++i) sum = static_cast<std::uint8_t>(sum ^ bytes[i]);
}

constexpr int SIDE = 4;  // of a latent; a picture has the same here
const std::string PAIR(64, 'b');

class Caller {
 public:
  Caller(const std::uint8_t* data, std::size_t size) : in_(data, size) {
    if (obclip_options_new(opened(), &options_) != OBCLIP_OK) std::abort();
    static const std::string TOKENIZER = fuzz::file("models/stickers/small/tokenizer/tokenizer.json");
    obclip_set_tokenizer(options_, bytes_of(TOKENIZER), TOKENIZER.size());
    const std::pair<const char*, std::string> bundle[] = {
        {"model", "m"},         {"pair_sha256", PAIR},  {"latent_channels", "1"}, {"latent_height", "4"},
        {"latent_width", "4"},  {"image_size", "4"},    {"scaling_factor", "0.5"}, {"max_length", "77"},
        {"bos_id", "1185"},     {"eos_id", "1186"},     {"pad_id", "1186"},
    };
    for (const auto& [name, value] : bundle) set(name, value);
    set("steps", std::to_string(steps_ = 1 + static_cast<int>(in_.below(9))));
    set("cloud_steps", std::to_string(k_ = static_cast<int>(in_.below(static_cast<std::size_t>(steps_) + 1))));
    carry_ = in_.flag();
    set("handover", carry_ ? "carry" : "restart");
    set("sampler", sampler_ = in_.flag() ? "ddim" : "dpmpp_2m");
    for (std::size_t more = in_.below(6); more > 0; --more) set_any();
  }
  ~Caller() {
    obclip_session_free(session_);
    obclip_options_free(options_);
  }

  void run() {
    static const char* const PROMPTS[] = {"a nun", "an old woman", "x", "a bride and her groom", "two men"};
    const std::string prompt(in_.byte() < 128 ? in_.one_of(PROMPTS) : in_.some()), coins(OBCLIP_COINS, static_cast<char>(in_.byte()));
    obclip_session_new(opened(), options_, bytes_of(prompt), prompt.size(), in_.word(), bytes_of(coins), coins.size(),
                       &session_);
    // A picture takes some forty calls; a caller that has no bytes left answers as it should to the end.
    for (int calls = 0; calls < 120 && (!in_.empty() || (action_ < OBCLIP_DONE && session_ != nullptr)); ++calls) {
      if (in_.byte() < 160) {
        go_on();
      } else {
        do_anything();
      }
    }
  }

 private:
  void set(const char* name, std::string_view value) { obclip_set(options_, name, bytes_of(value), value.size()); }

  void set_any() {
    static const char* const NAMES[] = {
        "model",       "pair_sha256", "latent_channels", "scaling_factor",  "shift_factor",   "guidance_default",
        "beta_start",  "beta_end",    "beta_schedule",   "prediction_type", "steps_offset",   "timestep_spacing",
        "max_length",  "eos_id",      "steps",           "cloud_steps",     "guidance_scale", "negative_prompt",
        "sampler",     "handover",    "plan",            "device_stride",   "mechanism",      "epsilon",
        "cell_size",   "on_miss",     "max_candidates",  "axes",            "opt_in",         "domain.gender",
        "strict",      "unspecified", "on_implied",      "second_look",     "cloud_checked",  "num_train_timesteps",
        "domain.age",  "image_size",  "rescale_betas_zero_snr"};
    static const char* const VALUES[] = {
        "true",    "false",  "0",         "1",      "2",      "3",      "16",   "-1",          "1e300",    "0.5",
        "nan",     "closed", "cover",     "cells",  "neutral", "local", "ask",  "k-subset",    "generalise", "slot",
        "allow",   "woman,man", "young,old", "v_prediction", "trailing", "linspace", "linear", "gender,age", "hair,body"};
    const char* name = in_.one_of(NAMES);
    if (in_.byte() < 224) {
      set(name, in_.one_of(VALUES));
    } else {
      const std::string value(in_.some());
      set(in_.flag() ? name : value.c_str(), value);
    }
  }

  double number(int field, std::size_t index = 0) {
    double out = 0;
    return obclip_get_number(session_, field, index, &out) == OBCLIP_OK ? out : 0;
  }
  std::string text(int field) {
    const std::uint8_t* at = nullptr;
    std::size_t size = 0;
    if (obclip_get_text(session_, field, 0, &at, &size) != OBCLIP_OK) return {};
    return {reinterpret_cast<const char*>(at), size};
  }

  // What a cloud that did as it was asked would answer.
  std::string latents() {
    const auto table = sampler_table(ascii(sampler_), NoiseSchedule(), steps_);
    if (!table || k_ < 1) return {};
    const auto at = static_cast<std::size_t>(k_);
    const auto level = [](double value) {
      char out[40];
      std::snprintf(out, sizeof out, "     %+.12e", value);
      return std::string(out);
    };
    const std::size_t members = static_cast<std::size_t>(number(OBCLIP_MEMBERS)), size = members * SIDE * SIDE * 2;
    std::string header = "{\"__metadata__\":{\"cloud_steps\":\"000" + std::to_string(k_) + "\",\"log_snr\":\"" +
                         (at == table->steps.size() ? std::string(21, ' ') + "inf" : level(table->steps[at].log_snr)) +
                         "\",\"pair_sha256\":\"" + PAIR + "\",\"plan\":\"balanced\",\"request_sha256\":\"" +
                         text(OBCLIP_REQUEST_SHA256) + "\",\"version\":\"2\",\"x0_log_snr\":\"" +
                         (carry_ ? level(table->steps[at - 1].log_snr) : std::string(20, ' ') + "none") + "\"}";
    for (std::size_t i = 0; i < (carry_ ? 2U : 1U); ++i) {
      header += std::string(",\"") + (i == 0 ? "latents" : "x0") + "\":{\"dtype\":\"F16\",\"shape\":[" +
                std::to_string(members) + ",1,4,4],\"data_offsets\":[" + std::to_string(i * size) + "," +
                std::to_string((i + 1) * size) + "]}";
    }
    header += '}';
    header.resize((header.size() + 7) / 8 * 8, ' ');
    std::string out;
    for (std::size_t i = 0; i < 8; ++i) out += static_cast<char>(header.size() >> 8 * i & 255);
    out += header;
    for (std::size_t i = 0; i < (carry_ ? 2 : 1) * size; ++i) out += static_cast<char>(in_.byte() & 0x3b);
    return out;
  }

  void give_floats(std::size_t count) {
    static const float ODD[] = {std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN(), 3e38F, -0.0F};
    std::vector<float> values(count);
    for (float& v : values) {
      const std::uint8_t b = in_.byte();
      v = b >= 252 ? ODD[b - 252] : static_cast<float>(b) / 64 - 1;
    }
    obclip_give_floats(session_, values.data(), values.size());
  }

  void go_on() {
    constexpr std::size_t LATENT = SIDE * SIDE;
    if (action_ == OBCLIP_NEEDS_DECISION) {
      static const char* const CHOICES[] = {"generalise", "slot", "allow", "refuse"};
      for (std::size_t i = 0; i < static_cast<std::size_t>(number(OBCLIP_FINDINGS)); ++i) {
        obclip_give_decision(session_, i, in_.one_of(CHOICES));
      }
    } else if (action_ == OBCLIP_STORE) {
      obclip_give_stored(session_, in_.byte() != 1);
    } else if (action_ == OBCLIP_SEND) {
      const bool health = text(OBCLIP_METHOD) == "GET";
      const std::string body = health ? "{\"model\":\"m\",\"pair_sha256\":\"" + PAIR + "\"}" : latents();
      obclip_give_response(session_, 200, bytes_of(body), body.size());
    } else if (action_ == OBCLIP_ENCODE_TEXT) {
      give_floats(8);
    } else if (action_ == OBCLIP_DENOISE) {
      give_floats(static_cast<std::size_t>(number(OBCLIP_ROWS)) * LATENT);
    } else if (action_ == OBCLIP_DECODE) {
      give_floats(3 * LATENT);
    }
    action_ = obclip_next(session_);
  }

  // Fields and indices that are there, and some that are not.
  void get_any() {
    const int field = in_.byte();
    const std::size_t index = in_.byte() == 255 ? SIZE_MAX : in_.below(8);
    const std::uint8_t* at = nullptr;
    std::size_t size = 0;
    double value = 0;
    if (obclip_get_text(session_, field, index, &at, &size) == OBCLIP_OK) touch(at, size);
    if (obclip_get_bytes(session_, field, &at, &size) == OBCLIP_OK) touch(at, size);
    obclip_get_number(session_, field, index, &value);
    if (obclip_last_error(opened(), &at, &size) == OBCLIP_OK) touch(at, size);
  }

  void do_anything() {
    const std::string some(in_.byte() < 64 ? in_.some() : std::string_view());
    switch (in_.below(14)) {
      case 0: obclip_give_decision(session_, in_.byte(), some.c_str()); break;
      case 1: obclip_give_stored(session_, in_.byte()); break;
      case 2: obclip_give_response(session_, in_.flag() ? 200 : 400 + in_.byte(), bytes_of(some), some.size()); break;
      case 3: obclip_give_failure(session_, in_.byte() & 15, bytes_of(some), some.size()); break;
      case 4: give_floats(in_.byte()); break;
      case 5: obclip_give_floats(session_, nullptr, in_.word()); break;
      case 6: obclip_cancel(session_); break;
      case 7: action_ = obclip_next(session_); break;
      case 8: obclip_give_response(session_, 200, nullptr, in_.word()); break;
      case 9: {  // the ledger as it was handed out last, or anything
        const std::string key(in_.flag() ? 32 : in_.byte(), 'k');
        const std::string& bytes = in_.flag() ? some : ledger_;
        obclip_set_ledger(options_, bytes_of(bytes), bytes.size(), bytes_of(key), key.size(),
                          in_.flag() ? std::numeric_limits<std::int64_t>::max() : in_.word());
        break;
      }
      case 10: {
        obclip_session* other = nullptr;
        obclip_session_new(in_.flag() ? opened() : nullptr, options_, bytes_of(some), some.size(), 1, nullptr, 0, &other);
        if (other != nullptr) {
          obclip_session_free(session_);
          session_ = other;
          action_ = 0;
        }
        break;
      }
      case 11: set_any(); break;
      case 12: keep_ledger(); break;
      default: get_any(); break;
    }
  }

  void keep_ledger() {
    const std::uint8_t* at = nullptr;
    std::size_t size = 0;
    if (obclip_get_bytes(session_, OBCLIP_LEDGER_BYTES, &at, &size) != OBCLIP_OK) return;
    ledger_.assign(reinterpret_cast<const char*>(at), size);
  }

  fuzz::Bytes in_;
  obclip_options* options_ = nullptr;
  obclip_session* session_ = nullptr;
  std::string sampler_, ledger_;
  int steps_ = 1, k_ = 0, action_ = 0;
  bool carry_ = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Caller(data, size).run();
  return 0;
}
