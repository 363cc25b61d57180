// Prompts to token ids on the device; a prompt that does not fit is refused, never cut (edge_sdk/device/tokenizer.py).
//
// The steps are those of the library `tokenizers`: added tokens are cut out, the rest is normalised and split into words,
// and each word's bytes are merged by rank.
#include "device/tokenizer.h"

#include <algorithm>
#include <queue>
#include <utility>

#include "device/tokenizer_file.h"
#include "device/tokenizer_unicode.h"

namespace obclip {
namespace {

enum class Sign { SPACE, LETTER, NUMBER, OTHER };

Sign sign_of(char32_t c) {
  if (tokens::is_letter(c)) return Sign::LETTER;
  if (tokens::is_number(c)) return Sign::NUMBER;
  return tokens::is_space(c) ? Sign::SPACE : Sign::OTHER;
}

// 's|'t|'re|'ve|'m|'ll|'d at the beginning: how long, or 0.
std::size_t shortened_word(View text) {
  for (View end : {View(U"'s"), View(U"'t"), View(U"'re"), View(U"'ve"), View(U"'m"), View(U"'ll"), View(U"'d")})
    if (starts_with(text, end)) return end.size();
  return 0;
}

// One of the two marks at the beginning: how long, or 0.
std::size_t mark(View text) {
  for (View mark : {View(U"<|startoftext|>"), View(U"<|endoftext|>")})
    if (starts_with(text, mark)) return mark.size();
  return 0;
}

std::size_t run_of(View text, Sign sign) {
  std::size_t end = 0;
  while (end < text.size() && sign_of(text[end]) == sign) ++end;
  return end;
}

struct Symbol {
  std::int32_t id;
  int before, behind;
  bool gone;
};

struct Candidate {
  std::uint32_t rank;
  int at;
  std::int32_t id;
  // The queue gives its largest: the lowest rank, then the first place.
  bool operator<(const Candidate& o) const { return rank != o.rank ? rank > o.rank : at > o.at; }
};

}  // namespace

Result<BytePairs> BytePairs::open(std::string_view json) {
  if (json.size() > MAX_TOKENIZER_BYTES) {
    return Error{Refusal::BUNDLE, "the bundle's tokenizer is over " + std::to_string(MAX_TOKENIZER_BYTES) + " bytes"};
  }
  const auto text = from_utf8(json);
  if (!text) return Error{Refusal::BUNDLE, "the bundle's tokenizer is not UTF-8"};
  return TokenizerFile(*text).read();
}

const BytePairs::Merge* BytePairs::merge_of(std::int32_t left, std::int32_t right) const {
  const auto pair = std::uint64_t{static_cast<std::uint32_t>(left)} << 32 | static_cast<std::uint32_t>(right);
  const auto at = std::lower_bound(merges_.begin(), merges_.end(), pair,
                                   [](const Merge& m, std::uint64_t wanted) { return m.pair < wanted; });
  return at != merges_.end() && at->pair == pair ? &*at : nullptr;
}

void BytePairs::encode_word(const std::string& bytes, TokenIds& out) const {
  std::vector<Symbol> word;
  const int size = static_cast<int>(bytes.size());
  for (int i = 0; i < size; ++i) {
    const auto byte = static_cast<unsigned char>(bytes[static_cast<std::size_t>(i)]);
    const bool last = i + 1 == size;
    word.push_back({last ? last_[byte] : inner_[byte], i - 1, last ? -1 : i + 1, false});
  }
  const auto at = [&word](int i) -> Symbol& { return word[static_cast<std::size_t>(i)]; };
  std::priority_queue<Candidate> queue;
  const auto propose = [&](int left, int right) {
    if (const Merge* merge = merge_of(at(left).id, at(right).id)) queue.push({merge->rank, left, merge->id});
  };
  for (int i = 0; i + 1 < size; ++i) propose(i, i + 1);
  while (!queue.empty()) {
    const Candidate top = queue.top();
    queue.pop();
    Symbol& left = at(top.at);
    if (left.gone || left.behind < 0) continue;
    Symbol& right = at(left.behind);
    // An entry is out of date where its pair no longer gives its token.
    const Merge* merge = merge_of(left.id, right.id);
    if (merge == nullptr || merge->id != top.id) continue;
    left.id = top.id;
    left.behind = right.behind;
    right.gone = true;
    if (left.behind >= 0) at(left.behind).before = top.at;
    if (left.before >= 0) propose(left.before, top.at);
    if (left.behind >= 0) propose(top.at, left.behind);
  }
  for (const Symbol& symbol : word)
    if (!symbol.gone) out.push_back(symbol.id);
}

// Words by CLIP's pattern; what it does not match is white space.
void BytePairs::encode_plain(View text, TokenIds& out) const {
  for (std::size_t at = 0; at < text.size();) {
    const View rest = text.substr(at);
    if (const std::size_t size = marks_in_words_ ? mark(rest) : 0) {
      // The byte level's own pattern splits a mark once more.
      for (View part : {rest.substr(0, 2), rest.substr(2, size - 4), rest.substr(size - 2, 2)}) encode_word(utf8(part), out);
      at += size;
      continue;
    }
    std::size_t size = shortened_word(rest);
    const Sign sign = sign_of(rest[0]);
    if (size == 0) size = sign == Sign::LETTER || sign == Sign::OTHER ? run_of(rest, sign) : 1;
    if (sign != Sign::SPACE) encode_word(utf8(rest.substr(0, size)), out);
    at += size;
  }
}

// Cut out the added tokens of one kind, the longest at the first place; `rest` takes what is between.
template <class Rest>
void BytePairs::split_added(View text, bool normalized, Rest rest, TokenIds& out) const {
  std::size_t from = 0;
  for (std::size_t at = 0; at < text.size();) {
    const Added* found = nullptr;
    for (const Added& token : added_) {
      const bool fits = token.normalized == normalized && starts_with(text.substr(at), token.content);
      if (fits && (found == nullptr || token.content.size() > found->content.size())) found = &token;
    }
    if (found == nullptr) {
      ++at;
      continue;
    }
    if (at > from) rest(text.substr(from, at - from));
    out.push_back(found->id);
    at += found->content.size();
    from = at;
  }
  if (from < text.size()) rest(text.substr(from));
}

TokenIds BytePairs::encode(View text) const {
  TokenIds out;
  const auto words = [&](View part) { encode_plain(part, out); };
  const auto raw = [&](View part) {
    const Text normal = tokens::normalize(part);
    split_added(normal, true, words, out);
  };
  split_added(text, false, raw, out);
  return out;
}

std::vector<std::size_t> PromptTokenizer::count(const std::vector<Text>& texts) const {
  std::vector<std::size_t> out;
  for (const Text& text : texts) out.push_back(pairs_.encode(text).size());
  return out;
}

Status PromptTokenizer::check(std::size_t tokens, View what) const {
  if (limit() >= 0 && tokens <= static_cast<std::size_t>(limit())) return done();
  return input_error(utf8(what) + " has " + std::to_string(tokens) + " tokens in its longest form; the model reads " +
                     std::to_string(limit()) + ": shorten it");
}

Result<TokenIds> PromptTokenizer::operator()(const std::vector<Text>& texts, View what) const {
  std::vector<TokenIds> ids;
  std::size_t most = 0;
  for (const Text& text : texts) {
    ids.push_back(pairs_.encode(text));
    most = std::max(most, ids.back().size());
  }
  OBCLIP_CHECK(check(most, what));
  return frame_tokens(ids, spec_);
}

}  // namespace obclip
