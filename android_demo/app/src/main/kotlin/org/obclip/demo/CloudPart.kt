package org.obclip.demo

import android.app.Activity
import android.graphics.Typeface
import android.text.SpannableStringBuilder
import android.text.Spanned
import android.text.style.StyleSpan
import android.view.View
import android.widget.CheckBox
import android.widget.HorizontalScrollView
import android.widget.TextView
import org.obclip.edge.Candidates

/** What the cloud sees: every candidate, what that promises, and the request to the byte. */
internal class CloudPart(private val screen: Activity) : Part {
    private val store = screen.demo.store
    private var candidates: Candidates? = null
    private var showsBytes = false
    private val brief = screen.small(R.string.receipt_none)
    private val empty = screen.text(R.string.cloud_empty)
    private val guarantee = screen.text()
    private val hints = screen.column()
    private val title = screen.heading(R.string.one_candidate, NORMAL)
    private val mine = CheckBox(screen).apply {
        setText(R.string.mark_mine)
        minHeight = screen.dp(48)
        setOnClickListener {
            store.update { it.copy(preferences = it.preferences.copy(marksMine = isChecked)) }
            screen.demo.keeper.keep(store.state.preferences, store.state.token)
        }
    }
    private val members = screen.column()
    private val notes = screen.column()
    private val facts = screen.text("", SMALL)
    private val code = TextView(screen).apply {
        typeface = Typeface.MONOSPACE
        textSize = 12f
        setTextColor(screen.getColor(R.color.ink))
        setTextIsSelectable(true)
    }
    private val request = HorizontalScrollView(screen).apply {
        contentDescription = screen.getText(R.string.request_content)
        background = screen.rounded(R.color.sunken)
        setPadding(screen.dp(8), screen.dp(8), screen.dp(8), screen.dp(8))
        addView(code)
    }
    private val asText = screen.plainButton(R.string.as_text) { showRequest(false) }
    private val asBytes = screen.plainButton(R.string.as_bytes) { showRequest(true) }
    private val copy = screen.plainButton(R.string.copy) {
        candidates?.let { screen.copy(R.string.request_title, String(it.body, Charsets.UTF_8)) }
    }
    private val body = screen.column().apply {
        put(guarantee, hints, title, mine, members, notes, screen.heading(R.string.request_title, NORMAL), facts,
            screen.row(asText, asBytes, copy), request)
    }

    private val inside = screen.column().apply {
        put(empty, body, screen.heading(R.string.unhidden_title, NORMAL), list(screen.resources.getStringArray(R.array.unhidden).toList()))
    }

    override val view: View = screen.folding(R.string.cloud_title, brief, inside) { fill() }

    override fun show(state: State, before: State) {
        if (state !== before && state.reading === before.reading && state.preferences.marksMine == before.preferences.marksMine) return
        val known = (state.reading as? Reading.Known)?.candidates
        candidates = known
        mine.isChecked = state.preferences.marksMine
        empty.showIf(known == null)
        body.showIf(known != null)
        empty.setText(tellEmpty(state.reading))
        val told = tellBrief(state.reading)
        brief.showIf(told.isNotEmpty())
        brief.text = told
        if (inside.visibility == View.VISIBLE) fill()
    }

    /** Kilobytes of text are laid out only where somebody looks at them. */
    private fun fill() {
        candidates?.let { show(it, store.state.preferences.marksMine) }
    }

    private fun show(known: Candidates, marksMine: Boolean) {
        val words = screen.resources
        val promise = words.getString(R.string.guarantee_of, words.mechanism(known.mechanism), words.epsilon(known.epsilon), known.guarantee)
        guarantee.text = if (known.mechanism == "k-subset") words.getString(R.string.guarantee_example, promise) else promise
        hints.refill(*titled(R.string.hints_title, known.hints.map { (axis, said) -> words.getString(R.string.hint_line, said, words.secret(axis)) }))
        notes.refill(*titled(R.string.notes, known.notes))
        title.text = if (known.members.size == 1) words.getString(R.string.one_candidate) else words.getString(R.string.many_candidates, known.members.size)
        val shared = known.members.map { it.split(' ').toSet() }.reduce { all, one -> all intersect one }
        members.refill(*known.members.mapIndexed { i, member -> line(i, member, shared, marksMine && member == known.trueMember) }.toTypedArray())
        showRequest(showsBytes)
    }

    /** One candidate: what not all have in common stands out. */
    private fun line(index: Int, member: String, shared: Set<String>, isMine: Boolean): View {
        val label = screen.getString(R.string.member, index + 1, member)
        val text = SpannableStringBuilder(if (isMine) screen.getString(R.string.yours, label) else label)
        var at = label.length - member.length
        for (word in member.split(' ')) {
            if (word !in shared) text.setSpan(StyleSpan(Typeface.BOLD), at, at + word.length, Spanned.SPAN_EXCLUSIVE_EXCLUSIVE)
            at += word.length + 1
        }
        return screen.text(text).apply { if (isMine) background = screen.rounded(R.color.accent_tint) }
    }

    private fun showRequest(bytes: Boolean) {
        val known = candidates ?: return
        showsBytes = bytes
        asText.isSelected = !bytes
        asBytes.isSelected = bytes
        asText.isEnabled = bytes
        asBytes.isEnabled = !bytes
        facts.text = screen.getString(R.string.request_facts, screen.resources.bytes(known.body.size.toLong()), known.requestSha256)
        code.text = if (bytes) dumpHex(known.body) else screen.resources.printRequest(known.body)
    }

    private fun titled(id: Int, lines: List<String>): Array<View> =
        if (lines.isEmpty()) emptyArray() else arrayOf(screen.heading(id, NORMAL), list(lines))

    private fun list(lines: List<String>): View = screen.column().apply {
        lines.forEach { put(screen.text(screen.getString(R.string.stage_now, it))) }
    }

    private fun tellBrief(reading: Reading): String = with(screen.resources) {
        if (reading !is Reading.Known) return ""
        val known = reading.candidates ?: return getString(R.string.nothing)
        if (known.mechanism == "none") return getString(R.string.brief_own_words)
        val epsilon = epsilon(known.epsilon)
        if (known.members.size == 1) getString(R.string.brief_candidate, epsilon) else getString(R.string.brief_candidates, known.members.size, epsilon)
    }

    private fun tellEmpty(reading: Reading): Int = when (reading) {
        is Reading.Known -> R.string.cloud_nothing
        is Reading.Asking -> R.string.cloud_asking
        is Reading.Refused -> R.string.cloud_refused
        is Reading.Empty -> R.string.cloud_empty
    }
}
