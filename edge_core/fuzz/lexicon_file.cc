// libFuzzer: whatever stands in a lexicon.bin with a right digest, it is opened with all of its variants and read with,
// or refused.
#include <algorithm>

#include "attributes/findings.h"
#include "attributes/reader.h"
#include "attributes/slots.h"
#include "attributes/spans.h"
#include "contract/sha256.h"
#include "given.h"
#include "lexicon/file.h"

namespace {

using namespace obclip;

void put(std::string& out, std::uint32_t value) {
  for (int i = 0; i < 4; ++i) out += static_cast<char>(value >> 8 * i & 255);
}

// The header of a file around a body: `shape` holds the sizes of the text, the rows and the nodes, and the root; the
// strings are counted, and the items are what is left of the body.
std::string file_of(std::string_view shape, std::string_view body) {
  fuzz::Bytes in(reinterpret_cast<const std::uint8_t*>(shape.data()), shape.size());
  const std::size_t text = std::min<std::size_t>(in.word(), body.size());
  const std::size_t padded = (text + 3) / 4 * 4;
  const std::size_t words = body.size() > padded ? (body.size() - padded) / 4 : 0;
  const std::size_t rows = std::min<std::size_t>(in.word(), words);
  const std::size_t nodes = std::min<std::size_t>(in.word(), words / 4);
  const std::size_t fixed = rows + 1 + 3 * nodes + 1;
  const std::size_t items = words > fixed ? words - fixed : 0;
  std::string rest;
  put(rest, 1);
  put(rest, static_cast<std::uint32_t>(text));
  std::uint32_t strings = 0;
  for (char c : body.substr(0, text)) strings += c == 0;
  put(rest, strings);
  put(rest, static_cast<std::uint32_t>(rows));
  put(rest, static_cast<std::uint32_t>(items));
  put(rest, static_cast<std::uint32_t>(nodes));
  put(rest, in.word());
  rest += body;
  rest.resize(rest.size() - body.size() + padded + 4 * (fixed + items));
  const auto digest = sha256(rest);
  return "OBCLEX\r\n" + std::string(digest.begin(), digest.end()) + rest;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Bytes in(data, size);
  const std::string_view shape = in.take(16);
  const std::string whole = file_of(shape, in.rest());
  if (!LexiconFile::open(whole) && LexiconFile::open(whole).error().message.empty()) std::abort();
  (void)LexiconFile::open({reinterpret_cast<const char*>(data), size});
  const auto opened = Lexicons::open(whole);
  if (!opened) return 0;
  for (View prompt : {View(U"an old woman and two young men, a nun in her 60s"), View(U"Mrs. Smith, (a boy:1.2), her dog")}) {
    const Document document = read(prompt, {}, **opened);
    (void)implied(document, spans(document));
    (void)build(document);
  }
  for (const bool neutral : {false, true}) {
    (void)(*opened)->get({}, neutral);
    for (const Text& axis : opt_in_axes()) (void)(*opened)->get({axis}, neutral);
  }
  return 0;
}
