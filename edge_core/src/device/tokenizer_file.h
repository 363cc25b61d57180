// The reader of `tokenizer.json` (in Python, the library `tokenizers`).
#ifndef OBCLIP_DEVICE_TOKENIZER_FILE_H
#define OBCLIP_DEVICE_TOKENIZER_FILE_H

#include <unordered_map>

#include "contract/json.h"
#include "device/tokenizer.h"

namespace obclip {

// Bytes of a file; CLIP's own has under four million.
inline constexpr std::size_t MAX_TOKENIZER_BYTES = 16 * 1024 * 1024;

class TokenizerFile {
 public:
  explicit TokenizerFile(View text) : in_(text) {}
  // BundleError for what is not CLIP's form.
  Result<BytePairs> read();

 private:
  bool top(View key);
  bool added_token();
  bool model(View key);
  bool vocabulary();
  bool merge();
  bool add_merge(const Text& left, const Text& right);
  bool is_value(View wanted);
  bool refuse(const char* why);
  bool finish();

  json::Reader in_;
  BytePairs out_;
  std::unordered_map<Text, std::int32_t> ids_;
  bool has_normalizer_ = false, has_pre_tokenizer_ = false, has_suffix_ = false;
  std::string why_;
};

}  // namespace obclip

#endif
