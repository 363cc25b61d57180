package org.obclip.demo

import android.app.Activity
import android.content.Context
import android.content.res.ColorStateList
import android.graphics.Typeface
import android.graphics.drawable.GradientDrawable
import android.graphics.drawable.RippleDrawable
import android.os.Build
import android.os.Bundle
import android.view.Gravity
import android.view.MenuItem
import android.view.View
import android.view.ViewGroup
import android.view.ViewGroup.LayoutParams.MATCH_PARENT
import android.view.ViewGroup.LayoutParams.WRAP_CONTENT
import android.view.WindowManager
import android.view.contentcapture.ContentCaptureManager
import android.widget.Button
import android.widget.LinearLayout
import android.widget.ScrollView
import android.widget.TextView

/** What all screens share: one column that scrolls, no screenshots where the person wants none, no saved state. */
internal abstract class DemoActivity : Activity() {
    protected lateinit var column: LinearLayout
        private set

    override fun onCreate(saved: Bundle?) {
        super.onCreate(null)
        if (Build.VERSION.SDK_INT >= FIRST_WITH_CAPTURE) forbidCapture()
        column = column(padding = 16)
        val scroll = ScrollView(this)
        scroll.addView(column)
        setContentView(scroll)
        actionBar?.setDisplayHomeAsUpEnabled(this !is MainActivity)
    }

    /** The system's service for suggestions would be told what is typed. */
    private fun forbidCapture() {
        getSystemService(ContentCaptureManager::class.java)?.setContentCaptureEnabled(false)
    }

    override fun onResume() {
        super.onResume()
        // In another process the store is another one: the file is read.
        val isSecure = demo.keeper.load().preferences.secure
        window.setFlags(if (isSecure) WindowManager.LayoutParams.FLAG_SECURE else 0, WindowManager.LayoutParams.FLAG_SECURE)
    }

    /** What is on the screen may say who somebody is: none of it leaves the process. */
    override fun onSaveInstanceState(out: Bundle) = Unit

    override fun onOptionsItemSelected(item: MenuItem): Boolean {
        if (item.itemId != android.R.id.home) return super.onOptionsItemSelected(item)
        finish()
        return true
    }

    private companion object {
        const val FIRST_WITH_CAPTURE = 29
    }
}

internal fun Context.dp(value: Int): Int = (value * resources.displayMetrics.density + 0.5f).toInt()

internal fun Context.column(padding: Int = 0): LinearLayout = LinearLayout(this).apply {
    orientation = LinearLayout.VERTICAL
    setPadding(dp(padding), dp(padding), dp(padding), dp(padding))
}

internal fun Context.row(vararg views: View): LinearLayout = LinearLayout(this).apply {
    orientation = LinearLayout.HORIZONTAL
    for (view in views) {
        val params = LinearLayout.LayoutParams(0, WRAP_CONTENT, 1f)
        params.marginEnd = if (view === views.last()) 0 else dp(GAP)
        addView(view, params)
    }
}

/** Put below one another, with a gap. */
internal fun LinearLayout.put(vararg views: View) {
    for (view in views) {
        val params = LinearLayout.LayoutParams(MATCH_PARENT, WRAP_CONTENT)
        params.topMargin = context.dp(GAP)
        addView(view, params)
    }
}

internal fun Context.text(id: Int, size: Float = NORMAL): TextView = text(getText(id), size)

internal fun Context.text(value: CharSequence = "", size: Float = NORMAL): TextView = TextView(this).apply {
    text = value
    textSize = size
    setTextColor(getColor(if (size < NORMAL) R.color.soft else R.color.ink))
    setLineSpacing(0f, 1.15f)
}

internal fun Context.heading(id: Int, size: Float = LARGE): TextView = text(id, size).apply { typeface = Typeface.DEFAULT_BOLD }

internal fun Context.small(id: Int): TextView = text(id, SMALL)

internal fun Context.plainButton(id: Int, act: () -> Unit): Button = button(id, R.color.accent_tint, R.color.accent, act)

internal fun Context.mainButton(id: Int, act: () -> Unit): Button = button(id, R.color.accent, R.color.accent_ink, act)

private fun Context.button(id: Int, ground: Int, ink: Int, act: () -> Unit): Button = Button(this).apply {
    setText(id)
    setAllCaps(false)
    minHeight = dp(TOUCH)
    val states = arrayOf(intArrayOf(-android.R.attr.state_enabled), intArrayOf())
    setTextColor(ColorStateList(states, intArrayOf(getColor(R.color.soft), getColor(ink))))
    background = RippleDrawable(ColorStateList.valueOf(getColor(R.color.edge)), rounded(ground), null)
    stateListAnimator = null
    setOnClickListener { act() }
}

internal fun Context.rounded(color: Int, edge: Int? = null): GradientDrawable = GradientDrawable().apply {
    setCornerRadius(dp(12).toFloat())
    setColor(getColor(color))
    if (edge != null) setStroke(dp(1), getColor(edge))
}

/** A box around [views]. */
internal fun Context.card(vararg views: View, color: Int = R.color.surface): LinearLayout = column(padding = 12).apply {
    background = rounded(color, R.color.line)
    put(*views)
}

/** A box whose [body] is shut until its title is tapped, as `<details>` on the page. [opened] is told before it is seen. */
internal fun Context.folding(title: Int, brief: View, body: View, opened: () -> Unit = {}): LinearLayout {
    val head = heading(title)
    head.minHeight = dp(TOUCH)
    head.gravity = Gravity.CENTER_VERTICAL
    fun tell() {
        val isOpen = body.visibility == View.VISIBLE
        head.text = getString(if (isOpen) R.string.open_title else R.string.shut_title, getString(title))
        head.contentDescription = getString(if (isOpen) R.string.open_said else R.string.shut_said, getString(title))
    }
    body.showIf(false)
    tell()
    head.setOnClickListener {
        if (body.visibility != View.VISIBLE) opened()
        body.showIf(body.visibility != View.VISIBLE)
        tell()
    }
    return card(head, brief, body)
}

internal fun View.showIf(shown: Boolean) {
    visibility = if (shown) View.VISIBLE else View.GONE
}

/** Told to a screen reader when it changes. */
internal fun <T : View> T.live(): T = apply { accessibilityLiveRegion = View.ACCESSIBILITY_LIVE_REGION_POLITE }

internal fun ViewGroup.refill(vararg views: View) {
    removeAllViews()
    if (this is LinearLayout) put(*views) else views.forEach(::addView)
}

internal const val SMALL = 14f
internal const val NORMAL = 16f
internal const val LARGE = 20f
private const val GAP = 8
private const val TOUCH = 48
