package org.obclip.demo

import android.app.Activity
import android.content.ClipData
import android.content.ClipboardManager
import android.content.Context
import android.content.res.Resources
import android.view.View
import android.widget.TextView
import org.json.JSONArray
import org.json.JSONObject
import org.obclip.edge.Receipt

private val PHASES = linkedMapOf(
    "detect" to R.string.ms_detect, "cloud" to R.string.ms_cloud, "finish" to R.string.ms_finish,
    "decode" to R.string.ms_decode, "total" to R.string.ms_total,
)

/** What one picture disclosed and took. */
internal class ReceiptPart(private val screen: Activity) {
    private var shown: Receipt? = null
    private val brief = screen.small(R.string.receipt_none)
    private val lines = screen.column()

    private val copy = screen.plainButton(R.string.copy_json) { shown?.let { screen.copy(R.string.receipt, it.json().toString(2)) } }

    val view: View = screen.folding(R.string.receipt, brief, screen.column().apply { put(lines, copy) })

    fun show(receipt: Receipt) {
        shown = receipt
        val words = screen.resources
        brief.text = if (receipt.n == 0) words.getString(R.string.receipt_none)
        else words.getString(R.string.receipt_brief, words.bytes(receipt.bytesUp.toLong()), words.epsilon(receipt.epsilon))
        val views = words.describe(receipt).flatMap { (name, value) -> listOf(screen.small(name), screen.text(value).selectable()) }
        lines.refill(*(views + receipt.notes.map { screen.text(it, SMALL) }).toTypedArray())
    }
}

private fun Resources.describe(receipt: Receipt): List<Pair<Int, String>> = buildList {
    add(R.string.r_mechanism to mechanism(receipt.mechanism))
    add(R.string.r_guarantee to receipt.guarantee)
    if (receipt.n == 0) {
        add(R.string.r_sent to getString(R.string.nothing))
    } else {
        add(R.string.r_loss to tellLoss(receipt))
        add(R.string.r_candidates to receipt.n.toString())
        add(R.string.r_hidden to receipt.axes.joinToString { axis(it) }.ifEmpty { getString(R.string.nothing) })
        add(R.string.r_readable to receipt.hints.joinToString { (axis, words) -> getString(R.string.hint_of, words, axis(axis)) }
            .ifEmpty { getString(R.string.no_known_hint) })
        add(R.string.r_cloud to receipt.cloud)
        add(R.string.r_sent to bytes(receipt.bytesUp.toLong()))
        add(R.string.r_received to bytes(receipt.bytesDown.toLong()))
        add(R.string.r_sha256 to receipt.requestSha256)
    }
    add(R.string.r_steps to getString(R.string.steps_split, receipt.cloudSteps, receipt.steps - receipt.cloudSteps))
    val ran = getString(ACCELERATORS.getValue(receipt.runtime.used))
    add(R.string.r_ran_on to if (receipt.runtime.fullyAccelerated.values.all { it }) ran else getString(R.string.in_part, ran))
    for ((phase, name) in PHASES) receipt.ms[phase]?.let { add(name to time(it)) }
    add(R.string.r_lexicon to receipt.lexicon)
    add(R.string.r_seed to receipt.seed.toString())
}.filter { it.second.isNotEmpty() }

private fun Resources.tellLoss(receipt: Receipt): String {
    val loss = epsilon(receipt.epsilon).let { if (receipt.bits > 0) getString(R.string.loss_bits, it, receipt.bits) else it }
    val (spent, total) = receipt.epsilonSpent to receipt.epsilonTotal
    return when {
        spent <= 0 -> loss
        total == null -> getString(R.string.loss_spent, loss, shortly(spent))
        else -> getString(R.string.loss_spent_total, loss, shortly(spent), shortly(total))
    }
}

/** By the names of the reference (edge_sdk/receipt.py). */
private fun Receipt.json(): JSONObject = JSONObject()
    .put("mechanism", mechanism).put("epsilon", epsilon ?: JSONObject.NULL).put("epsilon_spent", epsilonSpent)
    .put("epsilon_total", epsilonTotal ?: JSONObject.NULL).put("bits", bits).put("guarantee", guarantee)
    .put("hints", JSONArray(hints.map { JSONArray(listOf(it.first, it.second)) }))
    .put("n", n).put("template", template).put("axes", JSONArray(axes)).put("lexicon", lexicon)
    .put("steps", steps).put("cloud_steps", cloudSteps).put("seed", seed.toString())
    .put("bytes_up", bytesUp).put("bytes_down", bytesDown).put("request_sha256", requestSha256).put("cloud", cloud)
    .put("runtime", runtime.runtime).put("accelerator", runtime.used.name.lowercase())
    .put("ms", JSONObject(ms)).put("notes", JSONArray(notes))

internal fun TextView.selectable(): TextView = apply { setTextIsSelectable(true) }

/** To the clipboard, on the person's word. */
internal fun Activity.copy(label: Int, text: String) {
    val board = getSystemService(Context.CLIPBOARD_SERVICE) as ClipboardManager
    board.setPrimaryClip(ClipData.newPlainText(getText(label), text))
    say(R.string.copied)
}
