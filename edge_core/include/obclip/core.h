/* ObCLIP's device as a library that does no input or output: the reader, the rules, the mechanisms, the request, the
 * checks of the answer, the hand-over and the sampler. Python's edge_sdk is the reference; the two give the same bytes.
 *
 * The caller asks "what next?" and does it:
 *
 *     obclip_core*    core    = the word lists, opened once                    obclip_core_new
 *     obclip_options* options = what the bundle, the person and the app chose  obclip_options_new, obclip_set
 *     obclip_session* session = one picture                                    obclip_session_new
 *     for (;;) switch (obclip_next(session)) { ... hand the result back with one obclip_give_* ... }
 *
 * The library opens no file and no socket, reads no clock, starts no thread and draws no random number. It keeps no
 * global state. One core may serve any number of sessions, one after the other or interleaved, but two threads must not
 * be inside functions of one core (or of sessions and options of it) at the same time.
 *
 * Conventions. Text is UTF-8 without a final zero; `size` is in bytes. Numbers in buffers are little endian. Whatever a
 * function hands out by pointer belongs to the session, and is good until the next call with that session other than
 * obclip_get_*. Every pointer argument that is NULL, every size that does not fit and every call out of order gives
 * OBCLIP_MISUSE and changes nothing; NULL with the size 0 is an empty buffer, but for floats. Nothing here is undefined
 * behaviour but a pointer that points nowhere, a size that is larger than its buffer, and an object that was freed.
 */
#ifndef OBCLIP_CORE_H
#define OBCLIP_CORE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Raised when a function, a number or a meaning in this header changes. */
#define OBCLIP_ABI 1

#if defined(__wasm__)
#define OBCLIP_API __attribute__((visibility("default")))
#elif defined(_WIN32)
#define OBCLIP_API
#else
#define OBCLIP_API __attribute__((visibility("default")))
#endif

typedef struct obclip_core obclip_core;
typedef struct obclip_options obclip_options;
typedef struct obclip_session obclip_session;

/* What a function returns. */
typedef enum obclip_status {
  OBCLIP_OK = 0,
  OBCLIP_MISUSE = 1,  /* the call breaks this header's rules; obclip_last_error says which */
  OBCLIP_REFUSED = 2, /* the value cannot be used: a damaged word list, an unknown option, a number out of range */
} obclip_status;

/* What is to be done next: the result of obclip_next. In brackets, the fields to read and the call that answers. */
typedef enum obclip_action {
  /* Words outside the slots say who somebody is, and on_implied is "ask": the person decides on each.
   * [FINDINGS and, by index, FINDING_*; obclip_give_decision for each, then obclip_next] */
  OBCLIP_NEEDS_DECISION = 1,
  /* The reading is known: show what the cloud will see. Nothing has been sent.
   * [TEMPLATE, MEMBERS, MEMBER, AXES, ...; no answer: obclip_next goes on] */
  OBCLIP_DETECTED = 2,
  /* A randomised draw or a request is to be entered in the ledger, and is to be on disk before anything is sent.
   * [LEDGER: all of its bytes; obclip_give_stored] */
  OBCLIP_STORE = 3,
  /* Exchange this with the cloud, with the same bytes on every try.
   * [METHOD, PATH, HEADERS and HEADER_*, BODY; obclip_give_response, or obclip_give_failure] */
  OBCLIP_SEND = 4,
  /* Run the text encoder. [TOKENS: int32 [rows, length]; ROWS, LENGTH; obclip_give_floats with the states] */
  OBCLIP_ENCODE_TEXT = 5,
  /* Run the small UNet once, on ROWS copies of the sample with the encoded texts of the same rows (or with row 0 alone).
   * [SAMPLE: float32 [C, H, W]; TIMESTEP; ROWS: 2 with guidance, else 1; obclip_give_floats: [ROWS, C, H, W]] */
  OBCLIP_DENOISE = 6,
  /* One step is done. [STEP, STEPS, TIMESTEP, LATENT: float32 [C, H, W] for a preview; no answer: obclip_next] */
  OBCLIP_STEP = 7,
  /* Run the decoder. [LATENT: float32 [C, H, W], unscaled; obclip_give_floats: [3, S, S] in [-1, 1]] */
  OBCLIP_DECODE = 8,
  /* The picture is done. [PIXELS: RGB bytes [S, S, 3]; WIDTH, HEIGHT; RECEIPT_*, NOTES] */
  OBCLIP_DONE = 9,
  /* No picture. [REFUSAL, EXIT_CODE, MESSAGE] */
  OBCLIP_STOPPED = 10,
} obclip_action;

