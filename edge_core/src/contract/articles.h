// The indefinite article before a word, by a fixed public table (obclip_contract/articles.py).
#ifndef OBCLIP_CONTRACT_ARTICLES_H
#define OBCLIP_CONTRACT_ARTICLES_H

#include "text/text.h"

namespace obclip {

// "a" or "an" before `following`: by its first word, skipping quotes and other marks. A literal: it lives for ever.
View article(View following);

}  // namespace obclip

#endif
