// The indefinite article before a word, by a fixed public table (obclip_contract/articles.py).
//
// It looks at code points only, so that every device and the cloud agree.
#include "contract/articles.h"

namespace obclip {
namespace {

constexpr View AN_WORDS[] = {U"f",   U"h",    U"l",     U"m",   U"n",   U"r",   U"s",   U"x",  U"fbi", U"lgbt",
                             U"lgbtq", U"mri", U"mtv", U"nba", U"nfl", U"nhl", U"rv", U"sos", U"xray"};
constexpr View AN_PREFIXES[] = {U"hour", U"honest", U"honor", U"honour", U"heir"};
constexpr View A_WORDS[] = {U"u", U"uae", U"ufo", U"uk", U"uni", U"us", U"usa", U"usb", U"uv"};
constexpr View A_PREFIXES[] = {U"eu",   U"ewe",  U"oneself", U"onesie", U"once",  U"ouija", U"ubi",  U"ugand",
                               U"uighur", U"ukr", U"ukul",   U"unani",  U"unic",  U"unif",  U"unil", U"union",
                               U"uniq", U"unis", U"unit",    U"univ",   U"ura",   U"urin",  U"uru",  U"usab",
                               U"usag", U"use",  U"usu",     U"uten",   U"util",  U"uto",   U"uygh"};
// "one" alone or before a hyphen ("one-eyed"); as a prefix it would catch "onerous".
constexpr View ONE = U"one";
constexpr View VOWELS =
    U"aeiou\u00e0\u00e1\u00e2\u00e3\u00e4\u00e5\u00e6\u00e8\u00e9\u00ea\u00eb\u00ec\u00ed\u00ee\u00ef\u00f2\u00f3"
    U"\u00f4\u00f5\u00f6\u00f8\u00f9\u00fa\u00fb\u00fc\u0153";

template <std::size_t N>
bool is_among(View word, const View (&words)[N]) {
  for (View known : words) {
    if (word == known) return true;
  }
  return false;
}

template <std::size_t N>
bool begins_with(View word, const View (&heads)[N]) {
  for (View head : heads) {
    if (starts_with(word, head)) return true;
  }
  return false;
}

bool is_ascii_digit(char32_t c) { return c >= U'0' && c <= U'9'; }

// ASCII letters and digits, and the code points of the world's alphabets without punctuation blocks. (Not `is_word` of
// text.h: that is the regular expressions' class.)
bool is_letter(char32_t c) {
  if (c < 0x80) return is_ascii_digit(c) || (c >= U'a' && c <= U'z') || (c >= U'A' && c <= U'Z');
  return (c >= 0xC0 && c <= 0x1FFF && c != 0xD7 && c != 0xF7) || (c >= 0x3040 && c <= 0xD7FF);
}

// Lower case of ASCII, Latin-1 and OE; every other code point stays (no language's rules apply).
char32_t lower_letter(char32_t c) {
  if ((c >= 0x41 && c <= 0x5A) || (c >= 0xC0 && c <= 0xDE && c != 0xD7)) return c + 0x20;
  return c == 0x152 ? char32_t{0x153} : c;
}

Text first_word(View text) {
  Text word;
  for (char32_t c : text) {
    if (is_letter(c)) {
      word += lower_letter(c);
    } else if (!word.empty()) {
      break;
    }
  }
  return word;
}

// Eight, eleven, eighteen, and what is read as beginning with them ("1800s", "11000", "80").
bool number_takes_an(View digits) {
  if (digits[0] == U'8') return true;
  const View head = digits.substr(0, 2);
  return (head == U"11" || head == U"18") && (digits.size() == 2 || digits.size() == 4 || digits.size() == 5);
}

}  // namespace

View article(View following) {
  const Text word = first_word(following);
  if (word.empty()) return U"a";
  if (is_ascii_digit(word[0])) {
    std::size_t end = 0;
    while (end < word.size() && is_ascii_digit(word[end])) ++end;
    return number_takes_an(View(word).substr(0, end)) ? U"an" : U"a";
  }
  if (is_among(word, AN_WORDS) || begins_with(word, AN_PREFIXES)) return U"an";
  if (word == ONE || is_among(word, A_WORDS) || begins_with(word, A_PREFIXES)) return U"a";
  return contains(VOWELS, word[0]) ? U"an" : U"a";
}

}  // namespace obclip