/* Why there is no picture; the names of the reference's errors. */
typedef enum obclip_refusal {
  OBCLIP_NOT_REFUSED = 0,
  OBCLIP_INPUT = 1,
  OBCLIP_PRIVACY = 2,
  OBCLIP_IMPLIED = 3,
  OBCLIP_LEDGER = 4,
  OBCLIP_BUDGET = 5,
  OBCLIP_LEXICON = 6,
  OBCLIP_BUNDLE = 7,    /* the cloud serves another pair */
  OBCLIP_CLOUD = 8,     /* the cloud refused, or is no ObCLIP engine */
  OBCLIP_UNREACHABLE = 9,
  OBCLIP_DEADLINE = 10,
  OBCLIP_LATENT = 11,   /* what the cloud answered cannot be used */
  OBCLIP_RUNTIME = 12,  /* a graph gave numbers that cannot be used */
  OBCLIP_CANCELLED = 13,
} obclip_refusal;

/* What obclip_get_* can be asked for while an action waits. Fields "by index" take 0 <= index < their count. */
typedef enum obclip_field {
  /* texts */
  OBCLIP_TEMPLATE = 1,
  OBCLIP_MEMBER = 2,           /* by index, 0..MEMBERS-1: what the cloud reads */
  OBCLIP_AXIS = 3,             /* by index, 0..AXES-1 */
  OBCLIP_ATTRIBUTE_AXIS = 4,   /* by index, 0..ATTRIBUTES-1: what was found in the prompt; stays on the device */
  OBCLIP_ATTRIBUTE_SURFACE = 5,
  OBCLIP_ATTRIBUTE_VALUE = 6,
  OBCLIP_NOTE = 7,             /* by index, 0..NOTES-1 */
  OBCLIP_FINDING_AXIS = 8,     /* by index, 0..FINDINGS-1 */
  OBCLIP_FINDING_SURFACE = 9,
  OBCLIP_FINDING_VALUE = 10,
  OBCLIP_FINDING_INSTEAD = 11,
  OBCLIP_FINDING_SLOT = 12,
  OBCLIP_FINDING_WHY = 13,
  OBCLIP_METHOD = 14,
  OBCLIP_PATH = 15,
  OBCLIP_HEADER_NAME = 16,     /* by index, 0..HEADERS-1 */
  OBCLIP_HEADER_VALUE = 17,
  OBCLIP_MESSAGE = 18,
  OBCLIP_REQUEST_SHA256 = 19,
  OBCLIP_MECHANISM = 20,
  OBCLIP_GUARANTEE = 21,
  OBCLIP_HINT_AXIS = 22,       /* by index, 0..HINTS-1: words that stay readable */
  OBCLIP_HINT_WORDS = 23,
  OBCLIP_LEXICON_VERSION = 24,
  OBCLIP_TRUE_MEMBER = 25,     /* stays on the device */
  /* buffers */
  OBCLIP_BODY = 40,
  OBCLIP_LEDGER_BYTES = 41,
  OBCLIP_TOKENS = 42,
  OBCLIP_SAMPLE = 43,
  OBCLIP_LATENT_FLOATS = 44,
  OBCLIP_PIXELS = 45,
  /* numbers */
  OBCLIP_MEMBERS = 60,
  OBCLIP_AXES = 61,
  OBCLIP_ATTRIBUTES = 62,
  OBCLIP_NOTES = 63,
  OBCLIP_FINDINGS = 64,
  OBCLIP_FINDING_START = 65,   /* by index; code points of the prompt as read */
  OBCLIP_FINDING_END = 66,
  OBCLIP_HEADERS = 67,
  OBCLIP_ROWS = 68,
  OBCLIP_LENGTH = 69,
  OBCLIP_TIMESTEP = 70,
  OBCLIP_STEP_INDEX = 71,      /* from 1 */
  OBCLIP_STEPS = 72,
  OBCLIP_WIDTH = 73,
  OBCLIP_HEIGHT = 74,
  OBCLIP_REFUSAL = 75,         /* an obclip_refusal */
  OBCLIP_EXIT_CODE = 76,
  OBCLIP_EPSILON = 77,         /* NaN: there is none */
  OBCLIP_EPSILON_SPENT = 78,
  OBCLIP_EPSILON_TOTAL = 79,   /* NaN: no ledger was asked */
  OBCLIP_BITS = 80,
  OBCLIP_HINTS = 81,
  OBCLIP_ATTRIBUTE_START = 82, /* by index; code points of the prompt as read */
  OBCLIP_ATTRIBUTE_END = 83,
  OBCLIP_INDEX = 84,           /* the row that the device goes on from; stays on the device */
  OBCLIP_EXACT = 85,           /* 1: that row is the truth's */
  OBCLIP_BYTES_UP = 86,
  OBCLIP_BYTES_DOWN = 87,
} obclip_field;

OBCLIP_API uint32_t obclip_abi(void);

/* Open `lexicon.bin` and the second look's table. Their bytes are copied. `*out` is NULL unless OBCLIP_OK. */
OBCLIP_API obclip_status obclip_core_new(const uint8_t* lexicon, size_t lexicon_size, const uint8_t* second_look,
                                         size_t second_look_size, obclip_core** out);
