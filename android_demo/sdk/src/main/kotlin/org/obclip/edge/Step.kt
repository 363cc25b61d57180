package org.obclip.edge

import kotlinx.coroutines.CompletableDeferred

/** The steps of a picture, in their order: ([Undecided],) [Detected], ([Sent], [Received],) [Denoised] for each, [Finished]. */
public sealed interface Step {
    /** Words outside the slots ([findings]) say who somebody is, and [Settings.onImplied] is ASK: the run waits for [decide]. */
    public class Undecided internal constructor(public val findings: List<Finding>) : Step {
        internal val decided = CompletableDeferred<List<Decision>>()

        /**
         * Let the run go on; from any thread, once.
         *
         * @throws InputError not one decision for each finding, in their order.
         */
        public fun decide(decisions: List<Decision>) {
            if (decisions.size != findings.size) throw InputError("one decision for each of the ${findings.size} findings")
            decided.complete(decisions.toList())
        }
    }

    /** The set is known and nothing was sent yet: the last chance to stop. [candidates] is `null` when nothing will be sent. */
    public class Detected internal constructor(public val candidates: Candidates?) : Step

    /** The request is on its way: [bytes] of a body that is the same on every [attempt] (from 1). */
    public class Sent internal constructor(public val bytes: Int, public val attempt: Int) : Step

    /** All latents have arrived ([bytes] of an answer), and one was picked. */
    public class Received internal constructor(public val bytes: Int) : Step

    /** Device step [index] (from 0) of [total] is done, at the model's [timestep]. */
    public class Denoised internal constructor(
        public val index: Int,
        public val total: Int,
        public val timestep: Double,
        private val latent: FloatArray,
        private val draw: suspend (FloatArray) -> Picture,
    ) : Step {
        /** The picture so far: costs a run of the decoder. During the run, or later while the pipeline is open. */
        public suspend fun preview(): Picture = draw(latent)
    }

    /** The [picture] is there, with the record of what left the device ([receipt]). */
    public class Finished internal constructor(public val picture: Picture, public val receipt: Receipt) : Step
}

/**
 * Words that say who somebody is and are in no slot. Stays on the device, and [toString] tells nothing of it.
 *
 * @property axis what they give away, e.g. "religion".
 * @property surface the words as they stand in the prompt.
 * @property value what they hint at most often; "" where that is unknown.
 * @property instead what [Decision.GENERALISE] would write; "" where it is of no use.
 * @property slot what [Decision.SLOT] would hide instead, for a noun such as "grandmother"; else "".
 * @property why in a line for the person.
 * @property start where they stand, in code points of the prompt, and [end] behind them.
 */
public class Finding internal constructor(
    public val axis: String,
    public val surface: String,
    public val value: String,
    public val instead: String,
    public val slot: String,
    public val why: String,
    public val start: Int,
    public val end: Int,
) {
    override fun toString(): String = "Finding"
}

/** An attribute that was found in the prompt: [surface] says [value] on [axis]. Stays on the device. */
public class Attribute internal constructor(public val axis: String, public val surface: String, public val value: String) {
    override fun toString(): String = "Attribute"
}

/**
 * What the cloud will see, and what it will not.
 *
 * @property template the prompt with slots in the attributes' places.
 * @property axes the protected axes, in the grid's order.
 * @property members every prompt that the cloud reads, in the request's order.
 * @property trueMember which of them is the person's own; with [attributes], never leaves the device.
 * @property mechanism what decided the set, with the core's word.
 * @property guarantee what it promises, in a sentence.
 * @property hints words that stay readable, by the axis that they hint at.
 * @property notes what the person should know, in plain words.
 * @property epsilon `null`: there was nothing to protect, or none holds.
 * @property body the exact bytes of the request, and [requestSha256] their hash.
 */
public class Candidates internal constructor(
    public val template: String,
    public val axes: List<String>,
    public val members: List<String>,
    public val trueMember: String,
    public val attributes: List<Attribute>,
    public val mechanism: String,
    public val guarantee: String,
    public val hints: List<Pair<String, String>>,
    public val notes: List<String>,
    public val epsilon: Double?,
    public val body: ByteArray,
    public val requestSha256: String,
) {
    override fun toString(): String = "Candidates(${members.size})"
}

/** A picture: [rgb] has three bytes for each of [width] × [height] points, by rows. */
public class Picture(public val width: Int, public val height: Int, public val rgb: ByteArray) {
    /** As `Bitmap.createBitmap(argb, width, height, ARGB_8888)` takes it. */
    public fun argb(): IntArray = IntArray(width * height) { i ->
        fun channel(c: Int) = rgb[3 * i + c].toInt() and 0xff
        (0xff shl 24) or (channel(0) shl 16) or (channel(1) shl 8) or channel(2)
    }

    override fun toString(): String = "Picture($width x $height)"
}

/**
 * What one run disclosed and took (`edge_sdk/receipt.py`). None of it tells a true value.
 *
 * @property mechanism what decided the set; "local": nothing was sent.
 * @property n candidates sent; 0 for "local".
 * @property epsilonSpent of [epsilon], what is new; [epsilonTotal] is the ledger's sum, `null` without a ledger.
 * @property bits about the values that the choice of what was sent gives away at most.
 * @property guarantee what the mechanism promises, in a sentence.
 * @property hints words that the cloud could read, by the axis that they hint at.
 * @property template the public text that the cloud read; "" for "local".
 * @property axes the protected axes, in the grid's order.
 * @property lexicon the word lists' version.
 * @property steps in all, and [cloudSteps] of them in the cloud.
 * @property seed of the noise, public.
 * @property bytesUp of the request's body, and [bytesDown] of the answer's, in the exchange that succeeded.
 * @property requestSha256 of the exact request's body; "" for "local".
 * @property cloud the address that answered, without its secrets; "" when nothing was sent.
 * @property runtime what ran the graphs, and whether all of them ran on the accelerator.
 * @property ms milliseconds of "detect", "cloud", "finish", "decode" and of all ("total").
 * @property notes what the person should know, in plain words.
 */
public class Receipt internal constructor(
    public val mechanism: String,
    public val epsilon: Double?,
    public val epsilonSpent: Double,
    public val epsilonTotal: Double?,
    public val bits: Double,
    public val guarantee: String,
    public val hints: List<Pair<String, String>>,
    public val n: Int,
    public val template: String,
    public val axes: List<String>,
    public val lexicon: String,
    public val steps: Int,
    public val cloudSteps: Int,
    public val seed: ULong,
    public val bytesUp: Int,
    public val bytesDown: Int,
    public val requestSha256: String,
    public val cloud: String,
    public val runtime: RuntimeReport,
    public val ms: Map<String, Double>,
    public val notes: List<String>,
) {
    override fun toString(): String = "Receipt(mechanism=$mechanism, n=$n, bytesUp=$bytesUp, bytesDown=$bytesDown)"
}
