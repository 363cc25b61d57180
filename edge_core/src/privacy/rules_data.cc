// The public rules as data: edge_sdk/privacy/data/rules.json word for word, which a test holds.
#include "privacy/rules.h"

namespace obclip {

const std::vector<Rule>& rules() {
  static const std::vector<Rule> RULES = {
      {
          U"sexual",
          {U"naked", U"nude", U"nudes", U"nudity", U"topless", U"bottomless", U"sexy", U"sexual", U"sexually",
           U"sex", U"erotic", U"erotica", U"porn", U"porno", U"pornographic", U"nsfw", U"hentai", U"lingerie",
           U"underwear", U"panties", U"bikini", U"thong", U"bra", U"seductive", U"seductively", U"lewd",
           U"aroused", U"orgasm", U"genitals", U"breasts", U"nipples", U"undressed", U"undressing",
           U"stripper", U"striptease", U"fetish", U"bdsm", U"bondage", U"provocative pose", U"see-through",
           U"without clothes", U"no clothes", U"unclothed", U"onlyfans", U"busty", U"voluptuous"},
          U"no child may stand in a sexual scene",
          {{U"age", {U"baby", U"infant", U"toddler", U"child", U"kid", U"teenager", U"teen", U"minor", U"youth",
           U"young"}}},
          {U"school", U"schoolgirl", U"schoolboy", U"schoolchild", U"schoolchildren", U"school uniform",
           U"kindergarten", U"kindergartner", U"preschool", U"preschooler", U"nursery", U"playground",
           U"loli", U"lolita", U"shota", U"shotacon", U"lolicon", U"preteen", U"pre-teen", U"tween",
           U"underage", U"under-age", U"minor", U"minors", U"teen", U"teens", U"teenage", U"teenager",
           U"teenagers", U"child", U"children", U"childlike", U"kid", U"kids", U"toddler", U"toddlers",
           U"baby", U"babies", U"infant", U"infants", U"newborn", U"girl", U"girls", U"boy", U"boys",
           U"petite", U"flat-chested", U"pupil", U"pupils"},
          {},
      },
      {
          U"violent",
          {U"murder", U"murdered", U"murdering", U"killing", U"killed", U"kill", U"corpse", U"dead body",
           U"gore", U"gory", U"blood", U"bloody", U"bleeding", U"decapitated", U"beheaded", U"beheading",
           U"dismembered", U"mutilated", U"torture", U"tortured", U"torturing", U"strangled", U"strangling",
           U"stabbed", U"stabbing", U"shot dead", U"executed", U"execution", U"hanged", U"lynched",
           U"massacre", U"beaten", U"beating up", U"abused", U"abuse", U"assault", U"assaulted", U"suicide",
           U"self-harm", U"wounded", U"slaughtered", U"slaughter"},
          U"no child may stand in a violent scene",
          {{U"age", {U"baby", U"infant", U"toddler", U"child", U"kid", U"teenager", U"teen", U"minor", U"youth",
           U"young"}}},
          {},
          {},
      },
      {
          U"defamatory",
          {U"terrorist", U"terrorists", U"terrorism", U"suicide bomber", U"bomber", U"jihadist", U"extremist",
           U"extremists", U"criminal", U"criminals", U"thief", U"thieves", U"rapist", U"rapists",
           U"drug dealer", U"gang member", U"gangster", U"inferior", U"subhuman", U"savage", U"savages",
           U"vermin", U"parasite", U"parasites", U"illegal immigrant", U"illegal immigrants"},
          U"a set over these axes would make defamatory prompts about every group",
          {},
          {},
          {U"religion", U"ethnicity", U"nationality", U"skin_tone", U"disability"},
      },
  };
  return RULES;
}

}  // namespace obclip
