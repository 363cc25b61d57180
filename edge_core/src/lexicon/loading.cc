// The lexicons of one opened file, by variant (edge_sdk/attributes/lexicon_file.py, `variant`).
#include "lexicon/loading.h"

#include <map>

#include "lexicon/making.h"

namespace obclip {
namespace {

Error refused(std::string message) { return {Refusal::LEXICON, std::move(message)}; }

// Classes of words that the passes ask for by name: a file without one is of another version.
const std::vector<View>& classes_used() {
  static const std::vector<View> USED = {
#include "lexicon/classes_used.inc"
  };
  return USED;
}

}  // namespace

struct Lexicons::Inside {
  explicit Inside(LexiconFile opened) : file(std::move(opened)), maker(file) {}
  const LexiconFile file;
  mutable Maker maker;
  Row root;
  mutable std::map<std::uint32_t, std::unique_ptr<const Lexicon>> made;

  // The flags of a variant by bit: the opt-in axes in their order, then words of no gender.
  static std::uint32_t mask(const AxisSet& opt_in, bool neutral) {
    std::uint32_t out = 0, bit = 1;
    for (const Text& axis : opt_in_axes()) {
      if (opt_in.count(axis) != 0) out |= bit;
      bit <<= 1;
    }
    return neutral ? out | bit : out;
  }

  std::unique_ptr<Lexicon> make(std::uint32_t flags, bool every_layer) const {
    auto lex = std::make_unique<Lexicon>();
    maker.make_base(root[2], *lex);
    const Row layers = file.row(root[3], Ref::TUPLE);
    for (std::size_t i = 0; i < layers.size; ++i) {
      const Row layer = file.row(layers[i], Ref::TUPLE);
      if (layer.size < 2 || layer.size % 2 != 0) {
        file.fail();
        break;
      }
      const auto own = static_cast<std::uint32_t>(file.integer(layer[0]));
      const bool exactly = file.boolean(layer[1]);
      if (every_layer || (exactly ? flags == own : (flags & own) == own)) maker.apply_layer(layer, 2, *lex);
    }
    return lex;
  }
};

Lexicons::Lexicons() = default;
Lexicons::~Lexicons() = default;

Result<std::unique_ptr<Lexicons>> Lexicons::open(std::string_view bytes) {
  OBCLIP_TRY(LexiconFile file, LexiconFile::open(bytes));
  std::unique_ptr<Lexicons> out(new Lexicons());
  out->inside_ = std::make_unique<Inside>(std::move(file));
  Inside& in = *out->inside_;
  const std::string damaged = "lexicon.bin is damaged: its tables do not fit each other. Install the package again";
  in.root = in.file.row(in.file.root(), Ref::TUPLE);
  if (in.root.size != 4) return refused(damaged);
  const View version = in.file.string(in.root[0]);
  const Row flags = in.file.row(in.root[1], Ref::TUPLE);
  bool same = version == LEXICON_VERSION && flags.size == opt_in_axes().size() + 1;
  for (std::size_t i = 0; same && i < flags.size; ++i) {
    const View expected = i + 1 < flags.size ? View(opt_in_axes()[i]) : View(U"neutral");
    same = in.file.string(flags[i]) == expected;
  }
  if (!same) {
    return refused("lexicon.bin is of lexicon version " + utf8(version) + ", and this code of version " +
                   utf8(LEXICON_VERSION) + ": run 'obclip lexicon build'");
  }
  // All layers once, so that a variant that is asked for later cannot be found to be damaged then.
  const auto all = in.make(0, true);
  for (View name : classes_used()) {
    if (all->words.count(name) == 0) return refused("lexicon.bin lacks the words " + repr(name) + ": it is of another version");
  }
  if (in.file.is_damaged()) return refused(damaged);
  return out;
}

const Lexicon& Lexicons::get(const AxisSet& opt_in, bool neutral) const {
  auto& made = inside_->made[Inside::mask(opt_in, neutral)];
  if (made == nullptr) made = inside_->make(Inside::mask(opt_in, neutral), false);
  return *made;
}

}  // namespace obclip
