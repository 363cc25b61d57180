// Words of axes that are not hidden are plain words (edge_sdk/attributes/passes/scoping.py).
#include "attributes/passes/passes.h"

namespace obclip::passes {
namespace {

// "policeman" with its profession hidden: a gender before a role.
void add_professions(const Document& document, const Mark& m, std::vector<Mark>& out) {
  Mark role = m;
  if (!m.noun || !m.noun->gender) {
    role.kind = Kind::NOUN;
    role.place = Place::PROFESSION;
    out.push_back(std::move(role));
    return;
  }
  Mark gender;
  gender.start = gender.end = m.start;
  gender.kind = Kind::NOUN;
  gender.noun = Noun{NounKind::ADJECTIVE, false, m.noun->gender, std::nullopt, document.lex.gender_adjectives};
  gender.literal = U"{} ";
  out.push_back(std::move(gender));
  role = Mark{};
  role.start = m.start;
  role.end = m.end;
  role.kind = Kind::NOUN;
  role.word = m.word;
  role.noun = Noun{NounKind::ROLE, m.noun->plural};
  role.value = m.value;
  role.place = Place::PROFESSION;
  out.push_back(std::move(role));
}

}  // namespace

void scoping(Document& document) {
  std::vector<Mark> out;
  for (int i = 0; i < document.size(); ++i) {
    const Mark& m = document.marks[i];
    if (m.kind == Kind::TRAIT && m.trait && !document.hides(m.trait->axis)) {
      document.dismiss(i, Reason::PUBLIC);
    } else if (m.kind == Kind::PROFESSION) {
      add_professions(document, m, out);
      continue;
    }
    out.push_back(document.marks[i]);
  }
  document.insert(std::move(out));
}

}  // namespace obclip::passes
