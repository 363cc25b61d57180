// A prompt as it is read first: checked, its scope, and its implied words dealt with. The first half of closing.py.
#ifndef OBCLIP_PRIVACY_SETTLING_H
#define OBCLIP_PRIVACY_SETTLING_H

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "attributes/document.h"
#include "attributes/findings.h"
#include "attributes/slots.h"
#include "lexicon/loading.h"
#include "privacy/choices.h"
#include "result.h"

namespace obclip::closing {

// By axis, the values that are left: a dictionary.
using Domains = std::map<Text, std::vector<Text>, std::less<>>;

Status check_text(View prompt, const Lexicons& lexicons);
Result<Scope> scope_of(const Privacy& privacy);
Result<Domains> checked_domains(const Privacy& privacy, const Lexicon& lex);
// Whether every implied word is allowed: nobody looks twice then.
bool allows_all(const OnImplied& on_implied);
// A note, where a prompt of another language is allowed.
Result<std::vector<std::string>> checked_language(View prompt, const Lexicon& lex, const OnImplied& on_implied);
// What is done with each finding. Where its axis is hidden anyway, saying less loses little: nobody is asked.
Result<Decide> decider(const OnImplied& on_implied);

struct Settled {
  Document reading;
  Text wording;  // the prompt's words with the implied ones dealt with
  Scope scope;   // with first names if they became slots
  std::vector<std::string> notes;
  std::set<Text, std::less<>> allowed;
};
Result<Settled> settled(View prompt, const Scope& scope, const OnImplied& on_implied, const Detector* detector,
                        const Lexicons& lexicons, std::vector<Finding>* implied_words);
// What was to be taken out of the prompt is gone from what is sent.
Status check_settled(const Document& reading, const OnImplied& on_implied, const Detector* detector,
                     std::vector<Finding>* implied_words);
// Refuses what is not a canonical value.
Status check_strict(const Document& reading);

// An ImpliedError: `message` speaks of `findings`, which the caller is given.
Error implied_error(std::string message, std::vector<Finding> findings, std::vector<Finding>* implied_words);
// "; ".join(f.why for f in findings)
std::string whys(const std::vector<Finding>& findings);
// The reference's tuple(dict.fromkeys(...)).
std::vector<std::string> each_once(std::vector<std::string> notes);

}  // namespace obclip::closing

#endif
