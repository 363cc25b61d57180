// GPT-2's letters for bytes: visible ones stand for themselves, the others for code points from U+0100 on.
#ifndef OBCLIP_DEVICE_BYTES_AS_LETTERS_H
#define OBCLIP_DEVICE_BYTES_AS_LETTERS_H

namespace obclip {

constexpr bool is_own_letter(unsigned byte) {
  return (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;
}

constexpr char32_t letter_of(unsigned char byte) {
  if (is_own_letter(byte)) return byte;
  char32_t out = 0x100;
  for (unsigned other = 0; other < byte; ++other) out += is_own_letter(other) ? 0 : 1;
  return out;
}

}  // namespace obclip

#endif
