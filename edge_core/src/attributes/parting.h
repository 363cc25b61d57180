// Spaces into words about persons that are written as one (edge_sdk/attributes/parting.py).
#ifndef OBCLIP_ATTRIBUTES_PARTING_H
#define OBCLIP_ATTRIBUTES_PARTING_H

#include <utility>
#include <vector>

#include "lexicon/lexicon.h"
#include "text/text.h"

namespace obclip {

// The text with spaces where words about a person are written as one: "youngman", "#BlackGirlMagic".
Text without_glue(View text, const Lexicon& lex);
// Where the words begin and end that a run of letters is made of; the run itself if none says something of a person.
std::vector<std::pair<std::size_t, std::size_t>> parts_of(View word, const Lexicon& lex);

}  // namespace obclip

#endif
