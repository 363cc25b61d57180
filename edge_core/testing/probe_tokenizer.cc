// Token ids for tests/edge_core/test_tokenizer.py: by the tokenizer.json that the first argument names.
#include "device/tokenizer.h"

#include "device/tokenizer_unicode.h"
#include "fields.h"

namespace {

using namespace obclip;
using testing::Fields;
using testing::quote;

std::string refused(const Error& error) {
  const auto text = from_utf8(error.message);
  return "refused " + std::to_string(static_cast<int>(error.kind)) + " " + quote(text ? *text : Text());
}

std::string numbers(const TokenIds& ids) {
  std::string out;
  for (std::int32_t id : ids) out += (out.empty() ? "" : " ") + std::to_string(id);
  return out;
}

}  // namespace

int main(int count, char** arguments) {
  std::optional<BytePairs> pairs;
  return testing::serve([&](std::string_view line) {
    Fields in(line);
    const std::string what = in.word();
    if (what == "open") {
      const auto path = utf8(in.text());
      auto opened = BytePairs::open(testing::read_file(path.c_str()));
      if (!opened) return refused(opened.error());
      pairs = std::move(*opened);
      return std::string("fine");
    }
    if (!pairs && count > 1) {
      auto opened = BytePairs::open(testing::read_file(arguments[1]));
      if (!opened) return refused(opened.error());
      pairs = std::move(*opened);
    }
    if (what == "encode") return numbers(pairs->encode(in.text()));
    if (what == "normal") return quote(tokens::normalize(in.text()));
    TokenizerSpec spec;
    spec.max_length = in.number();
    spec.bos_id = in.number();
    spec.eos_id = in.number();
    spec.pad_id = in.number();
    const PromptTokenizer tokenizer(*pairs, spec);
    const auto rows = tokenizer(in.texts());
    return rows ? numbers(*rows) : refused(rows.error());
  });
}
