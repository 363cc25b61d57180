// Every product is rounded before it is added, as the reference does. CMake says so with a flag (-ffp-contract=off) that
// a Swift package may not carry, and clang fuses the two on arm64 unless it is told here: other bytes would be the result.
#ifndef OBCLIP_EXACT_H
#define OBCLIP_EXACT_H

#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#endif

#endif
