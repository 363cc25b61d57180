// A prompt as it is read first: checked, its scope, and its implied words dealt with. The first half of closing.py
// (edge_sdk/privacy/closing.py), a file of its own for its size.
#include "privacy/settling.h"

#include <algorithm>
#include <set>

#include "attributes/language.h"
#include "attributes/normalising.h"
#include "attributes/reader.h"
#include "attributes/spans.h"
#include "privacy/limits.h"
#include "privacy/looking.h"

namespace obclip::closing {
namespace {

constexpr View IDENTITY = U"identity";
// ask, and CHOICES of attributes/findings.py
const char CHOICES[] = "ask, slot, generalise, allow, refuse";

std::string listed(const std::vector<Text>& words) { return utf8(join(U", ", words)); }
std::string spoken(View axis) { return utf8(replace(axis, U"_", U" ")); }

bool holds(const std::vector<Text>& words, View word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// The smallest of `words` that is not known.
std::optional<Text> stray(const std::vector<Text>& words, const std::vector<Text>& known) {
  std::optional<Text> least;
  for (const Text& word : words) {
    if (!holds(known, word) && (!least || word < *least)) least = word;
  }
  return least;
}

Error no_axis(const char* what, View axis, const std::vector<Text>& known) {
  return input_error(std::string("there is no ") + what + " " + repr(axis) + "; known: " + listed(known));
}

// What was decided: a dictionary by finding.
using Decided = std::vector<std::pair<Finding, Decision>>;

const Decision* decision_on(const Decided& decided, const Finding& finding) {
  for (const auto& row : decided) {
    if (row.first == finding) return &row.second;
  }
  return nullptr;
}

Decided decide_all(const std::vector<Finding>& findings, const Decide& decide) {
  Decided decided;
  for (const Finding& f : findings) {
    if (!f.strong && f.slot.empty()) continue;
    const Decision now = decide(f);
    const auto at = std::find_if(decided.begin(), decided.end(), [&f](const auto& row) { return row.first == f; });
    if (at == decided.end()) {
      decided.emplace_back(f, now);
    } else {
      at->second = now;
    }
  }
  return decided;
}

std::vector<std::string> notes_on(const std::vector<Finding>& findings, const Decided& decided) {
  std::vector<std::string> notes;
  for (const Finding& f : findings) {
    const Decision* known = decision_on(decided, f);
    const Decision choice = known == nullptr ? Decision::ALLOW : *known;
    if (choice != Decision::SLOT && choice != Decision::GENERALISE) {
      notes.push_back(repr(f.surface) + " stays readable for the cloud and can hint at " + spoken(f.axis));
    } else if (f.axis != IDENTITY || choice != Decision::SLOT) {
      notes.push_back(repr(f.surface) + " was replaced or left out, because it can hint at " + spoken(f.axis));
    }
  }
  return each_once(std::move(notes));
}

}  // namespace

Error implied_error(std::string message, std::vector<Finding> findings, std::vector<Finding>* implied_words) {
  if (implied_words != nullptr) *implied_words = std::move(findings);
  return {Refusal::IMPLIED, std::move(message)};
}

std::string whys(const std::vector<Finding>& findings) {
  std::string out;
  for (const Finding& f : findings) {
    if (!out.empty()) out += "; ";
    out += f.why();
  }
  return out;
}

std::vector<std::string> each_once(std::vector<std::string> notes) {
  std::vector<std::string> out;
  for (std::string& note : notes) {
    if (std::find(out.begin(), out.end(), note) == out.end()) out.push_back(std::move(note));
  }
  return out;
}

Status check_text(View prompt, const Lexicons& lexicons) {
  OBCLIP_CHECK(check_prompt(prompt));
  const Text hidden = hidden_characters(prompt, lexicons.get());
  if (!hidden.empty()) {
    return input_error("the prompt holds invisible characters (" + utf8(hidden) +
                       "), which could hide a word from detection; type it anew");
  }
  const Text mixed = mixed_script(prompt);
  if (!mixed.empty()) {
    return input_error("the word " + repr(mixed) +
                       " mixes letters of several scripts, which could hide it from detection; type it anew");
  }
  return done();
}

Result<Scope> scope_of(const Privacy& privacy) {
  const std::vector<Text>& opt_in = privacy.opt_in;
  if (const auto bad = stray(opt_in, opt_in_axes())) return no_axis("opt-in axis", *bad, opt_in_axes());
  std::vector<Text> known = default_axes();
  known.insert(known.end(), opt_in.begin(), opt_in.end());
  Scope scope;
  scope.opt_in = AxisSet(opt_in.begin(), opt_in.end());
  scope.axes = AxisSet(known.begin(), known.end());
  if (privacy.axes) {
    if (const auto bad = stray(*privacy.axes, known)) return no_axis("axis", *bad, known);
    if (privacy.axes->empty()) return input_error("name at least one axis to hide");
    scope.axes = AxisSet(privacy.axes->begin(), privacy.axes->end());
  }
  if (privacy.unspecified) scope.unspecified = privacy.axes ? scope.axes : AxisSet{Text(U"gender")};
  return scope;
}

Result<Domains> checked_domains(const Privacy& privacy, const Lexicon& lex) {
  Domains out;
  for (const auto& [axis, values] : privacy.domains) {
    const auto known = lex.values.find(View(axis));
    if (known == lex.values.end()) {
      return no_axis("axis", axis, std::vector<Text>(lex.axes.begin(), lex.axes.end()));
    }
    const Words& words = known->second;
    const bool strays = std::any_of(values.begin(), values.end(), [&words](const Text& v) {
      return std::find(words.begin(), words.end(), View(v)) == words.end();
    });
    if (values.empty() || strays) return input_error("values of " + utf8(axis) + " are: " + utf8(join(U", ", words)));
    out[axis] = values;
  }
  return out;
}

bool allows_all(const OnImplied& on_implied) { return !on_implied.decide && on_implied.word == U"allow"; }

Result<std::vector<std::string>> checked_language(View prompt, const Lexicon& lex, const OnImplied& on_implied) {
  const auto other = other_language(prompt, lex);
  if (!other) return std::vector<std::string>();
  std::string told;
  for (std::size_t i = 0; i < other->second.size() && i < 3; ++i) {
    if (i > 0) told += ", ";
    told += repr(other->second[i]);
  }
  const std::string says = "the prompt seems to be written in " + utf8(other->first) + " (" + told +
                           "); attributes are found in English only, ";
  if (!allows_all(on_implied)) {
    return privacy_error(says +
                         "so they could not be hidden. Write it in English, or make the picture on the device alone. "
                         "Nothing was sent");
  }
  return std::vector<std::string>{says + "and words of another language stay readable"};
}

Result<Decide> decider(const OnImplied& on_implied) {
  if (on_implied.decide) {
    return Decide([decide = on_implied.decide](const Finding& f) {
      return f.covered ? Decision::GENERALISE : decide(f);
    });
  }
  const std::optional<Decision> all = decision_of(on_implied.word);
  if (!all) {
    return input_error("there is no choice " + repr(on_implied.word) + " for implied words; known: " + CHOICES);
  }
  const bool asks = *all == Decision::REFUSE || *all == Decision::ASK;
  return Decide([all = *all, asks](const Finding& f) { return f.covered && asks ? Decision::GENERALISE : all; });
}

Result<Settled> settled(View prompt, const Scope& scope, const OnImplied& on_implied, const Detector* detector,
                        const Lexicons& lexicons, std::vector<Finding>* implied_words) {
  Document reading = read(prompt, scope, lexicons);
  const std::vector<Span> found = spans(reading);
  std::vector<Finding> findings = without_artists(implied(reading, found), reading, detector);
  if (detector != nullptr) {
    std::vector<std::pair<int, int>> known;
    add_stretches(found, known);
    add_stretches(findings, known);
    const std::vector<Finding> more = detected(*detector, reading, std::move(known));
    findings.insert(findings.end(), more.begin(), more.end());
  }
  OBCLIP_TRY(const Decide decide, decider(on_implied));
  const Decided decided = decide_all(findings, decide);
  std::vector<Finding> refused;
  for (const Finding& f : strong(findings)) {
    const Decision* choice = decision_on(decided, f);
    if (choice == nullptr || *choice == Decision::REFUSE || *choice == Decision::ASK) refused.push_back(f);
  }
  if (!refused.empty()) {
    return implied_error("words outside the slots stay readable for the cloud: " + whys(refused) +
                             ". Take them out, or choose on_implied: slot (say it as an attribute, which is hidden), "
                             "generalise (say less), or allow (go on knowingly). Nothing was sent",
                         refused, implied_words);
  }
  Scope wider = scope;
  std::set<Text, std::less<>> allowed;
  for (const auto& [f, choice] : decided) {
    if (f.axis == IDENTITY && choice == Decision::SLOT) {
      wider.opt_in.insert(U"first_names");
      wider.axes.insert(U"first_names");
    }
    if (choice == Decision::ALLOW) allowed.insert(lower(f.surface));
  }
  Text wording = settle(reading, findings, [&decided](const Finding& f) {
    const Decision* choice = decision_on(decided, f);
    return choice == nullptr ? Decision::ALLOW : *choice;
  });
  std::vector<std::string> notes = notes_on(findings, decided);
  return Settled{std::move(reading), std::move(wording), std::move(wider), std::move(notes), std::move(allowed)};
}

Status check_settled(const Document& reading, const OnImplied& on_implied, const Detector* detector,
                     std::vector<Finding>* implied_words) {
  OBCLIP_TRY(const Decide decide, decider(on_implied));
  std::vector<Finding> left;
  for (const Finding& f : strong(without_artists(implied(reading, spans(reading)), reading, detector))) {
    if (decide(f) == Decision::ALLOW) continue;
    if (f.axis != IDENTITY || !reading.hides(U"first_names")) left.push_back(f);
  }
  if (left.empty()) return done();
  return implied_error("words outside the slots could not be taken out: " + whys(left) +
                           ". Leave them out, or choose on_implied: allow (go on knowingly). Nothing was sent",
                       left, implied_words);
}

Status check_strict(const Document& reading) {
  std::vector<std::string> words;
  for (const Mark& m : reading.marks) {
    if (m.near && m.kind != Kind::WORD && m.kind != Kind::STOP) words.push_back(repr(m.text(reading.prompt)));
  }
  if (words.empty()) return done();
  std::string told;
  for (const std::string& word : each_once(std::move(words))) {
    if (!told.empty()) told += ", ";
    told += word;
  }
  return privacy_error("on no list of values: " + told +
                       "; say a listed value, or allow the nearest. Nothing was sent");
}

}  // namespace obclip::closing
