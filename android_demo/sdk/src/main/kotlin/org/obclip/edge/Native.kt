package org.obclip.edge

/** The calls of `obclip_jni.cc`, one for one. [Core] holds the lock around them and says what they mean. */
internal object Native {
    @JvmStatic external fun abi(): Int
    @JvmStatic external fun coreNew(lexicon: ByteArray, secondLook: ByteArray): Long
    @JvmStatic external fun coreFree(core: Long)
    @JvmStatic external fun lastError(core: Long): ByteArray?
    @JvmStatic external fun optionsNew(core: Long): Long
    @JvmStatic external fun optionsFree(options: Long)
    @JvmStatic external fun set(options: Long, name: ByteArray, value: ByteArray): Int
    @JvmStatic external fun setTokenizer(options: Long, json: ByteArray): Int
    @JvmStatic external fun setLedger(options: Long, bytes: ByteArray, key: ByteArray, now: Long): Int
    @JvmStatic external fun sessionNew(core: Long, options: Long, prompt: ByteArray, seed: Long, coins: ByteArray): Long
    @JvmStatic external fun sessionFree(session: Long)
    @JvmStatic external fun next(session: Long): Int
    @JvmStatic external fun get(session: Long, field: Int, index: Int): ByteArray?
    @JvmStatic external fun number(session: Long, field: Int, index: Int): Double
    @JvmStatic external fun giveDecision(session: Long, finding: Int, decision: ByteArray): Int
    @JvmStatic external fun giveStored(session: Long, stored: Boolean): Int
    @JvmStatic external fun giveResponse(session: Long, status: Int, body: ByteArray): Int
    @JvmStatic external fun giveFailure(session: Long, refusal: Int, message: ByteArray): Int
    @JvmStatic external fun giveFloats(session: Long, values: FloatArray): Int
    @JvmStatic external fun cancel(session: Long): Int
}

/** `obclip_action`. */
internal object Action {
    const val NEEDS_DECISION = 1
    const val DETECTED = 2
    const val STORE = 3
    const val SEND = 4
    const val ENCODE_TEXT = 5
    const val DENOISE = 6
    const val STEP = 7
    const val DECODE = 8
    const val DONE = 9
    const val STOPPED = 10
}

/** `obclip_refusal`. */
internal object Refusal {
    const val INPUT = 1
    const val PRIVACY = 2
    const val IMPLIED = 3
    const val LEDGER = 4
    const val BUDGET = 5
    const val LEXICON = 6
    const val BUNDLE = 7
    const val CLOUD = 8
    const val UNREACHABLE = 9
    const val DEADLINE = 10
    const val LATENT = 11
    const val RUNTIME = 12
    const val CANCELLED = 13
}

/** `obclip_field`. */
internal object Field {
    const val TEMPLATE = 1
    const val MEMBER = 2
    const val AXIS = 3
    const val ATTRIBUTE_AXIS = 4
    const val ATTRIBUTE_SURFACE = 5
    const val ATTRIBUTE_VALUE = 6
    const val NOTE = 7
    const val FINDING_AXIS = 8
    const val FINDING_SURFACE = 9
    const val FINDING_VALUE = 10
    const val FINDING_INSTEAD = 11
    const val FINDING_SLOT = 12
    const val FINDING_WHY = 13
    const val METHOD = 14
    const val PATH = 15
    const val HEADER_NAME = 16
    const val HEADER_VALUE = 17
    const val MESSAGE = 18
    const val REQUEST_SHA256 = 19
    const val MECHANISM = 20
    const val GUARANTEE = 21
    const val HINT_AXIS = 22
    const val HINT_WORDS = 23
    const val LEXICON_VERSION = 24
    const val TRUE_MEMBER = 25
    const val BODY = 40
    const val LEDGER_BYTES = 41
    const val TOKENS = 42
    const val SAMPLE = 43
    const val LATENT_FLOATS = 44
    const val PIXELS = 45
    const val MEMBERS = 60
    const val AXES = 61
    const val ATTRIBUTES = 62
    const val NOTES = 63
    const val FINDINGS = 64
    const val FINDING_START = 65
    const val FINDING_END = 66
    const val HEADERS = 67
    const val ROWS = 68
    const val LENGTH = 69
    const val TIMESTEP = 70
    const val STEP_INDEX = 71
    const val STEPS = 72
    const val WIDTH = 73
    const val HEIGHT = 74
    const val REFUSAL = 75
    const val EPSILON = 77
    const val EPSILON_SPENT = 78
    const val EPSILON_TOTAL = 79
    const val BITS = 80
    const val HINTS = 81
    const val ATTRIBUTE_START = 82
    const val ATTRIBUTE_END = 83
    const val INDEX = 84
    const val EXACT = 85
    const val BYTES_UP = 86
    const val BYTES_DOWN = 87
}
