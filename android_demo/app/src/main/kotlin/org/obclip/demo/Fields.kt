package org.obclip.demo

import android.app.Activity
import android.text.Editable
import android.text.InputType
import android.text.TextWatcher
import android.view.View
import android.widget.EditText
import android.widget.RadioButton
import android.widget.RadioGroup
import android.widget.Switch
import android.widget.TextView

/** One line to type in, with its name above and its help below; what is wrong with it is told as it is typed. */
internal fun Activity.field(label: Int, help: Int?, hint: Int?, kind: Int, value: String, lines: Int = 1, change: (String) -> Wrong?): View {
    val wrong = wrongLine()
    val field = EditText(this).apply {
        id = View.generateViewId()
        inputType = kind
        if (lines > 1) minLines = lines
        if (hint != null) setHint(hint)
        setText(value)
        addTextChangedListener(object : TextWatcher {
            override fun beforeTextChanged(text: CharSequence?, start: Int, count: Int, after: Int) = Unit
            override fun onTextChanged(text: CharSequence?, start: Int, before: Int, count: Int) = Unit
            override fun afterTextChanged(text: Editable) {
                wrong.tell(change(text.toString().trim()))
            }
        })
    }
    val name = heading(label, NORMAL).apply { labelFor = field.id }
    return column().apply { put(*listOfNotNull(name, field, help?.let { small(it) }, wrong).toTypedArray()) }
}

/** Below a field, or several that are right or wrong together. */
internal fun Activity.wrongLine(): TextView = text().live().apply {
    setTextColor(getColor(R.color.bad_ink))
    showIf(false)
}

internal fun TextView.tell(wrong: Wrong?) {
    showIf(wrong != null)
    text = wrong?.let { context.getString(it.text, *it.values) }.orEmpty()
}

internal const val URL = InputType.TYPE_CLASS_TEXT or InputType.TYPE_TEXT_VARIATION_URI
internal const val LINES = URL or InputType.TYPE_TEXT_FLAG_MULTI_LINE
internal const val SECRET = InputType.TYPE_CLASS_TEXT or InputType.TYPE_TEXT_VARIATION_PASSWORD
internal const val PLAIN = InputType.TYPE_CLASS_TEXT or InputType.TYPE_TEXT_FLAG_NO_SUGGESTIONS
internal const val WHOLE = InputType.TYPE_CLASS_NUMBER
internal const val DECIMAL = InputType.TYPE_CLASS_NUMBER or InputType.TYPE_NUMBER_FLAG_DECIMAL

internal fun Activity.switch(label: Int, help: Int, isOn: Boolean, change: (Boolean) -> Unit): View {
    val switch = Switch(this).apply {
        setText(label)
        textSize = NORMAL
        minHeight = dp(48)
        isChecked = isOn
        setOnCheckedChangeListener { _, now -> change(now) }
    }
    return column().apply { put(switch, small(help)) }
}

/** One of several, each with what it means. */
internal fun <T> Activity.choice(title: Int, values: List<T>, chosen: T, say: (T) -> String, change: (T) -> Unit): View {
    val group = RadioGroup(this)
    group.contentDescription = getText(title)
    values.forEachIndexed { i, value ->
        group.addView(RadioButton(this).apply {
            id = i + 1
            text = say(value)
            minHeight = dp(48)
            isSaveEnabled = false
        })
    }
    group.check(values.indexOf(chosen) + 1)
    group.setOnCheckedChangeListener { _, id -> change(values[id - 1]) }
    return group
}
