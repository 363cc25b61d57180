// The passes in their order (edge_sdk/attributes/passes/__init__.py). Each has a file named after it, and none calls another.
#ifndef OBCLIP_ATTRIBUTES_PASSES_PASSES_H
#define OBCLIP_ATTRIBUTES_PASSES_PASSES_H

#include "attributes/document.h"

namespace obclip::passes {

// From tokens to marks.
void years(Document& document);
void letters(Document& document);
void codes(Document& document);
void skins(Document& document);
void origins(Document& document);
void match(Document& document);
void pairs(Document& document);
void people(Document& document);
void quotes(Document& document);
void models(Document& document);
// From marks to persons and verdicts.
void cases(Document& document);
void animals(Document& document);
void scoping(Document& document);
void palettes(Document& document);
void stand_ins(Document& document);
void neutral(Document& document);
void mentions(Document& document);
void nouns(Document& document);
void traits(Document& document);
void names(Document& document);
void ages(Document& document);
void tones(Document& document);
void lists(Document& document);
void pronouns(Document& document);
void presence(Document& document);
void numbering(Document& document);

}  // namespace obclip::passes

#endif
