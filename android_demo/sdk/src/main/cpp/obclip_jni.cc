// The device core (edge_core/include/obclip/core.h) for the JVM and Android: bytes in, bytes out, and no logic.
//
// Handles are the core's pointers. A handle of 0 and an array that is null throw IllegalArgumentException; what the core
// says is returned as its status. Texts are UTF-8 bytes, never jstring: Java's "modified UTF-8" is another encoding.
// Nothing here keeps state or knows of threads: Kotlin holds a lock around every call (Core.kt).
#include <jni.h>

#include "obclip/core.h"

namespace {

constexpr jint MISUSE = OBCLIP_MISUSE;
void refuse(JNIEnv* env, const char* what) {
  if (env->ExceptionCheck()) return;
  jclass kind = env->FindClass("java/lang/IllegalArgumentException");
  if (kind != nullptr) env->ThrowNew(kind, what);
}

template <class T>
T* object(JNIEnv* env, jlong handle) {
  if (handle == 0) refuse(env, "the handle is 0: the object was closed");
  return reinterpret_cast<T*>(static_cast<intptr_t>(handle));
}

// A byte array's content, for as long as this lives; `ok` is false after an exception was raised.
class Lent {
 public:
  Lent(JNIEnv* env, jbyteArray array) : env_(env), array_(array) {
    if (array == nullptr) refuse(env, "an array is null");
    if (env->ExceptionCheck()) return;
    size_ = static_cast<size_t>(env->GetArrayLength(array));
    data_ = env->GetByteArrayElements(array, nullptr);  // null: OutOfMemoryError is pending
  }
  ~Lent() {
    if (data_ != nullptr) env_->ReleaseByteArrayElements(array_, data_, JNI_ABORT);
  }
  bool ok() const { return data_ != nullptr; }
  const uint8_t* data() const { return reinterpret_cast<const uint8_t*>(data_); }
  const char* text() const { return reinterpret_cast<const char*>(data_); }
  size_t size() const { return size_; }
  bool ends() const { return ok() && size_ > 0 && data_[size_ - 1] == 0; }  // a C string

 private:
  JNIEnv* env_;
  jbyteArray array_;
  jbyte* data_ = nullptr;
  size_t size_ = 0;
};

// What the core handed out, copied; null where it handed out nothing.
template <class Read>
jbyteArray copied(JNIEnv* env, Read read) {
  const uint8_t* data = nullptr;
  size_t size = 0;
  if (read(&data, &size) != OBCLIP_OK || data == nullptr || size > 0x7fffffff) return nullptr;
  jbyteArray out = env->NewByteArray(static_cast<jsize>(size));
  if (out != nullptr) env->SetByteArrayRegion(out, 0, static_cast<jsize>(size), reinterpret_cast<const jbyte*>(data));
  return out;
}

// A call without an array.
template <class T, class Use>
jint on(JNIEnv* env, jlong handle, Use use) {
  auto* it = object<T>(env, handle);
  return it == nullptr ? MISUSE : static_cast<jint>(use(it));
}

// A call with one array; misuse where an argument cannot be used, and the exception is pending.
template <class T, class Use>
jint lend(JNIEnv* env, jlong handle, jbyteArray array, Use use) {
  return on<T>(env, handle, [&](T* it) {
    const Lent lent(env, array);
    return lent.ok() ? static_cast<jint>(use(it, lent)) : MISUSE;
  });
}

}  // namespace

#define OBCLIP_JNI(type, name) extern "C" JNIEXPORT type JNICALL Java_org_obclip_edge_Native_##name

OBCLIP_JNI(jint, abi)(JNIEnv*, jclass) { return static_cast<jint>(obclip_abi()); }

OBCLIP_JNI(jlong, coreNew)(JNIEnv* env, jclass, jbyteArray lexicon, jbyteArray second_look) {
  const Lent words(env, lexicon);
  if (!words.ok()) return 0;
  const Lent table(env, second_look);
  obclip_core* core = nullptr;
  if (table.ok()) obclip_core_new(words.data(), words.size(), table.data(), table.size(), &core);
  return reinterpret_cast<jlong>(core);
}

// With 0: of the last coreNew.
OBCLIP_JNI(jbyteArray, lastError)(JNIEnv* env, jclass, jlong core) {
  const auto* it = core == 0 ? nullptr : object<obclip_core>(env, core);
  return copied(env, [&](auto* at, auto* size) { return obclip_last_error(it, at, size); });
}

OBCLIP_JNI(jlong, optionsNew)(JNIEnv* env, jclass, jlong core) {
  obclip_options* options = nullptr;
  if (auto* it = object<obclip_core>(env, core)) obclip_options_new(it, &options);
  return reinterpret_cast<jlong>(options);
}

// `name` ends with a zero byte.
OBCLIP_JNI(jint, set)(JNIEnv* env, jclass, jlong options, jbyteArray name, jbyteArray value) {
  return lend<obclip_options>(env, options, name, [&](auto* it, const Lent& word) -> jint {
    const Lent said(env, value);
    return word.ends() && said.ok() ? obclip_set(it, word.text(), said.data(), said.size()) : MISUSE;
  });
}

