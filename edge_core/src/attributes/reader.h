// From a prompt to its document: every pass, once, in order (edge_sdk/attributes/reader.py).
#ifndef OBCLIP_ATTRIBUTES_READER_H
#define OBCLIP_ATTRIBUTES_READER_H

#include <memory>

#include "attributes/document.h"
#include "lexicon/loading.h"

namespace obclip {

// The document refers to a lexicon of `lexicons`, which has to live longer.
Document read(View prompt, const Scope& scope, const Lexicons& lexicons);

}  // namespace obclip

#endif
