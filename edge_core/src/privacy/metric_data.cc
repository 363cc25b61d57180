// How much axes weigh and how common values are: edge_sdk/privacy/data/metric.json, written by
// tests/edge_core/metric_data.py.
#include "privacy/metric.h"

namespace obclip {

const MetricData& metric_data() {
  static const MetricData data{
      4,
      {{U"gender", 8}, {U"age", 8}, {U"disability", 6}, {U"skin_tone", 5}, {U"ethnicity", 4}, {U"body", 4}, {U"hair",
      4}, {U"profession", 8}, {U"religion", 3}, {U"nationality", 2}, {U"name", 2}},
      {U"age", U"skin_tone"},
      {{U"nationality", {{U"indian", 1451}, {U"chinese", 1419}, {U"american", 345}, {U"indonesian", 283},
      {U"pakistani", 251}, {U"nigerian", 233}, {U"brazilian", 212}, {U"bangladeshi", 174}, {U"russian", 145},
      {U"ethiopian", 132}, {U"mexican", 131}, {U"japanese", 124}, {U"egyptian", 117}, {U"filipino", 116},
      {U"congolese", 109}, {U"vietnamese", 101}, {U"iranian", 92}, {U"turkish", 87}, {U"german", 85}, {U"thai", 72},
      {U"british", 69}, {U"tanzanian", 69}, {U"french", 67}, {U"south african", 64}, {U"italian", 59}, {U"kenyan",
      56}, {U"burmese", 55}, {U"colombian", 53}, {U"south korean", 52}, {U"korean", 52}, {U"sudanese", 50},
      {U"ugandan", 50}, {U"spanish", 48}, {U"algerian", 47}, {U"iraqi", 46}, {U"argentine", 46}, {U"argentinian", 46},
      {U"afghan", 43}, {U"yemeni", 41}, {U"canadian", 40}, {U"polish", 39}, {U"moroccan", 38}, {U"angolan", 38},
      {U"ukrainian", 38}, {U"uzbek", 36}, {U"malaysian", 36}, {U"mozambican", 35}, {U"ghanaian", 34}, {U"peruvian",
      34}, {U"saudi", 34}, {U"malagasy", 32}, {U"ivorian", 32}, {U"nepalese", 30}, {U"nepali", 30}, {U"cameroonian",
      29}, {U"venezuelan", 28}, {U"australian", 27}, {U"nigerien", 27}, {U"north korean", 27}, {U"syrian", 25},
      {U"malian", 24}, {U"sri lankan", 23}, {U"taiwanese", 23}, {U"romanian", 19}, {U"chilean", 20}, {U"kazakh", 21},
      {U"guatemalan", 18}, {U"ecuadorian", 18}, {U"senegalese", 19}, {U"dutch", 18}, {U"cambodian", 18}, {U"somali",
      19}, {U"zimbabwean", 17}, {U"bolivian", 12}, {U"belgian", 12}, {U"cuban", 11}, {U"haitian", 12}, {U"jordanian",
      12}, {U"tunisian", 12}, {U"dominican", 11}, {U"swedish", 11}, {U"honduran", 11}, {U"greek", 10}, {U"portuguese",
      10}, {U"azerbaijani", 10}, {U"hungarian", 10}, {U"austrian", 9}, {U"israeli", 9}, {U"swiss", 9}, {U"belarusian",
      9}}}},
  };
  return data;
}

}  // namespace obclip
