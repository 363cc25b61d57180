// Prompts to token ids on the device; a prompt that does not fit is refused, never cut (edge_sdk/device/tokenizer.py).
//
// The reader takes `tokenizer.json` in one form: CLIP's byte-level BPE, as transformers writes it for CLIP's text
// encoders. Everything else is refused.
#ifndef OBCLIP_DEVICE_TOKENIZER_H
#define OBCLIP_DEVICE_TOKENIZER_H

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "contract/framing.h"
#include "result.h"
#include "text/text.h"

namespace obclip {

using TokenIds = std::vector<std::int32_t>;

// Text to ids, without the marks at both ends: what the library `tokenizers` gives for the same file.
class BytePairs {
 public:
  // BundleError for a file of another form.
  static Result<BytePairs> open(std::string_view json);
  TokenIds encode(View text) const;

 private:
  friend class TokenizerFile;
  struct Merge {
    std::uint64_t pair;  // the left id in the upper half
    std::uint32_t rank;
    std::int32_t id;
  };
  struct Added {
    Text content;
    std::int32_t id;
    bool normalized;
  };
  const Merge* merge_of(std::int32_t left, std::int32_t right) const;
  void encode_plain(View text, TokenIds& out) const;
  void encode_word(const std::string& bytes, TokenIds& out) const;
  template <class Rest>
  void split_added(View text, bool normalized, Rest rest, TokenIds& out) const;

  std::array<std::int32_t, 256> inner_{}, last_{};  // the id of a byte, and of one that ends a word
  std::vector<Merge> merges_;                       // sorted by pair
  std::vector<Added> added_;
  bool marks_in_words_ = false;  // the splitting pattern names the two marks
};

// The bundle's CLIP tokenizer.
class PromptTokenizer {
 public:
  PromptTokenizer() = default;
  PromptTokenizer(BytePairs pairs, TokenizerSpec spec) : pairs_(std::move(pairs)), spec_(spec) {}

  // Tokens of a text that the model reads at most, without the marks at both ends.
  int limit() const { return spec_.max_length - MARKS; }
  // Tokens of each text, without the marks at both ends.
  std::vector<std::size_t> count(const std::vector<Text>& texts) const;
  // Refuse what the model cannot read whole (InputError).
  Status check(std::size_t tokens, View what = U"the prompt") const;
  // [texts, max_length], padded; InputError for a text that is too long. One text at least.
  Result<TokenIds> operator()(const std::vector<Text>& texts, View what = U"the prompt") const;

 private:
  BytePairs pairs_;
  TokenizerSpec spec_;
};

}  // namespace obclip

#endif
