// Answers what a document holds after each pass: "UNTIL OPT_IN AXES UNSPECIFIED JSON", where UNTIL is the number of
// passes to run behind the marking ones, and the others are lists with commas or "-". Argument: lexicon.bin.
//
// The answer is a JSON list with one item for each stage; 0 where it changed nothing.
#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>

#include "attributes/joining.h"
#include "attributes/normalising.h"
#include "attributes/parting.h"
#include "attributes/passes/passes.h"
#include "attributes/spelling.h"
#include "fields.h"
#include "lexicon/loading.h"
#include "lines.h"

namespace {

using namespace obclip;
using testing::Fields;
using testing::quote;

using Pass = void (*)(Document&);
constexpr Pass MARKING[] = {passes::years,   passes::letters, passes::codes, passes::skins,  passes::origins,
                            passes::match,   passes::pairs,   passes::people, passes::quotes, passes::models};
constexpr Pass PASSES[] = {passes::cases,     passes::animals,  passes::scoping,  passes::palettes,
                           passes::stand_ins, passes::neutral,  passes::mentions, passes::nouns,
                           passes::traits,    passes::names,    passes::ages,     passes::tones,
                           passes::lists,     passes::pronouns, passes::presence, passes::numbering};

std::string show(bool value) { return value ? "true" : "false"; }
std::string show(int value) { return std::to_string(value); }
std::string show(View value) { return quote(value); }
std::string show(const Text& value) { return quote(value); }
std::string show(const Words& words);
std::string show(const Noun& n);
std::string show(const Trait& t);
std::string show(const Mark& m);
std::string show(const Special& s);
std::string show(const Person& p);
std::string show(const Dismissed& d) { return quote(value_of(d.reason)); }
template <class E, class = decltype(value_of(E()))>
std::string show(E value) {
  return quote(value_of(value));
}
template <class A, class B>
std::string show(const std::pair<A, B>& pair) {
  return "[" + show(pair.first) + "," + show(pair.second) + "]";
}
template <class T>
std::string show(const std::optional<T>& value) {
  return value ? show(*value) : "null";
}

template <class List>
std::string list(const List& items) {
  std::string out = "[";
  for (const auto& item : items) out += (out.size() > 1 ? "," : "") + show(item);
  return out + "]";
}
template <class First>
std::string row(const First& first) {
  return show(first);
}
template <class First, class... Rest>
std::string row(const First& first, const Rest&... rest) {
  return show(first) + "," + row(rest...);
}

std::string show(const Words& words) { return list(words); }
std::string show(const Noun& n) { return "[" + row(n.kind, n.plural, n.gender, n.age, n.forms, n.collective) + "]"; }
std::string show(const Trait& t) {
  return "[" + row(t.axis, t.value, t.adjective, t.singular, t.plural, t.behind, t.near, t.direct, t.gender) + "," +
         row(t.capital, t.place) + "]";
}
std::string show(const Mark& m) {
  return "[" + row(m.start, m.end, m.kind, m.word, m.noun, m.value, m.place, m.form, m.verb, m.prefix, m.trait) + "," +
         row(m.literal, m.near, m.was) + "]";
}
std::string show(const Special& s) { return "[" + row(s.start, s.end, s.mark) + "]"; }
// By axis: the reference puts unsaid axes in the order of a set, and nothing asks for it.
std::string show(const Person& p) {
  InOrder<int> values = p.values;
  std::sort(values.begin(), values.end());
  return "[" + list(values) + "," + show(p.plural) + "]";
}

std::string dump(const Document& document) {
  const std::map<int, int> owner(document.owner.begin(), document.owner.end());
  return "[" + show(document.prompt) + "," + list(document.marks) + "," + list(document.special) + "," +
         list(document.names) + "," + list(document.public_) + "," + list(document.left_out) + "," + list(owner) + "," +
         list(document.persons) + "," + list(document.dismissed) + "]";
}

class Dumper {
 public:
  void run(Document& document, Pass pass) {
    pass(document);
    std::string now = dump(document);
    out_ += (out_.empty() ? "[" : ",") + (now == last_ ? "0" : now);
    last_ = std::move(now);
  }
  std::string take() { return out_ + "]"; }

 private:
  std::string out_, last_;
};

AxisSet axes_of(const std::string& list) {
  AxisSet out;
  for (std::size_t from = 0; list != "-" && from <= list.size();) {
    const std::size_t comma = std::min(list.find(',', from), list.size());
    out.insert(ascii(std::string_view(list).substr(from, comma - from)));
    from = comma + 1;
  }
  return out;
}

std::string answer(std::string_view line, const Lexicons& lexicons) {
  Fields fields(line);
  const int passes = fields.number();
  Scope scope;
  scope.opt_in = axes_of(fields.word());
  scope.axes = axes_of(fields.word());
  scope.unspecified = axes_of(fields.word());
  const Lexicon& lex = lexicons.get(scope.opt_in, scope.unspecified.count(U"gender"sv) != 0);
  const Text parted = without_glue(without_emoji(compose(fields.text()), lex), lex);
  auto [said, models] = without_models(without_choices(parted, lex), lex);
  const Text typed = without_joins(said, lex);
  Dumper dumper;
  std::unique_ptr<Document> document;
  const auto mark = [&, typed = typed](const Text& prompt) {
    Text text = plain(prompt);
    Tokens found = spell(tokens(text), lex);
    document = std::make_unique<Document>(typed, prompt, std::move(text), std::move(found), lex, scope);
    for (Pass pass : MARKING) dumper.run(*document, pass);
  };
  mark(typed);
  while (const auto bare = without_weights(*document)) mark(*bare);
  document->lexicons = &lexicons;
  document->left_out = models;
  for (int i = 0; i < passes && i < static_cast<int>(std::size(PASSES)); ++i) dumper.run(*document, PASSES[i]);
  return dumper.take();
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
