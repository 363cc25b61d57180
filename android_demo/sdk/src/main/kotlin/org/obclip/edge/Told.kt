package org.obclip.edge

/** What a session tells while an action waits, as the SDK's own values. */
internal fun Session.findings(): List<Finding> = List(count(Field.FINDINGS)) {
    Finding(
        axis = text(Field.FINDING_AXIS, it),
        surface = text(Field.FINDING_SURFACE, it),
        value = text(Field.FINDING_VALUE, it),
        instead = text(Field.FINDING_INSTEAD, it),
        slot = text(Field.FINDING_SLOT, it),
        why = text(Field.FINDING_WHY, it),
        start = number(Field.FINDING_START, it).toInt(),
        end = number(Field.FINDING_END, it).toInt(),
    )
}

/** `null` where nothing will be sent. */
internal fun Session.candidates(): Candidates? {
    val sha256 = text(Field.REQUEST_SHA256)
    if (sha256.isEmpty()) return null
    return Candidates(
        template = text(Field.TEMPLATE),
        axes = texts(Field.AXIS, Field.AXES),
        members = texts(Field.MEMBER, Field.MEMBERS),
        trueMember = text(Field.TRUE_MEMBER),
        attributes = List(count(Field.ATTRIBUTES)) {
            Attribute(text(Field.ATTRIBUTE_AXIS, it), text(Field.ATTRIBUTE_SURFACE, it), text(Field.ATTRIBUTE_VALUE, it))
        },
        mechanism = text(Field.MECHANISM),
        guarantee = text(Field.GUARANTEE),
        hints = hints(),
        notes = texts(Field.NOTE, Field.NOTES),
        epsilon = number(Field.EPSILON).orNull(),
        body = bytes(Field.BODY),
        requestSha256 = sha256,
    )
}

internal fun Session.picture() = Picture(count(Field.WIDTH), count(Field.HEIGHT), bytes(Field.PIXELS))

internal fun Session.receipt(seed: ULong, cloud: String, runtime: RuntimeReport, ms: Map<String, Double>): Receipt {
    val sha256 = text(Field.REQUEST_SHA256)
    val request = if (sha256.isEmpty()) null else JsonReader.read(bytes(Field.BODY)) as Json.Fields
    fun asked(name: String) = (request?.values?.get(name) as? Json.Number)?.digits?.toInt()
    return Receipt(
        mechanism = text(Field.MECHANISM),
        epsilon = number(Field.EPSILON).orNull(),
        epsilonSpent = number(Field.EPSILON_SPENT),
        epsilonTotal = number(Field.EPSILON_TOTAL).orNull(),
        bits = number(Field.BITS),
        guarantee = text(Field.GUARANTEE),
        hints = hints(),
        n = count(Field.MEMBERS),
        template = text(Field.TEMPLATE),
        axes = texts(Field.AXIS, Field.AXES),
        lexicon = text(Field.LEXICON_VERSION),
        steps = asked("steps") ?: count(Field.STEPS),
        cloudSteps = asked("cloud_steps") ?: 0,
        seed = seed,
        bytesUp = count(Field.BYTES_UP),
        bytesDown = count(Field.BYTES_DOWN),
        requestSha256 = sha256,
        cloud = cloud,
        runtime = runtime,
        ms = ms,
        notes = texts(Field.NOTE, Field.NOTES),
    )
}

/** What the cloud is to be asked. */
internal fun Session.outgoing(): Cloud.Request = Cloud.Request(
    method = text(Field.METHOD),
    path = text(Field.PATH),
    headers = List(count(Field.HEADERS)) { text(Field.HEADER_NAME, it) to text(Field.HEADER_VALUE, it) },
    body = if (text(Field.METHOD) == "POST") bytes(Field.BODY) else null,
)

private fun Session.hints() = List(count(Field.HINTS)) { text(Field.HINT_AXIS, it) to text(Field.HINT_WORDS, it) }

/** The core's NaN: there is none. */
private fun Double.orNull() = if (isNaN()) null else this
