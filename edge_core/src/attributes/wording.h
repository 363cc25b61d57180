// The text around the slots: what a removed word leaves, articles that must fit again, capitals that stay
// (edge_sdk/attributes/wording.py).
#ifndef OBCLIP_ATTRIBUTES_WORDING_H
#define OBCLIP_ATTRIBUTES_WORDING_H

#include <utility>
#include <vector>

#include "attributes/document.h"
#include "contract/grid.h"

namespace obclip {

// Where a removed word stood: the article before it must fit again.
inline constexpr char32_t GONE = 0;

// Text from `at` to a removed mark, and where the text behind it goes on.
std::pair<Text, int> cut_before(const Document& document, int at, const Mark& mark);
// Brackets that open, and that close with their weight, inside a replaced stretch and have no partner there.
std::pair<Text, Text> weights_within(const Document& document, const Mark& mark);
// "a"/"an" before a slot become an article marker, and are right before words that moved next to them.
Text fit_articles(View template_);
// A slot that begins a sentence is capitalised when its word was; `raised` are the slots whose word was.
void keep_capitals(View template_, Phrases& phrases, View prompt, const std::vector<Text>& raised);

}  // namespace obclip

#endif
