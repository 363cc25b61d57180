// The table of the second look (edge_sdk/second_look/table.py describes the file).
#include "second_look/table.h"

#include <algorithm>

namespace obclip::second_look {
namespace {

constexpr std::size_t MOST_BYTES = std::size_t{1} << 26;
constexpr std::uint32_t VERSION = 1, CLASSES = 3;

std::uint32_t read_u32(std::string_view bytes, std::size_t at) {
  std::uint32_t out = 0;
  for (int i = 3; i >= 0; --i) out = out << 8 | static_cast<unsigned char>(bytes[at + static_cast<std::size_t>(i)]);
  return out;
}

Error refused(std::string message) { return {Refusal::LEXICON, std::move(message)}; }

}  // namespace

View axis_of(Bits known) {
  static constexpr View AXES[] = {U"", U"gender", U"age", U"ethnicity", U"religion", U"disability", U"identity"};
  const Bits number = (known & AXIS) >> 11;
  return number < 7 ? AXES[number] : View();
}

Result<std::unique_ptr<Table>> Table::open(std::string_view bytes) {
  if (bytes.size() < 20 || bytes.substr(0, 4) != "OBSL" || read_u32(bytes, 4) != VERSION || bytes.size() > MOST_BYTES) {
    return refused("the second look's table is damaged or of another version; install the package anew");
  }
  const std::uint64_t n = read_u32(bytes, 8), buckets = read_u32(bytes, 12), classes = read_u32(bytes, 16);
  const std::uint64_t most = MOST_BYTES;
  const bool sane = classes == CLASSES && buckets >= 1 && buckets <= most && n <= most;
  std::uint64_t at = 20 + 4 * (CLASSES - 1);
  if (!sane || bytes.size() != at + 6 * n + buckets * classes) {
    return refused("the second look's table is cut short; install the package anew");
  }
  std::unique_ptr<Table> out(new Table());
  for (std::size_t i = 20; i < at; i += 4) out->thresholds_.push_back(static_cast<std::int32_t>(read_u32(bytes, i)));
  out->hashes_.resize(n);
  for (std::size_t i = 0; i < n; ++i) out->hashes_[i] = read_u32(bytes, at + 4 * i);
  at += 4 * n;
  out->bits_.resize(n);
  for (std::size_t i = 0; i < n; ++i) {
    out->bits_[i] = static_cast<std::uint16_t>(static_cast<unsigned char>(bytes[at + 2 * i]) |
                                               static_cast<unsigned char>(bytes[at + 2 * i + 1]) << 8);
  }
  at += 2 * n;
  out->weights_.resize(buckets * classes);
  for (std::size_t i = 0; i < out->weights_.size(); ++i) out->weights_[i] = static_cast<std::int8_t>(bytes[at + i]);
  out->buckets_ = buckets;
  out->classes_ = classes;
  if (!std::is_sorted(out->hashes_.begin(), out->hashes_.end())) {
    return refused("the second look's table is damaged or of another version; install the package anew");
  }
  return out;
}

Bits Table::known(View word) const {
  const std::uint32_t hash = word_hash(word);
  const auto at = std::lower_bound(hashes_.begin(), hashes_.end(), hash);
  if (at == hashes_.end() || *at != hash) return 0;
  return bits_[static_cast<std::size_t>(at - hashes_.begin())];
}

std::vector<std::int64_t> Table::scores(const std::vector<Text>& features) const {
  std::vector<std::int64_t> out(classes_, 0);
  for (const Text& feature : features) {
    const std::size_t row = word_hash(feature) % buckets_ * classes_;
    for (std::size_t c = 0; c < classes_; ++c) out[c] += weights_[row + c];
  }
  return out;
}

}  // namespace obclip::second_look
