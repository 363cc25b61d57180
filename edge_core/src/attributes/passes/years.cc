// Ages in numbers: "30-year-old", "aged 40", "mid-forties", "born in 1950" (edge_sdk/attributes/passes/years.py).
#include <array>

#include "attributes/looking_up.h"
#include "attributes/passes/passes.h"

namespace obclip::passes {
namespace {

constexpr int OLDEST = 120;
constexpr int REFERENCE_YEAR = 2025, BORN_FROM = 1900, DAYS = 31;
constexpr int AT_GRADUATION = 18, CENTURY = 1900, LEAST_BARE = 13, FEW = 3, HOURS = 24;

struct Number {
  int value, end;
};

bool is_opener(View sign) { return is_one_of(sign, {U",", U"(", U";", U"|", U"\u2014"}); }
bool is_closer(View sign) { return is_one_of(sign, {U",", U";", U".", U")", U"|", U"\u2014"}); }
bool is_rating(int value) { return value == 13 || value == 16 || value == 18 || value == 21; }

class Years {
 public:
  explicit Years(Document& document) : document_(document), lex_(document.lex), tokens_(document.tokens) {}

  bool may_start(View text) const {
    return is_opener(text) || text == U"-" || in(U"age_openers", text) || in(U"decade_parts", text) ||
           in(U"decade_owners", text) || lex_.numbers.count(text) != 0 || lex_.decades.count(text) != 0;
  }

  // Every form that can begin at token i; the token behind it, or i.
  int read_at(int i) {
    using Form = int (Years::*)(int);
    constexpr Form FORMS[] = {&Years::decade, &Years::stated, &Years::counted, &Years::passing,
                              &Years::led,    &Years::born,   &Years::said,    &Years::grouped,
                              &Years::bare};
    for (Form form : FORMS) {
      const int end = (this->*form)(i);
      if (end > i) return end;
    }
    return i;
  }

 private:
  View at(int i) const { return obclip::at(tokens_, i); }
  bool in(View name, View word) const { return lex_.in_class(name, word); }
  bool glued(int i) const { return i > 0 && i < tokens_.size() && tokens_.starts[i] == tokens_.ends[i - 1]; }

  std::optional<Number> number(int i) const;
  int take(int i, int end, int value);
  std::optional<Number> decade_at(int i) const;
  int decade(int i);
  int stated(int i);
  int counted(int i);
  std::optional<Number> unit(int i, int j, int value, int end) const;
  int passing(int i);
  int led(int i);
  int born(int i);
  std::optional<Number> year(int j) const;
  int said(int i);
  int grouped(int i);
  int people(int i, int end, int value);
  int bare(int i);
  int before_approximately(int i) const;
  int approximately(int i) const;

  template <class Test>
  int skip(int i, Test test) const {
    while (i < tokens_.size() && test(at(i))) ++i;
    return i;
  }
  bool behind_person(int i) const {
    const Noun* noun = noun_of(lex_, at(i - 1));
    return noun != nullptr && !noun->plural && !noun->collective;
  }
  bool behind_child(int i) const {
    const Noun* noun = noun_of(lex_, at(i - 1));
    return noun != nullptr && noun->age == 0;
  }
  bool is_name(int i) const { return i > 0 && is_upper(document_.prompt[tokens_.starts[i]]); }
  bool ends_here(int i) const { return closes(i) || in(U"clause_starts", at(i)); }
  // A sign that sets off what follows, or what stands before; or an end of the prompt.
  bool opens(int i) const { return at(i).empty() || is_opener(at(i)) || is_dash(i); }
  bool closes(int i) const { return at(i).empty() || is_closer(at(i)) || is_dash(i); }
  // "baker - 30 - tired"
  bool is_dash(int i) const { return at(i) == U"-" && i > 0 && !glued(i) && !glued(i + 1); }
  int age_of(int years) const { return lex_.age_of(years); }

