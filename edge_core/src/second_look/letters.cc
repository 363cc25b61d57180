// Letters and words, by code point: folding, tokens, hashes (edge_sdk/second_look/letters.py).
#include "second_look/letters.h"

namespace obclip::second_look {
namespace {

constexpr View DIGITS = U"0123456789";
constexpr View JOINERS = U"'\u2019\u2018\u02bb\u02bc";
constexpr View STOPS = U",.;:!?|()[]{}<>/\n\"\u201c\u201d\u00ab\u00bb+*";
constexpr View SMALL = U"\u1d00\u0299\u1d04\u1d05\u1d07\ua730\u0262\u029c\u026a\u1d0a\u1d0b\u029f\u1d0d\u0274\u1d0f\u1d18\u0280\ua731\u1d1b\u1d1c\u1d20\u1d21\u028f\u1d22";
constexpr View SMALL_AS = U"abcdefghijklmnoprstuvwyz";

bool is_combining(char32_t c) { return c >= 0x300 && c <= 0x36f; }

// Latin letters that Unicode does not take apart, small capitals, and letters with marks.
void append_base(Text& out, char32_t c) {
  switch (c) {
    case U'\u00df': out += U"ss"; return;
    case U'\u00e6': out += U"ae"; return;
    case U'\u0153': out += U"oe"; return;
    case U'\u00f8': out += U'o'; return;
    case U'\u0111':
    case U'\u00f0': out += U'd'; return;
    case U'\u00fe': out += U"th"; return;
    case U'\u0142': out += U'l'; return;
    case U'\u0131': out += U'i'; return;
    case U'\u0127': out += U'h'; return;
    case U'\u014b': out += U'n'; return;
    case U'\u0259': out += U'e'; return;
    case U'\u2019':
    case U'\u2018':
    case U'\u02bb':
    case U'\u02bc':
    case U'`':
    case U'\u00b4': out += U'\''; return;
    case U'\u2010':
    case U'\u2011':
    case U'\u2013': out += U'-'; return;
    default: break;
  }
  const std::size_t small = SMALL.find(c);
  if (small != View::npos) {
    out += SMALL_AS[small];
    return;
  }
  if ((c >= 0xc0 && c < 0x250) || (c >= 0x1e00 && c < 0x1f00)) {
    const char32_t letter = nfd(lower(View(&c, 1)))[0];
    out += is_ascii(letter) ? letter : c;
    return;
  }
  out += c;
}

}  // namespace

Text fold(View word) {
  if (is_ascii(word)) return lower(word);
  Text out;
  for (char32_t c : lower(word)) {
    if (!is_combining(c)) append_base(out, c);
  }
  return out;
}

std::uint32_t word_hash(View text) {
  std::uint32_t h = 0x811c9dc5;
  for (char byte : utf8(text)) h = (h ^ static_cast<unsigned char>(byte)) * 0x01000193u;
  return h;
}

Tokens tokenize(View prompt) {
  Tokens out;
  const std::size_t n = prompt.size();
  int segment = 0;
  Text gap;
  for (std::size_t i = 0; i < n;) {
    const char32_t c = prompt[i];
    if (!is_alnum(c) && !is_combining(c)) {
      const bool initial = c == U'.' && !out.empty() && out.back().text.size() == 1 && out.back().end == static_cast<int>(i);
      if (contains(STOPS, c) && !initial) ++segment;
      if (!is_space(c) && c != U'_') gap += c;  // tag lists write it for a space
      ++i;
      continue;
    }
    const std::size_t start = i;
    while (i < n && (is_alnum(prompt[i]) || is_combining(prompt[i]) ||
                     (contains(JOINERS, prompt[i]) && i + 1 < n && is_alpha(prompt[i + 1])))) {
      ++i;
    }
    View text = prompt.substr(start, i - start);
    std::size_t end = i;
    if (text.size() > 2 && contains(U"sS", text[text.size() - 1]) && contains(JOINERS, text[text.size() - 2])) {
      text = text.substr(0, text.size() - 2);
      end = i - 2;
    }
    out.push_back({Text(text), fold(text), static_cast<int>(start), static_cast<int>(end), segment, std::move(gap)});
    gap.clear();
  }
  return out;
}

int vowels(View word) {
  int found = 0;
  for (char32_t vowel : View(U"aeiouy")) found += contains(word, vowel);
  return found;
}

bool has_digit(View text) {
  for (char32_t c : text) {
    if (is_digit(c)) return true;
  }
  return false;
}

View strip_digits(View text) { return strip(text, DIGITS); }
View rstrip_digits(View text) { return rstrip(text, DIGITS); }
View lstrip_digits(View text) { return lstrip(text, DIGITS); }

}  // namespace obclip::second_look
