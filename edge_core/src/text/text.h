// Text as the reference handles it: a string of code points, so that a position here is a position in Python.
//
// Everything inside the core is `Text`; UTF-8 stands at the ABI and in error messages only. The functions are those of
// Python's `str` (3.11, Unicode 14), by their own meaning: `lower`, `is_alpha`, `is_space`, ... agree with it for every
// code point, which a test holds.
#ifndef OBCLIP_TEXT_TEXT_H
#define OBCLIP_TEXT_TEXT_H

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace obclip {

using Text = std::u32string;
using View = std::u32string_view;
using namespace std::string_literals;
using namespace std::string_view_literals;

// -- characters: str.isspace, isalpha, isalnum, isdecimal, isdigit, isupper, islower of one code point
bool is_space(char32_t c);
bool is_alpha(char32_t c);
bool is_alnum(char32_t c);
bool is_decimal(char32_t c);
// int() of one decimal digit of any script.
int digit_value(char32_t c);
bool is_digit(char32_t c);
bool is_upper(char32_t c);
bool is_lower(char32_t c);
// unicodedata.category in ("Cf", "Co", "Cn", "Cs").
bool is_hidden(char32_t c);
// unicodedata.category(c) == "Mn".
bool is_mark(char32_t c);
bool is_printable(char32_t c);
// unicodedata.name(c, "LATIN") starts with LATIN, MODIFIER, FEMININE or MASCULINE; with FULLWIDTH LATIN.
bool is_latin(char32_t c);
bool is_wide_latin(char32_t c);
// The regular expressions' \w, \d and \s (str patterns) are is_alnum(c) || c == '_', is_decimal(c) and is_space(c).
inline bool is_word(char32_t c) { return c == U'_' || is_alnum(c); }
inline bool is_ascii(char32_t c) { return c < 0x80; }

// -- whole strings: false for "" but is_ascii, as in Python
bool is_ascii(View s);
bool is_alpha(View s);
bool is_alnum(View s);
bool is_decimal(View s);
bool is_digit(View s);
bool is_space(View s);
bool is_upper(View s);  // at least one cased letter, and none of another case
bool is_lower(View s);

Text lower(View s);
Text upper(View s);
Text capitalize(View s);
bool is_title(View s);  // str.istitle

Text nfc(View s);
Text nfd(View s);
// unicodedata.combining(c): 0 for most.
int combining(char32_t c);
// The first of NFKD if only combining marks stand behind it: a letter without its accents; else the character itself.
char32_t bare(char32_t c);
// The ASCII letter or digit that one in a style of its own (superscript, circled, mathematical) is read as; else itself.
char32_t styled(char32_t c);

inline bool starts_with(View s, View head) { return s.substr(0, head.size()) == head; }
inline bool ends_with(View s, View tail) {
  return s.size() >= tail.size() && s.substr(s.size() - tail.size()) == tail;
}
inline bool contains(View s, View part) { return s.find(part) != View::npos; }
inline bool contains(View s, char32_t c) { return s.find(c) != View::npos; }
View remove_prefix(View s, View head);
View remove_suffix(View s, View tail);

// s[from:to] of Python with non-negative positions: never out of range.
inline View slice(View s, std::size_t from, std::size_t to = View::npos) {
  if (from >= s.size() || to <= from) return {};
  return s.substr(from, to - from);
}

// strip() takes white space off; with `signs`, those.
View strip(View s);
View lstrip(View s);
View rstrip(View s);
View strip(View s, View signs);
View lstrip(View s, View signs);
View rstrip(View s, View signs);
// split(): at white space, no empty parts. split(s, sep): at each `sep`, empty parts stay.
std::vector<View> split(View s);
std::vector<View> split(View s, View separator);
Text join(View separator, const std::vector<Text>& parts);
Text join(View separator, const std::vector<View>& parts);
Text replace(View s, View what, View with);
Text text_of(std::int64_t number);

// -- UTF-8
std::string utf8(View s);
// Nothing if the bytes are no strict UTF-8 (overlong forms, surrogates, above U+10FFFF).
std::optional<Text> from_utf8(std::string_view bytes);
// Of literals known to be ASCII.
inline Text ascii(std::string_view s) { return Text(s.begin(), s.end()); }
// repr() of a Python string, in UTF-8: with which error messages quote what the person typed.
std::string repr(View s);

}  // namespace obclip

#endif
