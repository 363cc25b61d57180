package org.obclip.edge

/**
 * Whatever the SDK raises on purpose, with the names of the reference (`edge_sdk/errors.py`). Cancellation is not among
 * them: a cancelled coroutine ends with its own `CancellationException`.
 *
 * [message] holds no word of a prompt and nothing that a cloud said, so that a crash reporter may keep it. What the
 * person should read is [detail]: show it, and do not log it.
 *
 * @property detail what is wrong and what to do, in plain words; may quote the prompt. Stays on the device.
 * @property exitCode the number that the `obclip` command ends with for this kind.
 */
public sealed class ObclipError(message: String, public val detail: String, public val exitCode: Int) : Exception(message)

/** The person's input cannot be used: prompt, option, path. */
public open class InputError(message: String, detail: String = message) : ObclipError(message, detail, 2)

/** The prompt cannot be hidden with the guarantee asked for; nothing was sent. */
public open class PrivacyError(message: String, detail: String = message) : InputError(message, detail)

/** Words outside the slots give an axis away, and nobody decided about them. Nothing was sent. */
public class ImpliedError(message: String, detail: String = message) : PrivacyError(message, detail)

/** The privacy budget is exhausted; nothing was sent. */
public class BudgetError(message: String, detail: String = message) : PrivacyError(message, detail)

/** The ledger on this device cannot be read or written; nothing was sent. */
public class LedgerError(message: String, detail: String = message) : InputError(message, detail)

/** A pipeline or runtime was used after its `close()`. */
public class ClosedError(message: String) : InputError(message)

/** The compiled lexicon is missing, damaged or of another version; nothing can be read, and nothing was sent. */
public class LexiconError(message: String, detail: String = message) : ObclipError(message, detail, 1)

/** A bundle that is missing, incomplete, altered, or of another kind, version or pair. */
public class BundleError(message: String, detail: String = message) : ObclipError(message, detail, 4)

/** The cloud refused the request, or answered something else than latents. */
public open class CloudError(message: String, detail: String = message) : ObclipError(message, detail, 3)

/** No connection: a wrong name, a refused connection, a certificate that does not fit. Nothing was sent. */
public class UnreachableError(message: String, detail: String = message) : CloudError(message, detail)

/** The whole answer did not come in time, however the time was spent. */
public class DeadlineError(message: String, detail: String = message) : CloudError(message, detail)

/** The connection ended before the whole answer had arrived, on every try. */
public class BrokenOffError(message: String, detail: String = message) : CloudError(message, detail)

/** The cloud answered with an error. @property status its HTTP status. */
public class RefusedError(message: String, detail: String, public val status: Int) : CloudError(message, detail)

/** The cloud's latents cannot be used; the whole set is discarded. */
public class LatentError(message: String, detail: String = message) : CloudError(message, detail)

/** A graph cannot be run on this device, or its numbers went out of range. */
public open class DeviceError(message: String, detail: String = message) : ObclipError(message, detail, 4)

/**
 * The accelerator that was asked for is not there, does not run the whole graph, or crashed when it was started last.
 *
 * @property instead what works here: open the pipeline with it, or ask the person.
 */
public class AcceleratorError(message: String, public val instead: Accelerator) : DeviceError(message)

/** The device has too little free memory for the bundle's graphs. Close other apps, or use a smaller bundle. */
public class MemoryError(message: String) : DeviceError(message)

/** What the core's refusals (`obclip_refusal`) are here. */
internal fun refused(refusal: Int, detail: String, status: Int?): ObclipError = when (refusal) {
    Refusal.PRIVACY -> PrivacyError("the prompt cannot be hidden with the guarantee asked for; nothing was sent", detail)
    Refusal.IMPLIED -> ImpliedError("words outside the slots say who somebody is; nothing was sent", detail)
    Refusal.LEDGER -> LedgerError("the ledger on this device cannot be used; nothing was sent", detail)
    Refusal.BUDGET -> BudgetError("the privacy budget is exhausted; nothing was sent", detail)
    Refusal.LEXICON -> LexiconError("the word lists cannot be used", detail)
    Refusal.BUNDLE -> BundleError("the cloud serves another pair than the edge bundle; no prompt was sent", detail)
    Refusal.CLOUD ->
        if (status == null || status == 200) CloudError("the cloud answers, but not as an ObCLIP engine", detail)
        else RefusedError("the cloud refused the request ($status)", detail, status)
    Refusal.UNREACHABLE -> UnreachableError("the cloud cannot be reached", detail)
    Refusal.DEADLINE -> DeadlineError("the cloud did not answer in time", detail)
    Refusal.LATENT -> LatentError("the cloud's answer cannot be used; the whole set is discarded", detail)
    Refusal.RUNTIME -> DeviceError("a graph gave numbers that are not finite", detail)
    else -> InputError("the prompt or an option cannot be used", detail)
}
