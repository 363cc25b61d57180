package org.obclip.demo

import android.app.Activity
import android.app.AlertDialog
import android.view.View
import android.widget.RadioButton
import android.widget.RadioGroup
import android.widget.ScrollView
import org.obclip.edge.Decision
import org.obclip.edge.Finding

/** The question about words that say who somebody is: a dialog, because nothing goes on without an answer. */
internal class FindingsDialog(private val screen: Activity) {
    private var asked: Asked? = null
    private var dialog: AlertDialog? = null

    /** Ask, once for each [now]; without one the question goes. */
    fun show(now: Asked?) {
        if (now === asked) return
        hide()
        asked = now ?: return
        val groups = now.findings.map(::question)
        val body = screen.column(padding = 20)
        body.put(screen.text(R.string.findings_lead))
        now.findings.zip(groups).forEach { (finding, group) ->
            val title = screen.getString(R.string.finding, finding.surface, screen.resources.axis(finding.axis))
            val why = screen.text(screen.resources.translate(finding.why), SMALL)
            group.contentDescription = title
            body.put(screen.text(title).apply { typeface = android.graphics.Typeface.DEFAULT_BOLD }, why, group)
        }
        dialog = AlertDialog.Builder(screen)
            .setTitle(R.string.findings_title)
            .setView(ScrollView(screen).apply { addView(body) })
            .setPositiveButton(R.string.go_on) { _, _ -> now.answer.complete(groups.map { CHOICES[it.checkedRadioButtonId - FIRST] }) }
            .setNegativeButton(R.string.stop) { _, _ -> refuse(now) }
            .setOnCancelListener { refuse(now) }
            .show()
    }

    /** Without an answer: the screen goes, or the run does. */
    fun hide() {
        dialog?.dismiss()
        dialog = null
        asked = null
    }

    private fun refuse(now: Asked) = now.answer.complete(now.findings.map { Decision.REFUSE })

    private fun question(finding: Finding): RadioGroup = RadioGroup(screen).apply {
        for (choice in screen.resources.choices(finding)) {
            addView(RadioButton(screen).apply {
                id = FIRST + CHOICES.indexOf(choice.decision)
                text = screen.getString(R.string.choice, choice.name, choice.says)
                minHeight = screen.dp(48)
                isSaveEnabled = false
                importantForAccessibility = View.IMPORTANT_FOR_ACCESSIBILITY_YES
            })
        }
        check(FIRST)
    }

    private companion object {
        /** Ids of views are above 0. */
        const val FIRST = 1
        val CHOICES = listOf(Decision.SLOT, Decision.GENERALISE, Decision.ALLOW, Decision.REFUSE)
    }
}
