// The plain English words around names: edge_sdk/second_look/data/context.json word for word, which a test holds.
// Made by tests/edge_core/context_data.py.
#include <unordered_map>
#include <unordered_set>

#include "second_look/table.h"

namespace obclip::second_look {
namespace {

const std::unordered_map<View, std::vector<View>>& lists() {
  static const std::unordered_map<View, std::vector<View>> LISTS = {
      {U"particles", {U"van", U"von", U"der", U"den", U"de", U"da", U"di", U"del", U"della", U"du", U"la", U"le",
        U"el", U"al", U"bin", U"ibn", U"ben", U"abu", U"y", U"e", U"ten", U"ter", U"af", U"zu", U"zur", U"st",
        U"saint", U"mc", U"mac", U"o", U"d", U"dos", U"das", U"the", U"and", U"with", U"or", U"x", U"feat", U"vs"}},
      {U"acts", {U"as", U"wearing", U"holding", U"standing", U"sitting", U"who", U"is", U"was", U"has"}},
      {U"made", {U"painting", U"lighting", U"rendering", U"trending", U"featuring", U"painted", U"drawn",
        U"photographed", U"shot", U"directed", U"designed", U"illustrated", U"written", U"composed", U"created",
        U"made", U"inspired", U"influenced", U"rendered", U"sculpted", U"sketched", U"crafted", U"produced",
        U"taken", U"captured", U"filmed", U"animated", U"colored", U"coloured", U"inked", U"lit", U"styled",
        U"imagined", U"generated", U"signed", U"painting", U"drawing", U"art", U"artwork", U"illustration",
        U"photo", U"photograph", U"portrait", U"print", U"poster", U"movie", U"film", U"photography", U"concept",
        U"render", U"cover", U"comic", U"sculpture", U"anime", U"manga", U"style"}},
      {U"beside", {U"stand", U"stands", U"standing", U"sit", U"sits", U"sitting", U"walk", U"walks", U"walking",
        U"lie", U"lies", U"lying", U"pose", U"poses", U"posing", U"wait", U"waits", U"waiting", U"held", U"led",
        U"fed", U"worn", U"ridden", U"driven", U"hugged", U"kissed", U"carried", U"watched", U"followed", U"loved",
        U"surrounded", U"joined", U"accompanied", U"stop", U"stops", U"sleeping", U"sleep", U"kneeling", U"run",
        U"running", U"runs", U"stood", U"sat", U"next", U"near", U"side", U"go", U"goes", U"going", U"passing",
        U"pass", U"passes", U"close"}},
      {U"style_before", {U"style", U"styles", U"stvle", U"works", U"manner", U"spirit", U"vein", U"aesthetic",
        U"tradition"}},
      {U"style_behind", {U"style", U"styled", U"styles", U"aesthetic", U"inspired", U"esque", U"lighting", U"vibe",
        U"vibes", U"palette", U"like", U"artstyle", U"scheme"}},
      {U"pictures", {U"portrait", U"portraits", U"photo", U"photograph", U"picture", U"painting", U"drawing",
        U"sketch", U"image", U"illustration", U"headshot", U"selfie", U"caricature", U"bust", U"statue", U"poster",
        U"render", U"shot", U"photos", U"closeup", U"up", U"still", U"screenshot", U"scene", U"frame",
        U"photoshoot", U"cosplay", U"daguerreotype", U"mugshot", U"profile", U"figure", U"doll"}},
      {U"lettering", {U"reads", U"reading", U"read", U"says", U"saying", U"say", U"text", U"written", U"words",
        U"titled", U"title", U"called", U"caption", U"sign"}},
      {U"origin_verbs", {U"born", U"raised", U"hailing", U"native", U"hails", U"comes", U"coming", U"emigrated",
        U"immigrated", U"migrant", U"refugee"}},
      {U"determiners", {U"a", U"an", U"the", U"this", U"that", U"these", U"those", U"some", U"two", U"three",
        U"four", U"five", U"six", U"several", U"many", U"my", U"your", U"his", U"her", U"their", U"our", U"another",
        U"young", U"old", U"elderly", U"beautiful", U"pretty", U"cute", U"handsome", U"traditional", U"native",
        U"proud", U"tall"}},
      {U"behind_noun", {U"in", U"at", U"on", U"near", U"with", U"and", U"or", U"of", U"by", U"to", U"for", U"from",
        U"standing", U"wearing", U"holding", U"sitting", U"who", U"is"}},
      {U"place_before", {U"in", U"of", U"at", U"near", U"the", U"from", U"to", U"through", U"over", U"across",
        U"around", U"inside", U"outside", U"visit", U"visiting"}},
      {U"suffixes", {U"oid", U"oids", U"ish", U"esque", U"like", U"core", U"punk", U"wave", U"ness", U"less",
        U"ful", U"proof", U"scape", U"ified", U"tastic", U"saurus", U"osity", U"ology", U"ography", U"ations",
        U"ification"}},
      {U"titles", {U"mr", U"mrs", U"ms", U"miss", U"mister", U"dr", U"doctor", U"prof", U"professor", U"sir",
        U"lady", U"lord", U"captain", U"colonel", U"sergeant", U"president", U"senator", U"uncle", U"aunt",
        U"auntie", U"saint", U"st"}},
      {U"plain_gender", {U"woman", U"women", U"man", U"men", U"girl", U"girls", U"boy", U"boys", U"lady", U"ladies",
        U"guy", U"guys", U"male", U"female", U"mother", U"father", U"mom", U"dad", U"sister", U"brother",
        U"daughter", U"son", U"wife", U"husband", U"queen", U"king", U"princess", U"prince", U"girlfriend",
        U"boyfriend", U"bride", U"groom", U"lesbian"}},
      {U"plain_age", {U"child", U"children", U"kid", U"kids", U"baby", U"babies", U"teen", U"teens", U"teenager",
        U"toddler", U"elderly", U"grandma", U"grandpa", U"granny"}},
      {U"plain_ethnicity", {U"asian", U"african", U"latina", U"latino", U"hispanic", U"indian", U"chinese",
        U"japanese", U"korean", U"arab", U"black", U"white"}},
      {U"plain_religion", {U"muslim", U"christian", U"jewish", U"hindu", U"buddhist", U"catholic"}},
      {U"model_kinds", {U"lora", U"lyco", U"lycoris", U"loha", U"locon", U"lokr", U"hypernet", U"ti", U"embedding",
        U"emb", U"wildcard"}},
      {U"model_words", {U"lora", U"loras", U"locon", U"loha", U"lokr", U"lyco", U"lycoris", U"hypernet",
        U"hypernetwork", U"embedding", U"model", U"models", U"style", U"styles", U"offset", U"v", U"ver",
        U"version", U"sd", U"sdxl", U"xl", U"from", U"epoch", U"epochs", U"mix", U"pruned", U"fp", U"safetensors",
        U"final", U"nobody", U"char", U"character", U"chara", U"concept", U"step", U"steps", U"dim", U"conv",
        U"convp", U"linearp", U"ti", U"weighted", U"extract", U"sxz", U"ai", U"hd", U"uhd", U"fix", U"the", U"of",
        U"and", U"no", U"noai", U"test", U"beta", U"alpha", U"rev", U"release"}},
      {U"model_persons", {U"girl", U"girls", U"woman", U"women", U"boy", U"boys", U"man", U"men", U"lady",
        U"ladies", U"male", U"female", U"waifu", U"waifus", U"husbando", U"husbandos", U"loli", U"shota",
        U"likeness", U"girlfriend", U"boyfriend", U"wife", U"husband", U"mother", U"mom", U"milf", U"teen", U"idol",
        U"idols", U"babe", U"gal", U"gals", U"twink", U"nun", U"maid", U"princess", U"queen", U"prince"}},
      {U"model_endings", {U"girl", U"girls", U"woman", U"waifu", U"waifus", U"likeness", U"likenesss", U"lookalike",
        U"girlfriend"}},
      {U"glued_gender", {U"girl", U"girls", U"girlz", U"woman", U"women", U"boy", U"boys", U"waifu", U"waifus",
        U"husbando", U"husbandos", U"girlfriend", U"boyfriend", U"likenessgirl"}},
      {U"glued_age", {U"toddler", U"toddlers", U"schoolgirl", U"schoolboy"}},
      {U"glued_first_gender", {U"girl", U"girls", U"girlz", U"woman", U"women", U"womens", U"mens", U"boy", U"boys",
        U"gay", U"lesbian", U"male", U"males", U"female", U"females", U"lady", U"ladies", U"princess",
        U"princesses", U"mother", U"mothers", U"father", U"fathers", U"husband", U"husbands", U"wife", U"wives",
        U"grandma", U"grandpa", U"grandmother", U"grandfather"}},
      {U"glued_first_religion", {U"hijab", U"hijabi", U"muslim", U"muslims", U"sikh", U"sikhs", U"hindu", U"hindus",
        U"jewish", U"buddhist", U"buddhists", U"catholic", U"catholics", U"mormon", U"mormons", U"nun", U"nuns",
        U"imam", U"imams", U"rabbi", U"rabbis", U"priest", U"priests", U"priestess", U"monk", U"monks"}},
      {U"glued_first_ethnicity", {U"latina", U"latinas", U"latino", U"latinos", U"melanin"}},
      {U"glued_first_disability", {U"wheelchair", U"autistic", U"amputee", U"deaf"}},
      {U"glued_joints", {U"in", U"of", U"at", U"on", U"by", U"to", U"and", U"with", U"who", U"for"}},
      {U"glued_attributes", {U"black", U"white", U"brown", U"asian", U"african", U"indian", U"latin", U"old",
        U"young", U"older", U"younger", U"senior", U"elderly"}},
      {U"glued_nouns", {U"girl", U"girls", U"boy", U"boys", U"man", U"men", U"woman", U"women", U"lady", U"ladies",
        U"guy", U"guys", U"kid", U"kids", U"people"}},
      {U"glued_behind_people", {U"doll", U"girl", U"woman", U"women", U"face", U"beauty", U"likeness", U"model",
        U"lady", U"boy", U"man", U"men", U"people", U"female", U"male", U"person", U"idol", U"geisha", U"geishas"}},
      {U"counted", {U"girl", U"girls", U"boy", U"boys", U"woman", U"women"}},
      {U"person_nouns", {U"person", U"woman", U"man", U"girl", U"boy", U"lady", U"guy"}},
      {U"triggers", {U"sks", U"ohwx", U"zwx", U"zkz", U"rkr", U"uohp", U"skw", U"tgh"}},
      {U"gear", {U"lens", U"lenses", U"camera", U"cameras", U"film", U"shot", U"shots", U"view", U"views",
        U"lighting", U"focus", U"aperture", U"zoom", U"render", U"engine"}},
      {U"printed", {U"outfit", U"onesie", U"tshirt", U"tee", U"jersey", U"hoodie", U"sweatshirt", U"poster",
        U"sticker", U"stickers", U"toy", U"toys", U"figurine", U"figure", U"cosplay", U"costume", U"mug",
        U"lunchbox", U"merch", U"plush", U"plushie", U"backpack", U"keychain", U"funko", U"action", U"lego",
        U"shirt", U"logo", U"banner", U"themed"}},
      {U"rendering", {U"artstation", U"deviantart", U"behance", U"cgsociety", U"pixiv", U"render", U"rendering",
        U"rendered", U"painting", U"illustration", U"concept", U"artwork", U"cgi", U"unreal", U"octane",
        U"redshift", U"photography", U"bokeh", U"3d", U"anime", U"cinematic", U"volumetric", U"trending"}},
      {U"ordinary_series", {U"pattern", U"flower", U"object", U"food", U"animal", U"star", U"sky", U"symbol",
        U"artstyle", U"style", U"artist", U"medium", U"weapon", U"fruit", U"clothes", U"instrument", U"vehicle",
        U"cosplay", U"creature", U"pokemon", U"digimon", U"place"}},
      {U"genres", {U"yuri", U"yaoi", U"shoujo", U"shounen", U"shonen", U"seinen", U"josei", U"ecchi", U"hentai",
        U"mecha", U"isekai", U"iyashikei", U"moe", U"noir"}},
      {U"series_short", {U"lol", U"dbz", U"rwby", U"fgo", U"kof", U"lotr", U"hp", U"got", U"mha", U"bnha", U"jjk",
        U"kny", U"sao", U"nier", U"genshin", U"arknights", U"konosuba", U"dota", U"overwatch", U"valorant",
        U"touhou", U"naruto", U"bleach", U"evangelion", U"eva", U"persona", U"ff", U"ff7", U"re4", U"re2", U"gurps",
        U"tlou", U"csm"}},
      {U"inner_particles", {U"de", U"da", U"di", U"von", U"van", U"der", U"del", U"al", U"el", U"la", U"le", U"bin",
        U"ibn"}},
      {U"works", {U"book", U"books", U"movie", U"film", U"films", U"movies", U"poster", U"game", U"games", U"kart",
        U"costume", U"cosplay", U"outfit", U"universe", U"museum", U"theme", U"logo", U"toy", U"castle", U"street",
        U"avenue", U"bridge", U"airport", U"stadium", U"prize", U"award", U"awards", U"novel", U"biography",
        U"album", U"song", U"concert", U"tour", U"jersey", U"fan", U"fans", U"style", U"styled", U"inspired",
        U"themed", U"series", U"world", U"quote", U"tower", U"building", U"center", U"centre", U"library",
        U"theater", U"theatre", U"pillow", U"mug", U"shirt", U"tshirt", U"overture", U"symphony"}},
      {U"persons", {U"person", U"people", U"persons", U"woman", U"women", U"man", U"men", U"girl", U"girls", U"boy",
        U"boys", U"lady", U"ladies", U"guy", U"guys", U"child", U"children", U"kid", U"kids", U"baby", U"male",
        U"female", U"he", U"she", U"him", U"her", U"his", U"hers", U"himself", U"herself", U"someone", U"somebody",
        U"couple", U"family", U"character", U"face", U"portrait", U"selfie", U"model", U"actor", U"actress",
        U"cosplayer", U"solo"}},
      {U"buildings", {U"bath", U"baths", U"temple", U"temples", U"arch", U"column", U"tomb", U"church",
        U"cathedral", U"palace", U"tower", U"castle", U"gate", U"basilica", U"mausoleum", U"villa", U"forum",
        U"bridge", U"library", U"museum", U"abbey", U"chapel", U"fountain", U"theatre", U"theater"}},
      {U"made_as", {U"painting", U"paintings", U"drawing", U"drawings", U"sketch", U"sketches", U"etching",
        U"print", U"prints", U"style", U"artwork", U"art", U"illustration", U"lighting"}},
      {U"dressed", {U"dressed", U"disguised", U"cosplaying", U"masquerading", U"costumed", U"cosplayed"}},
      {U"joints", {U"and", U"or", U"a", U"an", U"the", U"spider", U"man", U"iron"}},
      {U"traits", {U"hair", U"haired", U"hairstyle", U"hairdo", U"haircut", U"braid", U"braids", U"bangs", U"horns",
        U"horn", U"helmet", U"mask", U"armor", U"armour", U"cape", U"crown", U"ears", U"tail", U"wings", U"makeup",
        U"eyes"}},
  };
  return LISTS;
}

std::unordered_map<View, std::unordered_set<View>> make_sets() {
  std::unordered_map<View, std::unordered_set<View>> sets;
  for (const auto& [name, words] : lists()) sets[name].insert(words.begin(), words.end());
  return sets;
}

}  // namespace

const std::vector<View>& context(View list) {
  static const std::vector<View> NONE;
  const auto found = lists().find(list);
  return found == lists().end() ? NONE : found->second;
}

bool in_context(View list, View word) {
  static const auto SETS = make_sets();
  const auto found = SETS.find(list);
  return found != SETS.end() && found->second.count(word) != 0;
}

}  // namespace obclip::second_look
