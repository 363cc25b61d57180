// Answers what each function of text.h says: "char N" of a code point, a JSON string of a text, "bytes HEX" of UTF-8.
#include <string>

#include "lines.h"
#include "text/text.h"
#include "request_line.h"

namespace {

using namespace obclip;
using testing::quote;

std::string flags(char32_t c) {
  std::string out;
  for (bool is : {is_space(c), is_alpha(c), is_alnum(c), is_decimal(c), is_digit(c), is_upper(c), is_lower(c),
                  is_hidden(c), is_mark(c), is_printable(c), is_latin(c), is_wide_latin(c)}) {
    out += is ? '1' : '0';
  }
  const View one(&c, 1);
  for (const Text& made : {lower(one), upper(one), capitalize(one), nfc(one), nfd(one), Text(1, bare(c)),
                           Text(1, styled(c))}) {
    out += " " + quote(made);
  }
  return out + " " + std::to_string(combining(c));
}

std::string whole(View s) {
  std::string out;
  for (bool is : {is_ascii(s), is_alpha(s), is_alnum(s), is_decimal(s), is_digit(s), is_space(s), is_upper(s),
                  is_lower(s), is_title(s)}) {
    out += is ? '1' : '0';
  }
  for (const Text& made : {lower(s), upper(s), capitalize(s), nfc(s), nfd(s), Text(strip(s)), Text(lstrip(s, U"aA ")),
                           join(U"|", split(s)), join(U"|", split(s, U"a")), replace(s, U"a", U"bb")}) {
    out += " " + quote(made);
  }
  const std::string said = repr(s);
  const auto back = from_utf8(said);
  return out + " " + (back ? quote(*back) : "bad");
}

}  // namespace

int main() {
  return testing::serve([](std::string_view line) -> std::string {
    if (line.substr(0, 5) == "char ") {
      char32_t code = 0;
      for (char digit : line.substr(5)) code = code * 10 + static_cast<char32_t>(digit - '0');
      return flags(code);
    }
    if (line.substr(0, 6) == "bytes ") {
      const auto read = from_utf8(testing::Request(line.substr(6)).bytes());
      return read ? quote(*read) : "bad";
    }
    const auto text = testing::unquote(line);
    return text ? whole(*text) : "bad line";
  });
}
