package org.obclip.demo

import android.app.Activity
import android.content.Context
import android.text.Editable
import android.text.InputFilter
import android.text.InputType
import android.text.TextWatcher
import android.view.Gravity
import android.view.View
import android.view.ViewGroup.LayoutParams.WRAP_CONTENT
import android.view.inputmethod.InputMethodManager
import android.widget.EditText
import android.widget.HorizontalScrollView
import android.widget.LinearLayout
import android.widget.TextView

/** The description: its text field, what was found in it, and what has to be known before it is drawn. */
internal class ComposePart(private val screen: Activity, private val draw: () -> Unit) : Part {
    private val store = screen.demo.store
    private val field = EditText(screen).apply {
        hint = screen.getText(R.string.prompt_hint)
        contentDescription = screen.getText(R.string.compose_title)
        // No suggestions: a keyboard's spelling help may send what is typed to its maker.
        inputType = InputType.TYPE_CLASS_TEXT or InputType.TYPE_TEXT_FLAG_MULTI_LINE or InputType.TYPE_TEXT_FLAG_NO_SUGGESTIONS
        filters = arrayOf(InputFilter.LengthFilter(LONGEST))
        minLines = LINES
        gravity = Gravity.TOP or Gravity.START
        setText(store.state.prompt)
        background = screen.rounded(R.color.surface, R.color.edge)
        setPadding(screen.dp(12), screen.dp(12), screen.dp(12), screen.dp(12))
    }
    private val chips = LinearLayout(screen)
    private val chipsRow = HorizontalScrollView(screen).apply {
        addView(chips)
        contentDescription = screen.getText(R.string.chips_title)
    }
    private val found = screen.small(R.string.found_alone).live()
    private val caution = screen.column(padding = 12).live()
    private val rechoose = screen.plainButton(R.string.choose_again) {
        store.update { it.copy(decisions = Decisions(), trouble = null) }
    }
    private val button = screen.mainButton(R.string.draw, draw)

    override val view: View = screen.column().apply {
        put(screen.heading(R.string.compose_title), field, examples(), chipsRow, found, caution, rechoose, button)
    }

    init {
        field.addTextChangedListener(object : TextWatcher {
            override fun beforeTextChanged(text: CharSequence?, start: Int, count: Int, after: Int) = Unit
            override fun onTextChanged(text: CharSequence?, start: Int, before: Int, count: Int) = Unit
            override fun afterTextChanged(text: Editable) = change(text.toString())
        })
    }

    private fun change(prompt: String) {
        if (prompt == store.state.prompt) return
        store.update {
            val seed = if (it.isSeedSpent) freshSeed() else it.seed
            it.copy(prompt = prompt, decisions = Decisions(), trouble = null, said = null, seed = seed, isSeedSpent = false)
        }
    }

    private fun examples(): View {
        val line = LinearLayout(screen)
        for (example in screen.resources.getStringArray(R.array.examples)) line.addView(chip(example, R.color.sunken, R.color.ink) { field.setText(example) })
        return HorizontalScrollView(screen).apply {
            addView(line)
            contentDescription = screen.getText(R.string.examples_title)
        }
    }

    fun focus() {
        field.requestFocus()
        keyboard().showSoftInput(field, 0)
    }

    fun hideKeyboard() {
        keyboard().hideSoftInputFromWindow(field.windowToken, 0)
    }

    private fun keyboard() = screen.getSystemService(Context.INPUT_METHOD_SERVICE) as InputMethodManager

    override fun show(state: State, before: State) {
        button.isEnabled = state.setup is Setup.Ready && state.run == null && state.prompt.isNotBlank()
        button.setText(if (state.drawsAlone) R.string.draw_here else R.string.draw)
        field.isEnabled = state.run == null
        rechoose.showIf(!state.decisions.isEmpty && state.run == null)
        if (state !== before && state.reading === before.reading) return
        val made = makeChips(state.reading)
        chipsRow.showIf(made.isNotEmpty())
        chips.removeAllViews()
        made.forEach(chips::addView)
        val told = tellFound(state.reading)
        found.showIf(told.isNotEmpty())
        found.text = told
        showCautions(state.reading)
    }

    private fun makeChips(reading: Reading): List<View> {
        fun chip(axis: String, word: String, ground: Int, ink: Int) =
            chip(screen.getString(R.string.chip, screen.resources.axis(axis), word), ground, ink)
        return when (reading) {
            is Reading.Known -> reading.candidates?.attributes.orEmpty().map { chip(it.axis, it.surface, R.color.accent_tint, R.color.accent) }
            is Reading.Asking -> reading.findings.map { chip(it.axis, it.surface, R.color.warn_tint, R.color.warn_ink) }
            else -> emptyList()
        }
    }

    private fun chip(label: String, ground: Int, ink: Int, act: (() -> Unit)? = null): View = TextView(screen).apply {
        text = label
        textSize = SMALL
        setTextColor(screen.getColor(ink))
        background = screen.rounded(ground)
        gravity = Gravity.CENTER
        setPadding(screen.dp(12), screen.dp(6), screen.dp(12), screen.dp(6))
        layoutParams = LinearLayout.LayoutParams(WRAP_CONTENT, WRAP_CONTENT).apply { marginEnd = screen.dp(8) }
        if (act != null) {
            minHeight = screen.dp(48)
            setOnClickListener { if (store.state.run == null) act() }
        }
    }

    private fun tellFound(reading: Reading): String {
        if (reading !is Reading.Known) return ""
        val candidates = reading.candidates ?: return screen.getString(R.string.found_alone)
        return when {
            candidates.members.size > 1 -> screen.getString(R.string.found_one_of, candidates.members.size)
            candidates.attributes.isNotEmpty() -> screen.getString(R.string.found_unsent)
            else -> ""
        }
    }

    private fun showCautions(reading: Reading) {
        val texts = tellCautions(reading)
        val isRefused = reading is Reading.Refused
        caution.showIf(texts.isNotEmpty())
        caution.background = screen.rounded(if (isRefused) R.color.bad_tint else R.color.warn_tint)
        val ink = screen.getColor(if (isRefused) R.color.bad_ink else R.color.warn_ink)
        val views = texts.map { screen.text(it).apply { setTextColor(ink) } as View }
        val choose = if (reading is Reading.Asking) listOf(screen.plainButton(R.string.choose_now) { screen.demo.studio.settle() }) else emptyList()
        caution.refill(*(views + choose).toTypedArray())
    }

    /** What the person has to know before anything is sent. */
    private fun tellCautions(reading: Reading): List<String> = with(screen.resources) {
        when (reading) {
            is Reading.Refused -> listOf(reading.message)
            is Reading.Asking -> reading.findings.map { translate(it.why) } + getString(R.string.asked_before)
            is Reading.Known -> reading.candidates?.let { known ->
                val guarantee = if (known.mechanism in listOf("none", "cells", "k-subset")) listOf(translate(known.guarantee)) else emptyList()
                guarantee + known.hints.map { (axis, words) -> getString(R.string.hint_caution, words, secret(axis)) }
            }.orEmpty()
            Reading.Empty -> emptyList()
        }
    }

    private companion object {
        const val LONGEST = 1000
        const val LINES = 3
    }
}
