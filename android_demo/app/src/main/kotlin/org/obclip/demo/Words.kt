package org.obclip.demo

import android.content.res.Resources
import java.util.Locale
import org.obclip.edge.Accelerator
import org.obclip.edge.AcceleratorError
import org.obclip.edge.BudgetError
import org.obclip.edge.BundleError
import org.obclip.edge.CloudError
import org.obclip.edge.DeadlineError
import org.obclip.edge.Decision
import org.obclip.edge.DeviceError
import org.obclip.edge.Finding
import org.obclip.edge.ImpliedError
import org.obclip.edge.InputError
import org.obclip.edge.LatentError
import org.obclip.edge.LedgerError
import org.obclip.edge.LexiconError
import org.obclip.edge.Mechanism
import org.obclip.edge.MemoryError
import org.obclip.edge.ObclipError
import org.obclip.edge.PrivacyError
import org.obclip.edge.UnreachableError

/** What the app says about mechanisms, choices and errors, in one place; the words are in strings.xml. */
internal class Said(val name: Int, val says: Int)

internal val MECHANISMS: Map<Mechanism, Said> = linkedMapOf(
    Mechanism.AUTO to Said(R.string.m_auto, R.string.m_auto_says),
    Mechanism.CLOSED to Said(R.string.m_closed, R.string.m_closed_says),
    Mechanism.COVER to Said(R.string.m_cover, R.string.m_cover_says),
    Mechanism.NEUTRAL to Said(R.string.m_neutral, R.string.m_neutral_says),
    Mechanism.K_SUBSET to Said(R.string.m_k_subset, R.string.m_k_subset_says),
    Mechanism.CELLS to Said(R.string.m_cells, R.string.m_cells_says),
    Mechanism.LOCAL to Said(R.string.m_local, R.string.m_local_says),
)

internal val ACCELERATORS: Map<Accelerator, Int> =
    linkedMapOf(Accelerator.CPU to R.string.cpu, Accelerator.GPU to R.string.gpu, Accelerator.NPU to R.string.npu)

/** Mechanisms as receipts and candidates name them: "k-subset". */
internal fun Resources.mechanism(name: String): String {
    if (name == "none") return getString(R.string.m_none)
    val known = MECHANISMS.entries.firstOrNull { it.key.name.replace('_', '-').equals(name, ignoreCase = true) }
    return if (known == null) name else getString(known.value.name)
}

/** A message of the core, which knows the command's options, in the words of this app. */
internal fun Resources.translate(message: String): String {
    fun quoted(name: String) = "“${mechanism(name)}”"
    val here = message
        .replace(", raise --max-candidates, or narrow an axis with --domain", "")
        .replace(", or raise it with 'obclip ledger budget'", "")
        .replace(" or choose on_implied: allow (go on knowingly)", getString(R.string.or_choose, getString(R.string.allow)))
        .replace(Regex(" or choose on_implied: .*?\\(go on knowingly\\)"), getString(R.string.or_choose_any))
        .replace(Regex(" \\(epsilon 0[^)]*\\)"), "")
        .replace(Regex("(?:use |with )?--mechanism ([a-z-]+)")) { quoted(it.groupValues[1]) }
    // A file's name stays as it is.
    val begun = if (Regex("^[a-z]+[ ,:]").containsMatchIn(here)) here.replaceFirstChar { it.titlecase(Locale.ROOT) } else here
    return if (begun.isEmpty() || begun.last() in ".!?") begun else getString(R.string.sentence, begun)
}

internal class Choice(val decision: Decision, val name: String, val says: String)

/** The four choices about a finding, in the order they are offered. */
internal fun Resources.choices(finding: Finding): List<Choice> = listOf(
    Choice(Decision.SLOT, getString(R.string.slot),
        if (finding.slot.isEmpty()) getString(R.string.slot_says) else getString(R.string.slot_as_says, finding.slot)),
    if (finding.instead.isEmpty()) Choice(Decision.GENERALISE, getString(R.string.leave_out), getString(R.string.leave_out_says))
    else Choice(Decision.GENERALISE, getString(R.string.generalise), getString(R.string.generalise_says, finding.instead)),
    Choice(Decision.ALLOW, getString(R.string.allow), getString(R.string.allow_says, secret(finding.axis))),
    Choice(Decision.REFUSE, getString(R.string.refuse), getString(R.string.refuse_says)),
)

/** What went wrong, for the screen. [ObclipError.detail] may quote the prompt: it is shown and goes nowhere else. */
internal fun Resources.explain(fault: Exception): Trouble {
    if (fault !is ObclipError) {
        // A message of somebody else's could hold anything.
        return Trouble(R.string.t_unexpected, R.string.t_unexpected_advice, fault.javaClass.simpleName, listOf(Remedy.RETRY))
    }
    val (title, advice, remedies) = when (fault) {
        is ImpliedError -> told(R.string.t_implied, R.string.t_implied_advice, Remedy.EDIT)
        is BudgetError -> told(R.string.t_budget, R.string.t_budget_advice, Remedy.SETTINGS, Remedy.ALONE)
        is PrivacyError -> told(R.string.t_privacy, R.string.t_privacy_advice, Remedy.EDIT, Remedy.SETTINGS, Remedy.ALONE)
        is LedgerError -> told(R.string.t_ledger, R.string.t_ledger_advice, Remedy.SETTINGS, Remedy.RETRY)
        is InputError -> told(R.string.t_input, R.string.t_input_advice, Remedy.EDIT, Remedy.SETTINGS)
        is LexiconError -> told(R.string.t_lexicon, R.string.t_lexicon_advice)
        is BundleError -> told(R.string.t_bundle, R.string.t_bundle_advice, Remedy.MODELS, Remedy.SETTINGS, Remedy.ALONE)
        is UnreachableError -> told(R.string.t_unreachable, R.string.t_unreachable_advice, Remedy.RETRY, Remedy.ALONE, Remedy.SETTINGS)
        is DeadlineError -> told(R.string.t_deadline, R.string.t_deadline_advice, Remedy.RETRY, Remedy.ALONE)
        is LatentError -> told(R.string.t_latent, R.string.t_latent_advice, Remedy.RETRY, Remedy.SETTINGS, Remedy.ALONE)
        is CloudError -> told(R.string.t_cloud, R.string.t_cloud_advice, Remedy.RETRY, Remedy.SETTINGS, Remedy.ALONE)
        is AcceleratorError -> told(R.string.t_accelerator, R.string.t_accelerator_advice, Remedy.SETTINGS)
        is MemoryError, is DeviceError -> told(R.string.t_device, R.string.t_device_advice, Remedy.RETRY, Remedy.SETTINGS)
    }
    return Trouble(title, advice, translate(fault.detail), remedies)
}

private fun told(title: Int, advice: Int, vararg remedies: Remedy) = Triple(title, advice, remedies.toList())
