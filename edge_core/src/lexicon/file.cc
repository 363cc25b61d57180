// The tables of an opened `lexicon.bin` (edge_sdk/attributes/lexicon_file.py, `_checked` and `_parts`).
#include "lexicon/file.h"

#include <algorithm>
#include <cstring>

#include "contract/sha256.h"

namespace obclip {
namespace {

constexpr std::size_t HEADER = 68, HASHED_FROM = 40, MOST_BYTES = std::size_t{1} << 25;
constexpr std::uint32_t FORMAT = 1, BIAS = 1u << 27;

Error refused(std::string message) { return {Refusal::LEXICON, std::move(message)}; }
const char* const INCONSISTENT = "lexicon.bin is damaged: its tables do not fit each other. Install the package again";

std::uint32_t read_u32(std::string_view bytes, std::size_t at) {
  std::uint32_t out = 0;
  for (int i = 3; i >= 0; --i) out = out << 8 | static_cast<unsigned char>(bytes[at + static_cast<std::size_t>(i)]);
  return out;
}

std::vector<std::uint32_t> table(std::string_view bytes, std::size_t& at, std::size_t count) {
  std::vector<std::uint32_t> out(count);
  for (std::size_t i = 0; i < count; ++i) out[i] = read_u32(bytes, at + 4 * i);
  at += 4 * count;
  return out;
}

}  // namespace

Result<LexiconFile> LexiconFile::open(std::string_view bytes) {
  if (bytes.size() < HEADER || bytes.substr(0, 8) != "OBCLEX\r\n") {
    return refused("lexicon.bin is no compiled lexicon: run 'obclip lexicon build'");
  }
  const std::uint32_t format = read_u32(bytes, 40);
  if (format != FORMAT) {
    return refused("lexicon.bin has format " + std::to_string(format) + ", and this code reads " +
                   std::to_string(FORMAT) + ": run 'obclip lexicon build'");
  }
  const std::uint64_t text = read_u32(bytes, 44), strings = read_u32(bytes, 48), rows = read_u32(bytes, 52);
  const std::uint64_t items = read_u32(bytes, 56), nodes = read_u32(bytes, 60);
  const std::uint64_t size = HEADER + 4 * ((text + 3) / 4) + 4 * ((rows + 1) + items + 3 * nodes + 1);
  if (bytes.size() > MOST_BYTES || size != bytes.size()) {
    return refused("lexicon.bin has " + std::to_string(bytes.size()) + " bytes where its header says " +
                   std::to_string(size) + ": it is cut or damaged");
  }
  const auto digest = sha256(bytes.substr(HASHED_FROM));
  if (std::memcmp(digest.data(), bytes.data() + 8, digest.size()) != 0) {
    return refused("lexicon.bin is damaged: its SHA-256 differs. Install the package again");
  }
  LexiconFile file;
  const auto pool = from_utf8(bytes.substr(HEADER, text));
  if (!pool) return refused(INCONSISTENT);
  file.pool_ = *pool;
  file.string_starts_.push_back(0);
  for (std::size_t i = 0; i < file.pool_.size(); ++i) {
    if (file.pool_[i] == 0) file.string_starts_.push_back(static_cast<std::uint32_t>(i + 1));
  }
  if (file.string_starts_.size() != strings + 1 || file.string_starts_.back() != file.pool_.size()) {
    return refused("lexicon.bin: " + std::to_string(file.string_starts_.size() - 1) +
                   " strings where the header says " + std::to_string(strings));
  }
  std::size_t at = HEADER + 4 * ((text + 3) / 4);
  file.row_starts_ = table(bytes, at, rows + 1);
  file.items_ = table(bytes, at, items);
  file.tokens_ = table(bytes, at, nodes);
  file.children_ = table(bytes, at, nodes + 1);
  file.meanings_ = table(bytes, at, nodes);
  file.root_ = read_u32(bytes, 64);
  const bool rising = std::is_sorted(file.row_starts_.begin(), file.row_starts_.end()) &&
                      std::is_sorted(file.children_.begin(), file.children_.end());
  bool fits = rising && file.row_starts_.back() == items && file.children_.back() <= nodes;
  // A child has a greater number than its parent, so that no walk is without end.
  for (std::size_t n = 0; fits && n < nodes; ++n) {
    fits = (file.children_[n] > n || file.children_[n] == file.children_[n + 1]) && file.tokens_[n] < strings;
  }
  if (!fits) return refused(INCONSISTENT);
  return file;
}

Row LexiconFile::row(std::uint32_t ref) const {
  const std::uint32_t r = number(ref);
  if (r + 1 >= row_starts_.size()) {
    fail();
    return {};
  }
  return {items_.data() + row_starts_[r], row_starts_[r + 1] - row_starts_[r]};
}

Row LexiconFile::row(std::uint32_t ref, Ref expected) const {
  if (kind(ref) != expected) {
    fail();
    return {};
  }
  return row(ref);
}

View LexiconFile::string(std::uint32_t ref) const {
  const std::uint32_t s = number(ref);
  if (kind(ref) != Ref::STRING || s + 1 >= string_starts_.size()) {
    fail();
    return {};
  }
  return View(pool_).substr(string_starts_[s], string_starts_[s + 1] - string_starts_[s] - 1);
}

int LexiconFile::integer(std::uint32_t ref) const {
  if (kind(ref) != Ref::INT) {
    fail();
    return 0;
  }
  return static_cast<int>(number(ref)) - static_cast<int>(BIAS);
}

bool LexiconFile::boolean(std::uint32_t ref) const {
  if (kind(ref) != Ref::CONST || (number(ref) != FALSE_VALUE && number(ref) != TRUE_VALUE)) {
    fail();
    return false;
  }
  return number(ref) == TRUE_VALUE;
}

bool LexiconFile::is_none(std::uint32_t ref) const { return kind(ref) == Ref::CONST && number(ref) == NO_VALUE; }

}  // namespace obclip