OBCLIP_JNI(jint, setTokenizer)(JNIEnv* env, jclass, jlong options, jbyteArray json) {
  return lend<obclip_options>(
      env, options, json, [](auto* it, const Lent& file) { return obclip_set_tokenizer(it, file.data(), file.size()); });
}

OBCLIP_JNI(jint, setLedger)(JNIEnv* env, jclass, jlong options, jbyteArray bytes, jbyteArray key, jlong now) {
  return lend<obclip_options>(env, options, bytes, [&](auto* it, const Lent& stored) -> jint {
    const Lent secret(env, key);
    return secret.ok() ? obclip_set_ledger(it, stored.data(), stored.size(), secret.data(), secret.size(), now) : MISUSE;
  });
}

// 0 where the core refuses; lastError says why.
OBCLIP_JNI(jlong, sessionNew)
(JNIEnv* env, jclass, jlong core, jlong options, jbyteArray prompt, jlong seed, jbyteArray coins) {
  obclip_session* made = nullptr;
  auto* with = object<obclip_options>(env, options);
  if (with == nullptr) return 0;
  lend<obclip_core>(env, core, prompt, [&](auto* it, const Lent& text) -> jint {
    const Lent tossed(env, coins);
    return !tossed.ok() ? MISUSE : obclip_session_new(it, with, text.data(), text.size(), static_cast<uint64_t>(seed),
                                                      tossed.data(), tossed.size(), &made);
  });
  return reinterpret_cast<jlong>(made);
}

#define OBCLIP_FREE(name, type, call) \
  OBCLIP_JNI(void, name)(JNIEnv* env, jclass, jlong handle) { if (auto* it = object<type>(env, handle)) call(it); }
OBCLIP_FREE(coreFree, obclip_core, obclip_core_free)
OBCLIP_FREE(optionsFree, obclip_options, obclip_options_free)
OBCLIP_FREE(sessionFree, obclip_session, obclip_session_free)

OBCLIP_JNI(jint, next)(JNIEnv* env, jclass, jlong session) {
  auto* it = object<obclip_session>(env, session);
  return it == nullptr ? 0 : obclip_next(it);
}

// A text by its index, or with an index of -1 a buffer; null where there is none now.
OBCLIP_JNI(jbyteArray, get)(JNIEnv* env, jclass, jlong session, jint field, jint index) {
  auto* it = object<obclip_session>(env, session);
  if (it == nullptr) return nullptr;
  const auto i = static_cast<size_t>(index);
  return copied(env, [&](auto* at, auto* size) {
    return index < 0 ? obclip_get_bytes(it, field, at, size) : obclip_get_text(it, field, i, at, size);
  });
}

OBCLIP_JNI(jdouble, number)(JNIEnv* env, jclass, jlong session, jint field, jint index) {
  double value = 0.0;
  const auto i = static_cast<size_t>(index);
  const jint status = on<obclip_session>(env, session, [&](auto* it) { return obclip_get_number(it, field, i, &value); });
  if (status != OBCLIP_OK) refuse(env, "there is no such number now");
  return value;
}

// `decision` ends with a zero byte.
OBCLIP_JNI(jint, giveDecision)(JNIEnv* env, jclass, jlong session, jint finding, jbyteArray decision) {
  return lend<obclip_session>(env, session, decision, [&](auto* it, const Lent& word) -> jint {
    return word.ends() && finding >= 0 ? obclip_give_decision(it, static_cast<size_t>(finding), word.text()) : MISUSE;
  });
}

OBCLIP_JNI(jint, giveStored)(JNIEnv* env, jclass, jlong session, jboolean stored) {
  return on<obclip_session>(env, session, [&](auto* it) { return obclip_give_stored(it, stored == JNI_TRUE); });
}

#define OBCLIP_GIVE(name, call)                                                                     \
  OBCLIP_JNI(jint, name)(JNIEnv * env, jclass, jlong session, jint what, jbyteArray body) {         \
    return lend<obclip_session>(                                                                    \
        env, session, body, [&](auto* it, const Lent& b) { return call(it, what, b.data(), b.size()); }); \
  }
OBCLIP_GIVE(giveResponse, obclip_give_response)
OBCLIP_GIVE(giveFailure, obclip_give_failure)

OBCLIP_JNI(jint, giveFloats)(JNIEnv* env, jclass, jlong session, jfloatArray values) {
  auto* it = object<obclip_session>(env, session);
  if (it == nullptr) return MISUSE;
  jfloat* data = values == nullptr ? nullptr : env->GetFloatArrayElements(values, nullptr);
  if (data == nullptr) return refuse(env, "an array is null"), MISUSE;
  const obclip_status status = obclip_give_floats(it, data, static_cast<size_t>(env->GetArrayLength(values)));
  env->ReleaseFloatArrayElements(values, data, JNI_ABORT);
  return status;
}

OBCLIP_JNI(jint, cancel)(JNIEnv* env, jclass, jlong session) {
  return on<obclip_session>(env, session, obclip_cancel);
}