  Document& document_;
  const Lexicon& lex_;
  const Tokens& tokens_;
};

// A number at token i, and the token behind it: "42", "sixty-five", "thirtyish".
std::optional<Number> Years::number(int i) const {
  const View text = at(i), next = at(i + 1);
  const View after = at(i + 2) != U"-" ? at(i + 2) : at(i + 3);
  const bool pair = text.size() == 1 && next.size() == 1 && is_decimal(text) && is_decimal(next);
  if (pair && (in(U"year_units", after) || after == U"yo" || after == U"y")) {  // "2 5 yo": digits set apart
    return Number{10 * digit_value(text[0]) + digit_value(next[0]), i + 2};
  }
  if (is_decimal(text) && text.size() <= 3) {
    if (whole_number(text) > OLDEST) return std::nullopt;
    return Number{whole_number(text), i + 1};
  }
  if (ends_with(text, U"ish")) {
    if (const int* value = find_in(lex_.numbers, text.substr(0, text.size() - 3))) return Number{*value, i + 1};
  }
  if (text == U"one" && next == U"hundred") return number(i + 1);
  const int* value = find_in(lex_.numbers, text);
  if (value == nullptr) return std::nullopt;
  const int j = next == U"-" ? i + 2 : i + 1;
  const int* small = find_in(lex_.numbers, at(j));
  const int ones = small == nullptr ? 0 : *small;
  if (*value >= 20 && ones >= 1 && ones <= 9) return Number{*value + ones, j + 1};
  return Number{*value, i + 1};
}

// Where the words before token i begin that only say how sure it is: "about", "ca.".
int Years::before_approximately(int i) const {
  while (true) {
    if (in(U"approximately", at(i - 1))) {
      --i;
    } else if (at(i - 1) == U"." && glued(i - 1) && in(U"approximately", at(i - 2))) {
      i -= 2;
    } else {
      return i;
    }
  }
}

// The token behind such words and behind those that lead to a number: "not yet", "nearly", "c.".
int Years::approximately(int i) const {
  while (in(U"approximately", at(i)) || in(U"age_path", at(i))) i += at(i + 1) == U"." && glued(i + 1) ? 2 : 1;
  return i;
}

// Mark tokens i to end as an age value.
int Years::take(int i, int end, int value) {
  i = before_approximately(i);
  if (in(U"bounds", at(i - 1)) && in(U"before_bounds", at(i - 2))) i -= 2;  // "up to 80 years old"
  Mark mark;
  mark.start = tokens_.starts[i];
  mark.end = tokens_.ends[end - 1];
  mark.kind = Kind::AGE;
  mark.word = lower(slice(document_.text, mark.start, mark.end));
  mark.value = value;
  mark.place = Place::YEARS;
  mark.near = true;
  document_.special.push_back({mark.start, mark.end, mark});
  return end;
}

// "forties", "40s", "40's": years, and the token behind.
std::optional<Number> Years::decade_at(int i) const {
  const View text = at(i);
  if (const int* years = find_in(lex_.decades, text)) return Number{*years, i + 1};
  const int j = at(i + 1) == U"'" && glued(i + 1) && glued(i + 2) ? i + 2 : i + 1;
  if (is_decimal(text) && at(j) == U"s" && glued(j)) {
    if (const int* years = find_in(lex_.decades, Text(text) + U's')) return Number{*years, j + 1};
  }
  return std::nullopt;
}

// "in her (early) sixties", "mid-forties", "(..., 50s)".
int Years::decade(int i) {
  int j = i;
  View who;
  if (at(i) == U"in" && in(U"decade_owners", at(i + 1))) {
    who = at(i + 1);
    j = i + 2;
  } else if (in(U"decade_owners", at(i)) && at(i - 1) != U"in") {
    who = at(i);  // "a commander his late twenties"
    j = i + 1;
  }
  const int first = j;
  while (in(U"decade_parts", at(j)) || (at(j) == U"-" && j > first)) ++j;
  const auto found = decade_at(j);
  if (!found) return i;
  const int value = age_of(found->value);
  int end = found->end;
  if (in(U"range_joints", at(end))) {
    if (const auto more = decade_at(end + 1)) end = more->end;  // "in her 20s or 30s"
  }
  if (!who.empty()) {
    while (in(U"age_verbs", at(i - 1)) && at(i) != U"in") --i;  // "entering his forties"
    Noun noun;
    noun.kind = NounKind::DECADE;
    noun.age = value;
    if (who != U"their") {
      const Words* owners = find_in(lex_.pronouns, U"possessive");
      for (std::size_t g = 0; owners != nullptr && g < owners->size() && !noun.gender; ++g) {
        if ((*owners)[g] == who) noun.gender = static_cast<int>(g);
      }
    }
    Mark mark;
    mark.start = tokens_.starts[i];
    mark.end = tokens_.ends[end - 1];
    mark.kind = Kind::DECADE;
    mark.word = lower(slice(document_.text, mark.start, mark.end));
    mark.noun = noun;
    mark.value = value;
    mark.near = true;
    document_.special.push_back({mark.start, mark.end, mark});
    return end;
  }
  // "in the late 50s"; "80s, portrait": what a prompt begins with is a style.
  const bool era = at(i - 1) == U"the" || (i == 0 && at(end) == U",");
  const bool opens = is_opener(at(i - 1)) || at(i - 1).empty(), closes = is_closer(at(end)) || at(end).empty();
  return (j > i || (opens && closes)) && !era ? take(i, end, value) : i;
}

// "aged 40", "age: 40", "at the age of 40", "of age 40ish", "age 30 to 40".
int Years::stated(int i) {
  const auto is_age = [](View word) { return word == U"age" || word == U"aged" || word == U"ages"; };
  const bool led_in = at(i) == U"at" || at(i) == U"of";
  if (!is_age(at(i)) && !led_in) return i;
  int j = led_in ? i + 1 : i;
  if (at(j) == U"the" && j > i) ++j;
  if (!is_age(at(j))) return i;
  j = approximately(skip(j + 1, [this](View word) { return in(U"age_statements", word); }));
  const int bracket = at(j) == U"(";
  auto found = decade_at(j + bracket);
  if (!found) found = number(j + bracket);
  if (!found) return i;
  if (is_one_of(at(found->end), {U"to", U"and", U"or", U"-"})) {
    if (const auto again = number(found->end + 1)) found = again;
  }
  int end = found->end;
  if (at(end) == U"and" && in(U"fractions", at(end + 2))) end += 3;  // "nine and a half"
  if (is_one_of(at(end), {U"ish", U"+", U"plus"})) ++end;
  if (at(end) == U"%" || at(end) == U"px" || (bracket && at(end) != U")")) return i;
  return take(i, end + bracket, age_of(found->value));
}

// "30-year-old", "30 years of age", "25yo", "6 months old", "20 to 30 years old", "30ish", "30-something".
int Years::counted(int i) {
  const int j = at(i) == U"of" ? skip(i + 1, [this](View word) { return in(U"approximately", word); }) : i;
  auto found = number(j);
  if (!found) return i;
  static constexpr std::array<std::array<View, 3>, 6> JOINTS = {{{U"to", U"", U""},
                                                                  {U"or", U"", U""},
                                                                  {U"and", U"", U""},
                                                                  {U"-", U"", U""},
                                                                  {U"-", U"to", U"-"},
                                                                  {U"-", U"or", U"-"}}};
  for (const auto& joint : JOINTS) {
    const int size = joint[1].empty() ? 1 : 3;
    bool stands = true;
    for (int k = 0; k < size; ++k) stands = stands && at(found->end + k) == joint[k];
    if (!stands) continue;
    if (const auto more = number(found->end + size)) {
      found = more;
      break;
    }
  }
  const auto age = unit(i, j, found->value, found->end);
  if (!age) return i;
  // "a man of sixty" takes the "of" with it, "a group of 30-year-old men" does not.
  const bool behind = i < j && behind_person(i) && ends_here(age->end);
  return take(behind ? i : j, age->end, age->value);
}

// What makes the number before token `end` an age: the age value, and the token behind.
std::optional<Number> Years::unit(int i, int j, int value, int end) const {
  const auto joint = [](View sign) { return sign == U"-" || sign == U"_"; };
  int k = skip(end, joint);
  if (at(k) == U"odd") k = skip(k + 1, joint);  // "a sixty-odd-year-old"
  const View unit = at(k);
  if (in(U"year_units", unit)) {
    k = skip(k + 1, [&joint](View sign) { return joint(sign) || sign == U"."; });
    if (is_one_of(at(k), {U"old", U"olds", U"young"})) return Number{age_of(value), k + 1};
    if (at(k) == U"of" && at(k + 1) == U"age") return Number{age_of(value), k + 2};
    const bool lone = opens(i - 1) && closes(k);
    const Noun* noun = noun_of(lex_, at(k));
    if (noun != nullptr && noun->gender && !noun->plural && value > 1) {
      return Number{age_of(value), k};  // "a 70 yr man"; "a 20 year veteran" is none
    }
    const bool behind = at(i) == U"of" && behind_person(i) && ends_here(k);
    if (lone || behind) return Number{age_of(value), k};
    return std::nullopt;
  }
  const auto old = [](View word) { return word == U"old" || word == U"olds"; };
  if (in(U"short_units", unit) && old(at(k + 1))) return Number{0, k + 2};
  if (in(U"short_units", unit) && opens(i - 1) && closes(k + 1) && behind_child(i - 1)) {
    return Number{0, k + 1};  // "a baby, 3 months, asleep"
  }
  if (in(U"short_units", unit) && at(k + 1) == U"-" && old(at(k + 2))) return Number{0, k + 3};
  if (is_one_of(unit, {U"yo", U"yos", U"yro"}) || (unit == U"y" && glued(k) && closes(k + 1))) {
    return Number{age_of(value), k + 1};
  }
  if (unit == U"y" && (at(k + 1) == U"/" || at(k + 1) == U".") && at(k + 2) == U"o") {
    return Number{age_of(value), k + 3 + (at(k + 3) == U"." && at(k + 1) == U".")};
  }
  if (is_one_of(unit, {U"ish", U"something", U"somethings", U"+", U"plus"}) && j == i && value >= 10) {
    const bool alone = opens(i - 1) && closes(k + 1) && !is_rating(value);
    const bool counts = (unit != U"+" && unit != U"plus") || noun_of(lex_, at(k + 1)) != nullptr || alone;
    if (counts) return Number{age_of(value), k + 1};
    return std::nullopt;
  }
  if (ends_with(at(j), U"ish") && j == i) return Number{age_of(value), end};
  if (i < j && behind_person(i) && ends_here(end) && (value >= 10 || behind_child(i))) {
    return Number{age_of(value), end};  // "a man of sixty", "a boy of nine"; "a mother of three" is none
  }
  return std::nullopt;
}

// "pushing 70", "nearing eighty", "turning 18", "well over 60".
int Years::passing(int i) {
  if (in(U"age_degrees", at(i)) && in(U"age_limits", at(i + 1))) {
    const auto found = number(i + 2);
    const bool good = found && found->value >= 1 && ends_here(found->end) && behind_person(i);
    return good ? take(i, found->end, age_of(found->value)) : i;
  }
  if (!in(U"age_passing", at(i))) return i;
  const auto found = number(i + 1);
  if (!found || found->value < 10 || !ends_here(found->end)) return i;
  while (in(U"age_passing_before", at(i - 1))) --i;  // "who has just turned 18"
  return take(i, found->end, age_of(found->value));
}

// A number that words lead to behind a person: "just shy of forty", "on the wrong side of 40", "over 60".
int Years::led(int i) {
  if (!behind_person(i)) return i;
  const int j = skip(i, [this](View word) { return in(U"age_path", word); });
  const auto found = number(j);
  bool core = false;
  for (int k = i; k < j; ++k) core = core || in(U"age_path_core", at(k));
  if (!found) return i;
  if (!core && !(j == i + 1 && at(i) == U"at" && found->value > HOURS)) return i;  // "an actor at 80"
  int end = found->end;
  const bool ends = ends_here(end) || in(U"time_words", at(end));
  if (!ends || !(found->value >= 10 || behind_child(i))) return i;
  if (in(U"time_words", at(end))) {  // "turning 80 next week"
    end = skip(end + 1, [this](View word) { return in(U"time_units", word); });
  }
  return take(i, end, age_of(found->value));
}

// "born in 1950", "born on 3 May 1951", "DOB: 1960", "(b. 1950)", "class of 1962".
int Years::born(int i) {
  const bool finishes = at(i) == U"class" && at(i + 1) == U"of";
  const bool brief = at(i) == U"b" && at(i + 1) == U"." && (opens(i - 1) || behind_person(i));
  if (!in(U"births", at(i)) && !finishes && !brief) return i;
  int j = i + 1 + finishes;
  while (!finishes && (in(U"birth_words", at(j)) || (is_decimal(at(j)) && whole_number(at(j)) <= DAYS))) ++j;
  const auto found = year(j);
  if (!found || found->value < BORN_FROM || found->value > REFERENCE_YEAR + AT_GRADUATION) return i;
  const int age = REFERENCE_YEAR - found->value + (finishes ? AT_GRADUATION : 0);
  return take(i, found->end, age_of(std::max(0, age)));
}

// The year at token j, and the token behind: "1950", "1950s", "the 60s", "'62".
std::optional<Number> Years::year(int j) const {
  if (is_decimal(at(j)) && at(j).size() == 4) {
    return Number{whole_number(at(j)), j + 1 + (at(j + 1) == U"s" && glued(j + 1))};
  }
  if (at(j) == U"'") ++j;
  if (const auto decade = decade_at(j)) return Number{CENTURY + decade->value, decade->end};
  if (!is_decimal(at(j)) || at(j).size() != 2) return std::nullopt;
  const int value = whole_number(at(j));
  return Number{value > DAYS ? CENTURY + value : CENTURY + 100 + value, j + 1};
}

// "who is 70", "he is 70 and she is 25", "she's about sixty".
int Years::said(int i) {
  const auto found = number(i);
  if (!found || !ends_here(found->end) || found->value < (is_decimal(at(i)) ? 1 : FEW)) return i;
  int j = i;
  while (in(U"approximately", at(j - 1)) || (in(U"age_path", at(j - 1)) && !in(U"age_copulas", at(j - 1)))) --j;
  const int k = j - 1;
  const bool brief = is_one_of(at(k), {U"s", U"re", U"m"}) && at(k - 1) == U"'";
  const View subject = at(brief ? k - 2 : k - 1);
  const bool somebody = in(U"age_subjects", subject) || noun_of(lex_, subject) != nullptr;
  if (!somebody || !(brief || in(U"age_copulas", at(k)))) return i;
  return take(j, found->end, age_of(found->value));
}

// ">60 baker", "over-60 runner", "U18 footballer", "the over-60s".
int Years::grouped(int i) {
  const View first = at(i);
  const bool under = is_one_of(first, {U"<", U"\u2264", U"under", U"u"});
  const bool sign = is_one_of(first, {U">", U"<", U"\u2265", U"\u2264", U"~", U"\u2248"});
  const bool joint = at(i + 1) == U"-" && glued(i + 1);
  const bool over = first == U"over" || first == U"under";
  const bool word = over && (joint || (at(i - 1) == U"the" && decade_at(i + 1)));
  if (!sign && !word && !(first == U"u" && (joint || glued(i + 1)))) return i;
  const int j = i + 1 + (joint || (sign && at(i + 1) == U"="));
  const auto decade = decade_at(j), found = number(j);
  if (!found && !decade) return i;
  const int end = decade ? decade->end : found->end;
  const int value = age_of((decade ? decade->value : found->value) - under);
  const bool several = at(end) == U"s" && glued(end);
  if (decade || several) return sign ? i : people(i, end + several, value);
  const bool alone = sign && opens(i - 1) && closes(end);
  const bool known = found->value >= LEAST_BARE;
  return known && (alone || noun_of(lex_, at(end)) != nullptr) ? take(i, end, value) : i;
}

// Mark tokens i to end as a noun for several of an age.
int Years::people(int i, int end, int value) {
  Mark mark;
  mark.start = tokens_.starts[i];
  mark.end = tokens_.ends[end - 1];
  mark.kind = Kind::NOUN;
  mark.word = lower(slice(document_.text, mark.start, mark.end));
  mark.noun = Noun{NounKind::NEUTRAL, true, std::nullopt, value};
  mark.value = value;
  mark.near = true;
  document_.special.push_back({mark.start, mark.end, mark});
  return end;
}

// A number set off behind a person: "a man, 80, in a park", "a woman (45)", "a baker, about sixty".
int Years::bare(int i) {
  const bool first = i == 0 && is_decimal(at(0));
  if (!opens(i) && !first) return i;
  const int j = first ? i : approximately(i + 1);
  bool led = false;
  for (int k = i + 1; k < j; ++k) {
    led = led || in(U"approximately", at(k)) || in(U"age_path_core", at(k)) || in(U"age_limits", at(k));
  }
  if (j > i + 1 && !led) return i;
  const auto found = number(j);
  if (!found || found->value < 1) return i;
  if ((first || !is_decimal(at(j))) && found->value < LEAST_BARE) return i;
  Number last = *found;
  if (at(found->end) == U"-" || at(found->end) == U"to") {
    if (const auto more = number(found->end + 1)) last = *more;
  }
  const int end = last.end;
  if (at(i) == U"(") {
    if (noun_of(lex_, at(i - 1)) == nullptr && !is_name(i - 1)) return i;
    return at(end) == U")" ? take(i, end + 1, age_of(last.value)) : i;
  }
  const bool decimal = at(end) == U"." && is_decimal(at(end + 1)) && glued(end + 1);
  if (decimal || !(led ? ends_here(end) : closes(end) && at(end) != U")")) return i;
  return take(led ? i + 1 : j, end, age_of(last.value));
}

}  // namespace

void years(Document& document) {
  Years reader(document);
  const int count = document.tokens.size();
  for (int i = 0; i < count;) {
    const View text = at(document.tokens, i);
    const bool may = reader.may_start(text) || is_decimal(text) || ends_with(text, U"ish");
    i = std::max(may ? reader.read_at(i) : i, i + 1);
  }
}

}  // namespace obclip::passes
