// The reader of `tokenizer.json` (in Python, the library `tokenizers`): CLIP's form alone.
#include "device/tokenizer_file.h"

#include <algorithm>
#include <map>

#include "device/bytes_as_letters.h"
#include "device/tokenizer_unicode.h"

namespace obclip {
namespace {

constexpr View SUFFIX = U"</w>";
constexpr std::size_t MAX_ADDED = 256;
constexpr std::int64_t MAX_ID = 0x7FFFFFFF;

constexpr View NORMALIZER =
    U"{`normalizers`:[{`type`:`NFC`},{`content`:` `,`pattern`:{`Regex`:`\\s+`},`type`:`Replace`},{`type`:`Lowercase`}],"
    U"`type`:`Sequence`}";
constexpr View SPLIT_MARKS = U"<\\|startoftext\\|>|<\\|endoftext\\|>|";
constexpr View SPLIT = U"'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+";

// Nothing for a text that holds the sign itself: then two values could have one form.
std::optional<Text> ticked(const std::optional<Text>& text) {
  if (!text || contains(*text, U'`')) return std::nullopt;
  return U"`" + *text + U"`";
}

// A value in one form, to compare with: keys sorted, texts between backticks.
std::optional<Text> one_form(json::Reader& in) {
  switch (in.peek()) {
    case json::Kind::OBJECT: {
      std::map<Text, Text> rows;
      const bool whole = in.object([&](const Text& key) {
        auto name = ticked(key);
        auto value = one_form(in);
        return name && value && rows.emplace(std::move(*name), std::move(*value)).second;
      });
      if (!whole) return std::nullopt;
      Text out = U"{";
      for (const auto& [key, value] : rows) out += (out.size() > 1 ? U"," : U"") + key + U":" + value;
      return out + U"}";
    }
    case json::Kind::ARRAY: {
      Text out = U"[";
      const bool whole = in.array([&] {
        auto value = one_form(in);
        if (value) out += (out.size() > 1 ? U"," : U"") + *value;
        return value.has_value();
      });
      if (!whole) return std::nullopt;
      return out + U"]";
    }
    case json::Kind::STRING: return ticked(in.string());
    case json::Kind::BOOL: {
      const auto value = in.boolean();
      if (!value) return std::nullopt;
      return Text(*value ? U"true" : U"false");
    }
    default: {
      const bool none = in.peek() == json::Kind::NONE;
      if (!in.skip()) return std::nullopt;
      return Text(none ? U"null" : U"number");
    }
  }
}

Text pre_tokenizer(bool marks, bool trim, bool says_regex) {
  Text byte_level = U"{`add_prefix_space`:false,`trim_offsets`:" + Text(trim ? U"true" : U"false") + U",`type`:`ByteLevel`";
  if (says_regex) byte_level += U",`use_regex`:true";
  const Text split = U"{`behavior`:`Removed`,`invert`:true,`pattern`:{`Regex`:`" + Text(marks ? SPLIT_MARKS : View()) +
                     Text(SPLIT) + U"`},`type`:`Split`}";
  return U"{`pretokenizers`:[" + split + U"," + byte_level + U"}],`type`:`Sequence`}";
}

// Whether the pattern names the two marks; nothing for another pre-tokenizer.
std::optional<bool> names_marks(View form) {
  for (bool marks : {false, true})
    for (bool trim : {false, true})
      for (bool says_regex : {false, true})
        if (form == pre_tokenizer(marks, trim, says_regex)) return marks;
  return std::nullopt;
}

}  // namespace

bool TokenizerFile::refuse(const char* why) {
  if (why_.empty()) why_ = why;
  return false;
}

bool TokenizerFile::is_value(View wanted) {
  const auto form = one_form(in_);
  return form && *form == wanted;
}

bool TokenizerFile::added_token() {
  BytePairs::Added token{{}, -1, false};
  bool plain = true;
  const bool whole = in_.object([&](const Text& key) {
    if (key == U"id") {
      const auto id = in_.whole();
      token.id = id && *id >= 0 && *id <= MAX_ID ? static_cast<std::int32_t>(*id) : -1;
      return id.has_value();
    }
    if (key == U"content") {
      auto content = in_.string();
      if (content) token.content = std::move(*content);
      return content.has_value();
    }
    const auto value = in_.boolean();
    if (!value) return false;
    if (key == U"normalized") token.normalized = *value;
    else if (key == U"single_word" || key == U"lstrip" || key == U"rstrip") plain = plain && !*value;
    else plain = plain && key == U"special";
    return true;
  });
  if (!whole || !plain || token.id < 0 || token.content.empty() || out_.added_.size() >= MAX_ADDED) {
    return refuse("an added token is not plain");
  }
  out_.added_.push_back(std::move(token));
  return true;
}

bool TokenizerFile::vocabulary() {
  const bool whole = in_.object([this](const Text& key) {
    const auto id = in_.whole();
    return id && *id >= 0 && *id <= MAX_ID && ids_.emplace(key, static_cast<std::int32_t>(*id)).second;
  });
  return whole || refuse("the vocabulary is not a map of different texts to numbers");
}

bool TokenizerFile::add_merge(const Text& left, const Text& right) {
  const auto a = ids_.find(left), b = ids_.find(right), both = ids_.find(left + right);
  if (a == ids_.end() || b == ids_.end() || both == ids_.end()) return refuse("a merge is not of the vocabulary");
  const auto pair = std::uint64_t{static_cast<std::uint32_t>(a->second)} << 32 | static_cast<std::uint32_t>(b->second);
  out_.merges_.push_back({pair, static_cast<std::uint32_t>(out_.merges_.size()), both->second});
  return true;
}

// "a b", or ["a", "b"].
bool TokenizerFile::merge() {
  if (in_.peek() == json::Kind::STRING) {
    const auto line = in_.string();
    if (!line) return false;
    const std::vector<View> parts = split(*line, U" ");
    return parts.size() == 2 ? add_merge(Text(parts[0]), Text(parts[1])) : refuse("a merge is not of two parts");
  }
  std::vector<Text> parts;
  const bool whole = in_.array([&] {
    auto part = in_.string();
    if (part) parts.push_back(std::move(*part));
    return part.has_value() && parts.size() <= 2;
  });
  return whole && parts.size() == 2 ? add_merge(parts[0], parts[1]) : refuse("a merge is not of two parts");
}

bool TokenizerFile::model(View key) {
  if (key == U"type") return is_value(U"`BPE`") || refuse("the model is not BPE");
  if (key == U"dropout") return is_value(U"null") || refuse("the model drops merges at random");
  if (key == U"unk_token") return in_.skip();  // never needed: every byte is in the vocabulary
  if (key == U"continuing_subword_prefix") {
    const auto form = one_form(in_);
    return (form && (*form == U"``" || *form == U"null")) || refuse("the model has a prefix for parts of words");
  }
  if (key == U"end_of_word_suffix") return has_suffix_ = is_value(U"`</w>`") || refuse("a word does not end in </w>");
  if (key == U"fuse_unk" || key == U"byte_fallback" || key == U"ignore_merges") {
    return is_value(U"false") || refuse("the model has options that CLIP's has not");
  }
  if (key == U"vocab") return ids_.empty() && vocabulary();
  if (key == U"merges") return out_.merges_.empty() && !ids_.empty() && in_.array([this] { return merge(); });
  return refuse("the model has a key that CLIP's has not");
}

bool TokenizerFile::top(View key) {
  if (key == U"version") return is_value(U"`1.0`") || refuse("another version");
  if (key == U"truncation" || key == U"padding" || key == U"post_processor" || key == U"decoder") return in_.skip();
  if (key == U"added_tokens") return in_.array([this] { return added_token(); });
  if (key == U"normalizer") return has_normalizer_ = is_value(NORMALIZER) || refuse("another normalizer");
  if (key == U"pre_tokenizer") {
    const auto form = one_form(in_);
    const auto marks = form ? names_marks(*form) : std::nullopt;
    if (!marks) return refuse("another pre-tokenizer");
    out_.marks_in_words_ = *marks;
    return has_pre_tokenizer_ = true;
  }
  if (key == U"model") return in_.object([this](const Text& name) { return model(name); });
  return refuse("a key that CLIP's has not");
}

// What is needed of the vocabulary later.
bool TokenizerFile::finish() {
  if (!has_normalizer_ || !has_pre_tokenizer_ || !has_suffix_) return refuse("a part is missing");
  for (std::size_t byte = 0; byte < 256; ++byte) {
    const Text letter(1, letter_of(static_cast<unsigned char>(byte)));
    const auto inner = ids_.find(letter), last = ids_.find(letter + Text(SUFFIX));
    if (inner == ids_.end() || last == ids_.end()) return refuse("the vocabulary lacks a byte");
    out_.inner_[byte] = inner->second;
    out_.last_[byte] = last->second;
  }
  for (BytePairs::Added& token : out_.added_) {
    const auto known = ids_.find(token.content);
    if (known == ids_.end() || known->second != token.id) return refuse("an added token is not of the vocabulary");
    if (token.normalized) token.content = tokens::normalize(token.content);
    if (token.content.empty()) return refuse("an added token is not plain");
  }
  const auto by_pair = [](const auto& a, const auto& b) { return a.pair < b.pair; };
  std::sort(out_.merges_.begin(), out_.merges_.end(), by_pair);
  const auto same_pair = [](const auto& a, const auto& b) { return a.pair == b.pair; };
  const bool twice = std::adjacent_find(out_.merges_.begin(), out_.merges_.end(), same_pair) != out_.merges_.end();
  return !twice || refuse("a merge stands there twice");
}

Result<BytePairs> TokenizerFile::read() {
  const bool whole = in_.object([this](const Text& key) { return top(key); });
  if (whole && in_.at_end() && finish()) return std::move(out_);
  return Error{Refusal::BUNDLE, "the bundle's tokenizer is not in the form of CLIP's tokenizer.json: " +
                                    (why_.empty() ? std::string("not JSON, or a value of another kind") : why_)};
}

}  // namespace obclip
