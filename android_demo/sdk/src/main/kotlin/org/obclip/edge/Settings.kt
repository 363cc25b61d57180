package org.obclip.edge

/**
 * The mechanisms that decide what the cloud sees (docs/PRIVACY.md).
 *
 * [AUTO]: [CLOSED] where all ways to fill the prompt are few enough, else [COVER]. [CLOSED]: every way. [COVER]: a fixed
 * public choice of representatives. [CELLS]: one cell of a fixed public partition, which leaks bits. [K_SUBSET]: a random
 * part, drawn once for each template; spends ε. [NEUTRAL]: one prompt without the attributes. [LOCAL]: nothing is sent.
 */
public enum class Mechanism(internal val word: String) {
    AUTO("auto"), CLOSED("closed"), COVER("cover"), CELLS("cells"), K_SUBSET("k-subset"), NEUTRAL("neutral"), LOCAL("local")
}

/**
 * What is done about words outside the slots that say who somebody is: hidden as a slot ([SLOT]), replaced by a word that
 * says less ([GENERALISE]), sent as they are ([ALLOW]), or the prompt is refused ([REFUSE]).
 */
public enum class Decision(internal val word: String) { SLOT("slot"), GENERALISE("generalise"), ALLOW("allow"), REFUSE("refuse") }

/**
 * The same for all findings of a prompt: [SLOT], [GENERALISE], [ALLOW], [REFUSE] as in [Decision]; [ASK] leaves each to the
 * person ([Step.Undecided]).
 */
public enum class OnImplied(internal val word: String) {
    ASK("ask"), SLOT("slot"), GENERALISE("generalise"), ALLOW("allow"), REFUSE("refuse")
}

/**
 * The public parameters of a run; `null` and empty stand for the reference's default. Each is the core's option of that
 * name (docs/PIPELINE.md, docs/PRIVACY.md), and the core checks it.
 *
 * @property steps denoising steps in all, T.
 * @property cloudSteps steps in the cloud, k; 0 sends nothing.
 * @property guidanceScale of classifier-free guidance, 0 to 30; 1: none.
 * @property negativePrompt what the picture is not to show; sent as it is, so it may name no attribute.
 * @property sampler of the steps, e.g. "ddim".
 * @property handover from the cloud's steps to the device's, e.g. "carry".
 * @property plan of the cloud's steps, e.g. "balanced": what they cost and what they keep.
 * @property deviceStride the device asks its model at each of so many steps; 1: at every one.
 * @property mechanism what decides which prompts the cloud sees.
 * @property epsilon privacy loss of one draw; for [Mechanism.K_SUBSET] alone, which needs it and a ledger.
 * @property cellSize choices in a cell at most, for [Mechanism.CELLS].
 * @property maxCandidates prompts that are sent at most, N.
 * @property onMiss where the person's own prompt is not among those sent: begin from the "nearest", or stay "local".
 * @property axes axes to hide; `null`: all that are found.
 * @property optIn axes that are hidden only when asked for, e.g. "profession".
 * @property domains public sub-lists of values, by axis.
 * @property strict refuse words that are no canonical values, instead of moving to the nearest one.
 * @property unspecified hide as well whether a value was given at all.
 * @property onImplied what is done about words outside the slots that say who somebody is.
 */
public data class Settings(
    val steps: Int? = null,
    val cloudSteps: Int? = null,
    val guidanceScale: Double? = null,
    val negativePrompt: String = "",
    val sampler: String? = null,
    val handover: String? = null,
    val plan: String? = null,
    val deviceStride: Int? = null,
    val mechanism: Mechanism = Mechanism.AUTO,
    val epsilon: Double? = null,
    val cellSize: Int? = null,
    val maxCandidates: Int? = null,
    val onMiss: String? = null,
    val axes: List<String>? = null,
    val optIn: List<String> = emptyList(),
    val domains: Map<String, List<String>> = emptyMap(),
    val strict: Boolean = false,
    val unspecified: Boolean = false,
    val onImplied: OnImplied = OnImplied.REFUSE,
) {
    /** By the core's names; what has its default is left out. */
    internal fun values(): Map<String, String> = buildMap {
        fun say(name: String, value: Any?) {
            if (value != null) put(name, "$value")
        }
        say("steps", steps)
        say("cloud_steps", cloudSteps)
        say("guidance_scale", guidanceScale)
        say("negative_prompt", negativePrompt.ifEmpty { null })
        say("sampler", sampler)
        say("handover", handover)
        say("plan", plan)
        say("device_stride", deviceStride)
        say("mechanism", mechanism.word)
        say("epsilon", epsilon)
        say("cell_size", cellSize)
        say("max_candidates", maxCandidates)
        say("on_miss", onMiss)
        say("axes", axes?.joinToString(","))
        say("opt_in", optIn.joinToString(",").ifEmpty { null })
        for ((axis, values) in domains) say("domain.$axis", values.joinToString(","))
        say("strict", strict)
        say("unspecified", unspecified)
        say("on_implied", onImplied.word)
    }

    /** Without the negative prompt, which may say who somebody is. */
    override fun toString(): String = "Settings(steps=$steps, cloudSteps=$cloudSteps, mechanism=$mechanism)"
}