OBCLIP_API void obclip_core_free(obclip_core* core);
/* The version of the word lists, as it stands in every request. */
OBCLIP_API obclip_status obclip_core_lexicon(const obclip_core* core, const uint8_t** text, size_t* size);
/* Why the last call on this core, or with options or a session of it, gave MISUSE or REFUSED. Never NULL: "" if none.
 * With core NULL: of the last obclip_core_new in this process. */
OBCLIP_API obclip_status obclip_last_error(const obclip_core* core, const uint8_t** text, size_t* size);

/* What a session works with. Options start with the reference's defaults; one object may serve many sessions.
 * Values are UTF-8 text; docs/CORE.md lists the names with their meanings:
 *   the bundle's   model, pair_sha256, latent_channels, latent_height, latent_width, image_size, scaling_factor,
 *                  shift_factor, guidance_default, num_train_timesteps, beta_start, beta_end, beta_schedule,
 *                  prediction_type, timestep_spacing, steps_offset, rescale_betas_zero_snr, max_length, bos_id, eos_id,
 *                  pad_id
 *   the run's      steps, cloud_steps, guidance_scale, negative_prompt, sampler, handover, plan, device_stride
 *   the privacy's  mechanism, epsilon, cell_size, max_candidates, on_miss, axes, opt_in, domain.AXIS, strict,
 *                  unspecified, on_implied, second_look
 *   the cloud's    cloud, cloud_checked
 * Lists are separated by commas. Every session checks the whole. */
OBCLIP_API obclip_status obclip_options_new(obclip_core* core, obclip_options** out);
OBCLIP_API void obclip_options_free(obclip_options* options);
OBCLIP_API obclip_status obclip_set(obclip_options* options, const char* name, const uint8_t* value, size_t size);
/* The bundle's tokenizer.json (its vocabulary and merges are read with a reader for this file alone). */
OBCLIP_API obclip_status obclip_set_tokenizer(obclip_options* options, const uint8_t* json, size_t size);
/* The ledger as it was stored last; empty: a new one. `key`: the device's 32 random bytes. `now`: seconds since 1970. */
OBCLIP_API obclip_status obclip_set_ledger(obclip_options* options, const uint8_t* bytes, size_t size,
                                           const uint8_t* key, size_t key_size, int64_t now);

/* One picture. `seed` comes from the operating system's CSPRNG, never from the prompt. `coins` are bytes from there too;
 * k-subset with a ledger needs OBCLIP_COINS of them, the others none (NULL, 0). The options are copied. */
#define OBCLIP_COINS 4096
OBCLIP_API obclip_status obclip_session_new(obclip_core* core, const obclip_options* options, const uint8_t* prompt,
                                            size_t prompt_size, uint64_t seed, const uint8_t* coins, size_t coins_size,
                                            obclip_session** out);
OBCLIP_API void obclip_session_free(obclip_session* session);

/* Go on until something is to be done; returns an obclip_action, or 0 on misuse (an answer is still due). After DONE and
 * STOPPED it returns the same again. */
OBCLIP_API int obclip_next(obclip_session* session);

OBCLIP_API obclip_status obclip_get_text(obclip_session* session, int field, size_t index, const uint8_t** text,
                                         size_t* size);
OBCLIP_API obclip_status obclip_get_bytes(obclip_session* session, int field, const uint8_t** bytes, size_t* size);
OBCLIP_API obclip_status obclip_get_number(obclip_session* session, int field, size_t index, double* value);

/* `decision`: slot, generalise, allow or refuse. All findings need one before obclip_next. */
OBCLIP_API obclip_status obclip_give_decision(obclip_session* session, size_t finding, const char* decision);
OBCLIP_API obclip_status obclip_give_stored(obclip_session* session, int stored);
OBCLIP_API obclip_status obclip_give_response(obclip_session* session, int http_status, const uint8_t* body, size_t size);
/* The cloud could not be asked: OBCLIP_UNREACHABLE or OBCLIP_DEADLINE, with what the person is told. */
OBCLIP_API obclip_status obclip_give_failure(obclip_session* session, int refusal, const uint8_t* message, size_t size);
/* What a graph gave; checked for its count and for numbers that are not finite. */
OBCLIP_API obclip_status obclip_give_floats(obclip_session* session, const float* values, size_t count);

/* End it, whatever waits: obclip_next returns STOPPED with OBCLIP_CANCELLED. Allowed at any time, once or often. */
OBCLIP_API obclip_status obclip_cancel(obclip_session* session);

/* For callers without an allocator of their own (WebAssembly). */
OBCLIP_API void* obclip_alloc(size_t size);
OBCLIP_API void obclip_release(void* block);

#ifdef __cplusplus
}
#endif

#endif
