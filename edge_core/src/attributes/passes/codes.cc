// Tones of skin as codes of colours: "skin #8d5524", "skin rgb(141, 85, 36)" (edge_sdk/attributes/passes/codes.py).
#include "attributes/looking_up.h"
#include "attributes/passes/passes.h"

namespace obclip::passes {
namespace {

constexpr int MOST_BETWEEN = 4;  // words that may stand between "skin" and the code
constexpr std::size_t RGB = 3;

struct Code {
  int value, end;
};

bool is_hex(char32_t c) { return (c >= U'0' && c <= U'9') || (c >= U'a' && c <= U'f'); }

int hex_value(View digits) {
  int out = 0;
  for (char32_t c : digits) out = out * 16 + static_cast<int>(c <= U'9' ? c - U'0' : c - U'a' + 10);
  return out;
}

// The tone by how bright red, green and blue are together to the eye (Rec. 601).
int tone_of(const std::vector<int>& parts) {
  const int bright = (299 * parts[0] + 587 * parts[1] + 114 * parts[2]) / 1000;
  int tone = 0;
  for (int least : {210, 175, 125, 80}) {
    if (bright >= least) return tone;
    ++tone;
  }
  return tone;
}

std::optional<Code> hex_code(const Tokens& tokens, int i) {
  int j = i + 1;
  Text digits;
  while (j < tokens.size() && tokens.starts[j] == tokens.ends[j - 1] &&
         std::all_of(tokens.texts[j].begin(), tokens.texts[j].end(), is_hex)) {
    digits += tokens.texts[j];
    ++j;
  }
  if (digits.size() != RGB && digits.size() != 2 * RGB) return std::nullopt;
  const std::size_t step = digits.size() / RGB;
  std::vector<int> parts;
  for (std::size_t k = 0; k < digits.size(); k += step) {
    const Text part = digits.substr(k, step);
    parts.push_back(hex_value(step == 1 ? part + part : part));
  }
  return Code{tone_of(parts), j};
}

// The tone of the code that begins at token i, and the token behind it.
std::optional<Code> code_at(const Tokens& tokens, int i) {
  if (at(tokens, i) == U"#") return hex_code(tokens, i);
  if (at(tokens, i) != U"rgb") return std::nullopt;
  std::vector<int> parts;
  int j = i + 1;
  while (j < tokens.size() && parts.size() < RGB) {
    const View text = at(tokens, j);
    const bool number = is_decimal(text) && text.size() <= RGB;
    if (text != U"(" && text != U"," && !number) break;
    if (number) parts.push_back(whole_number(text));
    ++j;
  }
  if (parts.size() != RGB) return std::nullopt;
  return Code{tone_of(parts), j + (at(tokens, j) == U")")};
}

Mark made(const Document& document, int start, int stop, int value) {
  const Words* values = find_in(document.lex.values, U"skin_tone");
  Mark mark;
  mark.start = start;
  mark.end = stop;
  mark.kind = Kind::SKIN;
  mark.value = value;
  if (values != nullptr) mark.word = Text((*values)[static_cast<std::size_t>(value)]);
  mark.near = true;
  return mark;
}

void add(Document& document, int i, int end, int value, bool prefix, int upto) {
  const Tokens& tokens = document.tokens;
  Mark mark = made(document, tokens.starts[i], tokens.ends[end - 1], value);
  mark.prefix = prefix;
  document.special.push_back({tokens.starts[i], tokens.ends[upto - 1], mark});
}

// "skin #8d5524": said before the word, as members say it; behind "skin tone:" it stays where it is.
void behind_skin(Document& document, int i, int end, int value) {
  const Tokens& tokens = document.tokens;
  int j = i - 1;
  bool says = false, bracket = false;
  while (j >= 0 && i - j <= MOST_BETWEEN && document.in_class(U"before_codes", at(tokens, j))) {
    says = says || is_one_of(at(tokens, j), {U":", U"=", U"is", U"tone", U"color", U"colour"});
    bracket = bracket || at(tokens, j) == U"(";
    --j;
  }
  if (j < 0 || !document.in_class(U"skin_words", at(tokens, j))) return;
  if (says && !bracket) {
    add(document, i, end, value, false, end);
    return;
  }
  if (bracket && at(tokens, end) == U")") ++end;
  Mark mark = made(document, tokens.starts[j], tokens.ends[end - 1], value);
  mark.literal = U"{} skin";
  document.special.push_back({mark.start, mark.end, mark});
}

}  // namespace

void codes(Document& document) {
  const Tokens& tokens = document.tokens;
  for (int i = 0; i < tokens.size();) {
    const auto found = code_at(tokens, i);
    if (!found) {
      ++i;
      continue;
    }
    const int behind = found->end + (at(tokens, found->end) == U"-");
    if (document.in_class(U"skin_words", at(tokens, behind))) {
      add(document, i, found->end, found->value, document.in_class(U"skinned", at(tokens, behind)), behind + 1);
    } else {
      behind_skin(document, i, found->end, found->value);
    }
    i = found->end;
  }
}

}  // namespace obclip::passes
