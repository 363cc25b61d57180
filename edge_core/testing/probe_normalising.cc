// Answers what normalising, spelling and language say: "WHAT OPT_IN NEUTRAL JSON", for `weights` with the marks behind.
// Argument: lexicon.bin.
#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>

#include "attributes/language.h"
#include "attributes/normalising.h"
#include "attributes/spelling.h"
#include "fields.h"
#include "lexicon/loading.h"
#include "lines.h"

namespace {

using namespace obclip;
using testing::Fields;
using testing::quote;

std::string list(const std::vector<Text>& texts) {
  std::string out = "[";
  for (const Text& t : texts) out += (out.size() > 1 ? ", " : "") + quote(t);
  return out + "]";
}

std::string spelled(View text, const Lexicon& lex) {
  const Tokens found = spell(tokens(text), lex);
  std::string out = list(found.texts);
  for (int i = 0; i < found.size(); ++i) {
    out += " " + std::to_string(found.starts[i]) + ":" + std::to_string(found.ends[i]);
  }
  return out;
}

Kind kind_of(View word) {
  for (int i = 0; i <= static_cast<int>(Kind::WORD); ++i) {
    if (value_of(static_cast<Kind>(i)) == word) return static_cast<Kind>(i);
  }
  return Kind::WORD;
}

// With the marks of the reference's document, so that it needs no pass.
std::string weights(const Text& prompt, Fields& fields, const Lexicon& lex) {
  const Text text = plain(prompt);
  Document document(prompt, prompt, text, spell(tokens(text), lex), lex, Scope());
  for (int left = fields.number(); left > 0; --left) {
    Mark mark;
    mark.start = fields.number();
    mark.end = fields.number();
    mark.kind = kind_of(fields.text());
    mark.word = fields.text();
    document.marks.push_back(mark);
  }
  const auto bare = without_weights(document);
  return bare ? quote(*bare) : "null";
}

std::string answer(std::string_view line, const Lexicons& lexicons) {
  Fields fields(line);
  const std::string what = fields.word();
  const std::string opt_in = fields.word();
  AxisSet axes;
  for (std::size_t from = 0; opt_in != "-" && from <= opt_in.size();) {
    const std::size_t comma = std::min(opt_in.find(',', from), opt_in.size());
    axes.insert(ascii(std::string_view(opt_in).substr(from, comma - from)));
    from = comma + 1;
  }
  const Lexicon& lex = lexicons.get(axes, fields.number() != 0);
  const Text text = fields.text();
  if (what == "compose") return quote(compose(text));
  if (what == "plain") return quote(plain(text));
  if (what == "hidden") return quote(hidden_characters(text, lex));
  if (what == "mixed") return quote(mixed_script(text));
  if (what == "emoji") return quote(without_emoji(text, lex));
  if (what == "choices") return quote(without_choices(text, lex));
  if (what == "fold") return quote(fold(text));
  if (what == "spell") return spelled(text, lex);
  if (what == "weights") return weights(text, fields, lex);
  if (what == "models") {
    const auto [left, names] = without_models(text, lex);
    return quote(left) + " " + list(names);
  }
  const auto other = other_language(text, lex);
  return other ? quote(other->first) + " " + list(other->second) : "null";
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) return 2;
  const auto lexicons = Lexicons::open(testing::read_file(arguments[1]));
  if (!lexicons) {
    std::fprintf(stderr, "%s\n", lexicons.error().message.c_str());
    return 1;
  }
  return testing::serve([&lexicons](std::string_view line) { return answer(line, **lexicons); });
}
